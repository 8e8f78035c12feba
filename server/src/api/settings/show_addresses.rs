//! Addresses in force.

use api_types::AddressesInForce;
use axum::{Json, extract::State};

use super::in_force;
use crate::{api::error::Error, app::Shared, start::ADDRESSES};

/// The addresses set, and those in force.
#[utoipa::path(get, path = "/settings/addresses", tag = "settings", responses((status = 200, body = AddressesInForce)))]
pub(crate) async fn show_addresses(
    State(app): State<Shared>,
) -> Result<Json<AddressesInForce>, Error> {
    let set = app.store.setting(ADDRESSES).await?.unwrap_or_default();
    Ok(Json(in_force(&app, set)))
}
