//! All blocked numbers.

use api_types::BlockedNumber;
use axum::{Json, extract::State};

use super::show;
use crate::{api::error::Error, app::Shared};

/// Blocked numbers, the newest first.
#[utoipa::path(get, path = "/blocked-numbers", tag = "numbers", responses((status = 200, body = Vec<BlockedNumber>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<BlockedNumber>>, Error> {
    let rows = app.store.blocked_numbers().await?;
    Ok(Json(rows.into_iter().map(show).collect()))
}
