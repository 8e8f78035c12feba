//! Set the public addresses.

use std::net::IpAddr;

use api_types::{Addresses, AddressesInForce};
use axum::extract::State;
use sip_gateway::SipAddress;

use super::in_force;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    start::{ADDRESSES, gateway_addresses},
};

/// Sets the addresses other machines reach this server at. Empty: found by itself.
#[utoipa::path(
    put, path = "/settings/addresses", tag = "settings", request_body = Addresses,
    responses((status = 200, body = AddressesInForce), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_addresses(
    State(app): State<Shared>,
    Json(mut wanted): Json<Addresses>,
) -> Result<axum::Json<AddressesInForce>, Error> {
    wanted.sip_public = wanted.sip_public.trim().to_owned();
    if !wanted.sip_public.is_empty() {
        let read: Result<SipAddress, String> = wanted.sip_public.parse();
        read.map_err(|error| Error::invalid("bad_address", "sip_public", error))?;
    }
    for address in &mut wanted.media_public {
        *address = address.trim().to_owned();
        if address.parse::<IpAddr>().is_err() {
            let message = format!("{address:?} is not an IP address, for example 203.0.113.5");
            return Err(Error::invalid("bad_address", "media_public", message));
        }
    }
    app.store.set_setting(ADDRESSES, &wanted).await?;
    app.gateway.set_addresses(gateway_addresses(&wanted));
    Ok(axum::Json(in_force(&app, wanted)))
}
