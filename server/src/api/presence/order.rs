//! The order of the reasons.

use api_types::PresenceReason;
use axum::extract::State;
use uuid::Uuid;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    presence::reason,
};

/// Puts the reasons into an order: their ids, first to last.
#[utoipa::path(
    put, path = "/presence-reasons", tag = "presence", request_body = Vec<String>,
    responses((status = 200, body = Vec<PresenceReason>), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn order(
    State(app): State<Shared>,
    Json(ids): Json<Vec<String>>,
) -> Result<axum::Json<Vec<PresenceReason>>, Error> {
    let read = ids.iter().map(|id| id.parse::<Uuid>());
    let order = read.collect::<Result<Vec<_>, _>>();
    let order =
        order.map_err(|_| Error::invalid("no_reason", "ids", "give the ids of the reasons"))?;
    app.store.order_presence_reasons(&order).await?;
    let rows = app.store.presence_reasons().await?;
    Ok(axum::Json(rows.into_iter().map(reason).collect()))
}
