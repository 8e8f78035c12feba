//! Over which lines calls go out.

use api_types::OutgoingOrder;
use axum::{Json, extract::State};

use crate::{api::error::Error, app::Shared};

/// The order of lines.
#[utoipa::path(get, path = "/settings/outgoing", tag = "numbers", responses((status = 200, body = OutgoingOrder)))]
pub(crate) async fn show_outgoing(State(app): State<Shared>) -> Result<Json<OutgoingOrder>, Error> {
    Ok(Json(app.switchboard.office().order.clone()))
}
