//! Headers every answer carries.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use super::csp;
use crate::app::Shared;

const FIXED: [(HeaderName, &str); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "microphone=(self), speaker-selection=(self), unload=(self), camera=(), geolocation=(), payment=()",
    ),
];

/// What keeps a browser from doing more than the app needs.
pub(crate) async fn secure(State(app): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let headers = response.headers_mut();
    for (name, value) in FIXED {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_page && let Ok(policy) = HeaderValue::try_from(policy(&app)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    if app.config.https() {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=31536000"),
        );
    }
    response
}

/// Read each time: a folder's index changes while the app is worked on, and hashing is quick.
fn policy(app: &Shared) -> String {
    let index = app
        .assets
        .get("index.html")
        .map(|index| index.data)
        .unwrap_or_default();
    csp::policy(&String::from_utf8_lossy(&index))
}

/// Answers of the API are not kept, unless they say otherwise.
pub(crate) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}
