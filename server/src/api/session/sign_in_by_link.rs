//! Sign in with a one-time link.

use api_types::{Me, SignInByLink};
use axum::extract::State;
use axum_extra::extract::CookieJar;

use super::begin;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Peer,
    clock::now_ms,
    vault::hash_token,
};

const REFUSED: Error = Error::Refused {
    code: "link_used_up",
    message: "this link was used already or is too old; start Trubka again for a new one, or sign in with your password",
};

/// Sign in with the token of the link the terminal shows; it works once.
#[utoipa::path(
    post, path = "/session/link", tag = "session", request_body = SignInByLink,
    responses((status = 200, body = Me), (status = 401, body = api_types::ApiError)),
)]
pub(crate) async fn sign_in_by_link(
    State(app): State<Shared>,
    Peer(peer): Peer,
    jar: CookieJar,
    Json(body): Json<SignInByLink>,
) -> Result<(CookieJar, axum::Json<Me>), Error> {
    let now = now_ms();
    // Links share one account's limit: they cannot be guessed, this only keeps floods small.
    app.limits
        .attempt("", peer.ip(), now)
        .map_err(Error::TooMany)?;
    let user = app
        .store
        .take_link(&hash_token(&body.token), now)
        .await?
        .ok_or(REFUSED)?;
    let user = app.store.user(user).await?;
    let user = user.filter(|user| user.active).ok_or(REFUSED)?;
    app.limits.succeeded("", peer.ip());
    begin(&app, jar, &user).await
}
