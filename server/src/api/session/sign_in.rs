//! Sign in with a password.

use api_types::{Me, SignIn};
use axum::extract::State;
use axum_extra::extract::CookieJar;

use super::begin;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::{Peer, password},
    clock::now_ms,
};

/// The same whether the name or the password is wrong.
const REFUSED: Error = Error::Refused {
    code: "wrong_password",
    message: "wrong sign-in name or password",
};
/// No name is longer; what is, need not be looked up.
const LONGEST_LOGIN: usize = 200;

/// Sign in with name and password. After five wrong attempts each further one has to wait longer.
#[utoipa::path(
    post, path = "/session", tag = "session", request_body = SignIn,
    responses((status = 200, body = Me), (status = 401, body = api_types::ApiError), (status = 429, body = api_types::ApiError)),
)]
pub(crate) async fn sign_in(
    State(app): State<Shared>,
    Peer(peer): Peer,
    jar: CookieJar,
    Json(body): Json<SignIn>,
) -> Result<(CookieJar, axum::Json<Me>), Error> {
    let login = store::fold(&body.login);
    if login.len() > LONGEST_LOGIN {
        return Err(REFUSED);
    }
    app.limits
        .attempt(&login, peer.ip(), now_ms())
        .map_err(Error::TooMany)?;
    let user = app.store.user_by_login(&login).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    let right = password::verify(body.password, hash).await?;
    match user {
        Some(user) if right && user.active => {
            app.limits.succeeded(&login, peer.ip());
            begin(&app, jar, &user).await
        }
        _ => Err(REFUSED),
    }
}
