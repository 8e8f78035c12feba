//! How the house works.

use api_types::WorkSettings;
use axum::{Json, extract::State};

use crate::app::Shared;

/// Pipelines, results, fields, tables, rules: what pages and cards need to know.
#[utoipa::path(get, path = "/work", tag = "work", responses((status = 200, body = WorkSettings)))]
pub(crate) async fn show(State(app): State<Shared>) -> Json<WorkSettings> {
    Json(app.work.now().as_ref().clone())
}
