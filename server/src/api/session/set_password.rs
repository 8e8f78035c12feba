//! Set or change one's password.

use api_types::SetPassword;
use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::{Peer, Viewer, password},
    clock::now_ms,
};

/// Sets one's password. Other sessions of this user end, and their telephones
/// ring no more.
#[utoipa::path(
    put, path = "/me/password", tag = "session", request_body = SetPassword,
    responses((status = 204), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_password(
    State(app): State<Shared>,
    Peer(peer): Peer,
    viewer: Viewer,
    Json(body): Json<SetPassword>,
) -> Result<StatusCode, Error> {
    password::check_new(&body.new)?;
    if let Some(hash) = viewer.user.password_hash.clone() {
        app.limits
            .attempt(&viewer.user.login, peer.ip(), now_ms())
            .map_err(Error::TooMany)?;
        let current = body.current.unwrap_or_default();
        if !password::verify(current, Some(hash)).await? {
            return Err(Error::invalid(
                "wrong_password",
                "current",
                "the present password is wrong",
            ));
        }
        app.limits.succeeded(&viewer.user.login, peer.ip());
    }
    let hash = password::hash(body.new).await?;
    app.store
        .set_password(viewer.id(), hash, &viewer.session_hash)
        .await?;
    let ended = app
        .switchboard
        .end_other_sessions(viewer.id(), &viewer.session_hash);
    app.drop_phones(&ended);
    Ok(StatusCode::NO_CONTENT)
}
