//! Start an import.

use api_types::Import;
use axum::{Json, extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    imports,
};

/// Imports the file in the background; `GET /imports/{id}` says how far it is. One that stopped goes on
/// where it was.
#[utoipa::path(
    post, path = "/imports/{id}/start", tag = "imports", params(("id" = String, Path)),
    responses((status = 202, body = Import), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn start(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<(StatusCode, Json<Import>), Error> {
    let kept = app.imports.find(id).await?;
    let kept = imports::start(&app, id, kept).await?;
    Ok((StatusCode::ACCEPTED, Json(kept.import)))
}
