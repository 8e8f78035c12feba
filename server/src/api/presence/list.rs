//! All reasons.

use api_types::PresenceReason;
use axum::{Json, extract::State};

use crate::{api::error::Error, app::Shared, presence::reason};

/// The house's own reasons not to take calls, in their order.
#[utoipa::path(get, path = "/presence-reasons", tag = "presence", responses((status = 200, body = Vec<PresenceReason>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<PresenceReason>>, Error> {
    let rows = app.store.presence_reasons().await?;
    Ok(Json(rows.into_iter().map(reason).collect()))
}
