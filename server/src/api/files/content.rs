//! The bytes of a file, whole or in parts.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::Response,
};
use serde::Deserialize;
use tokio::fs::File;
use utoipa::IntoParams;

use super::{found, media, path};
use crate::{
    api::{
        error::Error,
        extract::{Id, Query},
        ranged::{Sent, send},
    },
    app::Shared,
    auth::Viewer,
};

/// How it is sent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct How {
    /// Present: as a file to save.
    download: Option<String>,
}

/// The file: images, PDF, audio and plain text to be shown, everything else to be saved. `Range` is
/// understood.
#[utoipa::path(
    get, path = "/files/{id}/content", tag = "files", params(("id" = String, Path), How),
    responses(
        (status = 200, description = "All of it", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, description = "The part asked for", content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The copy at hand is good"),
        (status = 404, body = api_types::ApiError), (status = 416, body = api_types::ApiError),
    ),
)]
pub(crate) async fn content(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Query(how): Query<How>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let row = found(&app, &viewer, id).await?;
    let file = File::open(path(&app, id))
        .await
        .map_err(|_| Error::NotFound("file"))?;
    let is_shown = media::is_shown(&row.media_type) && how.download.is_none();
    let way = if is_shown { "inline" } else { "attachment" };
    let sent = Sent {
        etag: format!("\"{}\"", id.simple()),
        disposition: disposition(way, &row.name),
        media_type: row.media_type,
    };
    let mut response = send(file, &sent, &headers).await?;
    let policy = HeaderValue::from_static(policy(&sent.media_type));
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// Nothing in it runs, and nothing is fetched. Chromium shows no PDF in a sandbox; it has one of its own.
fn policy(media_type: &str) -> &'static str {
    match media_type {
        "application/pdf" => "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'",
        _ => {
            "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox"
        }
    }
}

/// With the name in letters everybody reads and in all its letters (RFC 6266, RFC 8187).
fn disposition(way: &str, name: &str) -> String {
    let plain = |c: char| match c {
        '"' | '\\' | '%' => '_',
        c if c.is_ascii_graphic() || c == ' ' => c,
        _ => '_',
    };
    let ascii: String = name.chars().map(plain).collect();
    let mut encoded = String::new();
    for b in name.bytes() {
        match b {
            b if b.is_ascii_alphanumeric() || b"-._~".contains(&b) => encoded.push(char::from(b)),
            b => encoded.push_str(&format!("%{b:02X}")),
        }
    }
    format!("{way}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_every_script_are_written_so_that_a_header_holds_them() {
        assert_eq!(
            disposition("inline", "Счёт \"5\".pdf"),
            "inline; filename=\"____ _5_.pdf\"; filename*=UTF-8''%D0%A1%D1%87%D1%91%D1%82%20%225%22.pdf"
        );
    }
}
