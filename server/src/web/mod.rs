//! The app's files.

pub(crate) mod assets;
pub(crate) mod csp;
pub(crate) mod headers;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{api::error::Error, app::Shared};
use assets::Asset;

/// Files whose name holds a hash of their content never change.
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Others are asked for again each time; an unchanged one costs a 304.
const ASK_AGAIN: &str = "no-cache";

/// A file of the app; every other path without a dot is one of the app's own pages.
pub(crate) async fn serve(State(app): State<Shared>, request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Error::Unreadable {
            status: StatusCode::METHOD_NOT_ALLOWED,
            message: "only GET works here; the API is at /api/v1".to_owned(),
        }
        .into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let is_page = path.is_empty() || !path.rsplit('/').next().unwrap_or(path).contains('.');
    let name = if is_page { "index.html" } else { path };
    match app.assets.get(name) {
        Some(asset) => send(
            &app.assets.get(&format!("{name}.br")),
            asset,
            name,
            request.headers(),
        ),
        None if is_page => missing_app(),
        None => (StatusCode::NOT_FOUND, "There is no such file.\n").into_response(),
    }
}

fn send(brotli: &Option<Asset>, asset: Asset, name: &str, asked: &HeaderMap) -> Response {
    let accepts = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("");
    let accepts_brotli = accepts
        .split(',')
        .any(|coding| coding.split(';').next().unwrap_or("").trim() == "br");
    let (body, coding) = match brotli {
        Some(brotli) if accepts_brotli => (brotli.clone(), Some("br")),
        _ => (asset, None),
    };
    let same = asked
        .get(header::IF_NONE_MATCH)
        .is_some_and(|tag| tag.as_bytes() == body.etag.as_bytes());
    let mut response = if same {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(body.data).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(assets::media_type(name)),
    );
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    let caching = if is_hashed(name) { FOREVER } else { ASK_AGAIN };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    if let Ok(tag) = HeaderValue::try_from(body.etag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(coding) = coding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    response
}

/// `app-1a2b3c4d5e6f7a8b_bg.wasm`: a dash and eight hexadecimal digits or more.
fn is_hashed(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.split(['-', '_', '.'])
        .skip(1)
        .any(|part| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn missing_app() -> Response {
    const PAGE: &str = "<!doctype html><meta charset=utf-8><title>Trubka</title>\
        <p>The server runs, but it was built without the app. Run <code>cargo xtask run</code>, \
        or name the app's folder with <code>--dist</code>.</p>\n";
    let headers = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, PAGE).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(is_hashed("app-1a2b3c4d5e6f7a8b_bg.wasm"));
        assert!(is_hashed("style-0123456789abcdef.css"));
        for name in ["index.html", "sw.js", "inter-latin.woff2", "watchdog.js"] {
            assert!(!is_hashed(name), "{name}");
        }
    }
}
