//! Sign out.

use axum::{extract::State, http::StatusCode};
use axum_extra::extract::CookieJar;

use crate::{api::error::Error, app::Shared, auth::cookie, vault::hash_token};

/// Ends the session; its telephone rings no more and may not register again. A call that runs goes on.
#[utoipa::path(delete, path = "/session", tag = "session", responses((status = 204)))]
pub(crate) async fn sign_out(
    State(app): State<Shared>,
    jar: CookieJar,
) -> Result<(CookieJar, StatusCode), Error> {
    if let Some(token) = cookie::read(&jar, &app.config) {
        let hash = hash_token(&token);
        let ended = app.switchboard.end_session(&hash);
        app.store.end_session(&hash).await?;
        app.drop_phones(&ended);
    }
    Ok((cookie::clear(jar, &app.config), StatusCode::NO_CONTENT))
}
