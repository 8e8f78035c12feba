//! What happens by itself.

use api_types::PresenceRules;
use axum::{Json, extract::State};

use crate::app::Shared;

/// What happens to people's states by itself.
#[utoipa::path(get, path = "/settings/presence", tag = "settings", responses((status = 200, body = PresenceRules)))]
pub(crate) async fn show_rules(State(app): State<Shared>) -> Json<PresenceRules> {
    Json(app.presences.rules())
}
