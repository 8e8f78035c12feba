//! Remove a reason.

use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Removes a reason; whoever has it now keeps it until he says something else.
#[utoipa::path(
    delete, path = "/presence-reasons/{id}", tag = "presence", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(State(app): State<Shared>, Id(id): Id) -> Result<StatusCode, Error> {
    if !app.store.delete_presence_reason(id).await? {
        return Err(Error::NotFound("reason"));
    }
    Ok(StatusCode::NO_CONTENT)
}
