//! Signing in and out.

pub(super) mod set_password;
pub(super) mod set_presence;
pub(super) mod show;
pub(super) mod show_presence;
pub(super) mod sign_in;
pub(super) mod sign_in_by_link;
pub(super) mod sign_out;

use api_types::Me;
use axum::Json;
use axum_extra::extract::CookieJar;
use store::entity::user;

use super::error::Error;
use crate::{
    app::App,
    auth::{cookie, viewer::role},
    clock::now_ms,
    vault,
};

/// Begins a session: the cookie, and who it is.
async fn begin(
    app: &App,
    jar: CookieJar,
    user: &user::Model,
) -> Result<(CookieJar, Json<Me>), Error> {
    let token = vault::token()?;
    let now = now_ms();
    let until = now + cookie::SESSION_SECS * 1000;
    app.store
        .add_session(vault::hash_token(&token), user.id, now, until)
        .await?;
    Ok((cookie::set(jar, &app.config, token), Json(me(app, user))))
}

fn me(app: &App, user: &user::Model) -> Me {
    Me {
        id: user.id.to_string(),
        login: user.login.clone(),
        name: user.name.clone(),
        role: role(&user.role),
        extension: user.extension.clone(),
        has_password: user.password_hash.is_some(),
        demo: app.test_network.is_some(),
    }
}
