//! Change an item.

use api_types::{Item, ItemDraft};
use axum::extract::State;

use super::{draft::to_row, found, write};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Replaces all of it but its kind.
#[utoipa::path(
    put, path = "/items/{id}", tag = "items", params(("id" = String, Path)), request_body = ItemDraft,
    responses(
        (status = 200, body = Item), (status = 404, body = api_types::ApiError),
        (status = 409, description = "`changed_meanwhile`", body = api_types::ApiError),
        (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(draft): Json<ItemDraft>,
) -> Result<axum::Json<Item>, Error> {
    let before = found(&app, id).await?;
    let version = draft.version;
    let row = to_row(&app, &viewer, draft, before, false, now_ms()).await?;
    Ok(axum::Json(write(&app, &viewer, row, version).await?))
}
