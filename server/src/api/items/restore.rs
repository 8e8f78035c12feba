//! Undo the deletion of an item.

use api_types::Item;
use axum::{Json, extract::State};

use super::{found, item, tell};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Brings a deleted item back.
#[utoipa::path(
    post, path = "/items/{id}/restore", tag = "items", params(("id" = String, Path)),
    responses((status = 200, body = Item), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn restore(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Item>, Error> {
    app.store
        .set_item_deleted(id, None, now_ms(), &viewer.author())
        .await?;
    let item = item(&app, found(&app, id).await?).await?;
    tell(&app, &item);
    Ok(Json(item))
}
