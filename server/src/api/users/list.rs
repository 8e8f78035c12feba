//! Everybody.

use api_types::User;
use axum::{Json, extract::State};

use super::show;
use crate::{api::error::Error, app::Shared};

/// Everybody, by extension and name.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = Vec<User>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<User>>, Error> {
    let groups = app.store.groups().await?;
    let users = app.store.users().await?;
    Ok(Json(users.iter().map(|user| show(user, &groups)).collect()))
}
