//! Take an import back.

use api_types::Undo;
use axum::{Json, extract::State};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    imports,
};

/// Takes an import back: contacts it made are deleted, those it completed become what they were. What was
/// changed or used since stays; `GET /imports/{id}` says how many.
#[utoipa::path(
    post, path = "/imports/{id}/undo", tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = Undo), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn undo(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Undo>, Error> {
    let mut kept = app.imports.find(id).await?;
    let changed = imports::undo(&app, id, &mut kept, &viewer.author()).await?;
    let operation = id.to_string();
    Ok(Json(Undo { operation, changed }))
}
