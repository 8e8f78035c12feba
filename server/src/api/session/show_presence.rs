//! What one says of oneself.

use api_types::Presence;
use axum::{Json, extract::State};

use crate::{app::Shared, auth::Viewer};

/// Whether one takes calls, as one said last.
#[utoipa::path(get, path = "/me/presence", tag = "session", responses((status = 200, body = Presence)))]
pub(crate) async fn show_presence(State(app): State<Shared>, viewer: Viewer) -> Json<Presence> {
    Json(app.presences.of(viewer.id()))
}
