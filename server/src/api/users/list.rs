//! Everybody.

use api_types::User;
use axum::{Json, extract::State};

use super::show;
use crate::{api::error::Error, app::Shared, auth::Admin};

/// Everybody, by extension and name.
#[utoipa::path(get, path = "/users", tag = "users", responses((status = 200, body = Vec<User>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    _admin: Admin,
) -> Result<Json<Vec<User>>, Error> {
    Ok(Json(app.store.users().await?.iter().map(show).collect()))
}
