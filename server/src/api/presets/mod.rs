//! Providers whose settings are known.

use api_types::Preset;
use axum::Json;

use crate::lines::presets;

/// All presets, by name.
#[utoipa::path(get, path = "/presets", tag = "lines", responses((status = 200, body = Vec<Preset>)))]
pub(crate) async fn list() -> Json<&'static [Preset]> {
    Json(presets::all())
}
