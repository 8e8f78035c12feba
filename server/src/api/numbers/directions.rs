//! The list of directions people tick.

use api_types::DirectionGroup;
use axum::{Json, extract::State};

use crate::app::Shared;

/// Countries by part of the world, home first. Names of countries are made by the reader from
/// their codes (ISO 3166).
#[utoipa::path(get, path = "/numbers/directions", tag = "numbers", responses((status = 200, body = Vec<DirectionGroup>)))]
pub(crate) async fn directions(State(app): State<Shared>) -> Json<Vec<DirectionGroup>> {
    Json(numbering::directions(
        app.switchboard.office().rules.country(),
    ))
}
