//! One import.

use api_types::Import;
use axum::{Json, extract::State};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// What was found in the file, what its columns are for, and how far the import is.
#[utoipa::path(
    get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = Import), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show(State(app): State<Shared>, Id(id): Id) -> Result<Json<Import>, Error> {
    Ok(Json(app.imports.find(id).await?.import))
}
