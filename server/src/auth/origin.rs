//! Requests of other sites: refused when they would change something, or open the telephone.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::{api::error::Error, app::Shared, config::Config};

/// Unsafe methods only from our own origin. Programs that send no Origin have no cookies to steal.
pub(crate) async fn guard(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    let foreign = is_cross_site(request.headers()) || !is_own(request.headers(), &app.config);
    if foreign && !safe {
        return Error::ForeignOrigin.into_response();
    }
    next.run(request).await
}

/// Whether a WebSocket may be opened: own origin, one of the list, or none at all.
pub(crate) fn may_open_socket(headers: &HeaderMap, config: &Config) -> bool {
    let listed = |origin: &str| {
        config
            .sip_origins
            .iter()
            .any(|listed| listed.trim_end_matches('/') == origin)
    };
    is_own(headers, config) || text(headers, &header::ORIGIN).is_some_and(listed)
}

/// Without an Origin header, or with one that names the host the request was sent to.
fn is_own(headers: &HeaderMap, config: &Config) -> bool {
    if !headers.contains_key(header::ORIGIN) {
        return true;
    }
    let Some(origin) = text(headers, &header::ORIGIN) else {
        return false;
    };
    if config.public_url.as_deref() == Some(origin) {
        return true;
    }
    let Some((_, authority)) = origin.split_once("://") else {
        return false;
    };
    text(headers, &header::HOST).is_some_and(|host| host.eq_ignore_ascii_case(authority))
}

/// Browsers say so themselves, even where they send no Origin.
fn is_cross_site(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

fn text<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
