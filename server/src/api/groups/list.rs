//! All groups.

use api_types::Group;
use axum::{Json, extract::State};

use super::show;
use crate::{api::error::Error, app::Shared};

/// All groups, by name.
#[utoipa::path(get, path = "/groups", tag = "users", responses((status = 200, body = Vec<Group>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<Group>>, Error> {
    let rows = app.store.groups().await?;
    Ok(Json(rows.into_iter().map(show).collect()))
}
