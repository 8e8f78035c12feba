//! What the far end saw.

use api_types::FarCall;
use axum::{Json, extract::State};

use super::{network, show};
use crate::{api::error::Error, app::Shared};

/// The last 200 calls as the far end saw them, newest last.
#[utoipa::path(get, path = "/test-network/calls", tag = "test network", responses((status = 200, body = Vec<FarCall>)))]
pub(crate) async fn list_calls(State(app): State<Shared>) -> Result<Json<Vec<FarCall>>, Error> {
    let calls = network(&app)?.calls();
    Ok(Json(calls.into_iter().map(show).collect()))
}
