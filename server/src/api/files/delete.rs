//! Delete a file, and bring it back.

use api_types::StoredFile;
use axum::{Json, extract::State, http::StatusCode};

use super::{found, tell, to_file};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Deletes a file; for 30 days `POST /files/{id}/restore` brings it back.
#[utoipa::path(
    delete, path = "/files/{id}", tag = "files", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let row = found(&app, &viewer, id).await?;
    app.store.set_file_deleted(id, Some(now_ms())).await?;
    tell(&app, row).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a deleted file back.
#[utoipa::path(
    post, path = "/files/{id}/restore", tag = "files", params(("id" = String, Path)),
    responses((status = 200, body = StoredFile), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn restore(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<StoredFile>, Error> {
    app.store.set_file_deleted(id, None).await?;
    let row = found(&app, &viewer, id).await?;
    tell(&app, row.clone()).await?;
    Ok(Json(to_file(row)))
}
