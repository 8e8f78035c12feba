//! Delete a group.

use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Deletes a group; its members stay. Plans that name it pass it over.
#[utoipa::path(
    delete, path = "/groups/{id}", tag = "users", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(State(app): State<Shared>, Id(id): Id) -> Result<StatusCode, Error> {
    if !app.store.delete_group(id).await? {
        return Err(Error::NotFound("group"));
    }
    app.reload_office().await?;
    Ok(StatusCode::NO_CONTENT)
}
