//! Block a number no longer.

use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Lets calls from a number through again.
#[utoipa::path(
    delete, path = "/blocked-numbers/{id}", tag = "numbers", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn unblock(State(app): State<Shared>, Id(id): Id) -> Result<StatusCode, Error> {
    if !app.store.unblock_number(id).await? {
        return Err(Error::NotFound("blocked number"));
    }
    app.reload_office().await?;
    Ok(StatusCode::NO_CONTENT)
}
