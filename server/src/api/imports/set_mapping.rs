//! What the columns of a file are for.

use api_types::{Import, ImportMapping, ImportState};
use axum::extract::State;

use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    imports,
};

/// Sets what the columns are for and what becomes of duplicates; the answer shows what the first rows
/// become, and what is wrong with them.
#[utoipa::path(
    put, path = "/imports/{id}/mapping", tag = "imports", params(("id" = String, Path)),
    request_body = ImportMapping,
    responses((status = 200, body = Import), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_mapping(
    State(app): State<Shared>,
    Id(id): Id,
    Json(mapping): Json<ImportMapping>,
) -> Result<axum::Json<Import>, Error> {
    let mut kept = app.imports.find(id).await?;
    if kept.import.progress.state != ImportState::Ready {
        return Err(Error::Conflict {
            code: "started",
            field: None,
            message: "this import was started already; upload the file again to read it otherwise"
                .to_owned(),
        });
    }
    imports::set_mapping(&app, id, &mut kept, mapping).await?;
    app.imports.keep(id, &kept).await?;
    Ok(axum::Json(kept.import))
}
