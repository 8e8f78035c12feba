//! A new item.

use api_types::{Item, ItemDraft};
use axum::{extract::State, http::StatusCode};
use store::entity::item as entity;
use uuid::Uuid;

use super::{draft::to_row, item, tell};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Adds a deal, task, order, note … What is made in a call or for a deal belongs to its client by itself.
#[utoipa::path(
    post, path = "/items", tag = "items", request_body = ItemDraft,
    responses((status = 201, body = Item), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(draft): Json<ItemDraft>,
) -> Result<(StatusCode, axum::Json<Item>), Error> {
    let now = now_ms();
    let new = entity::Model {
        id: Uuid::now_v7(),
        created_at: now,
        created_by: Some(viewer.id()),
        ..entity::Model::default()
    };
    let row = to_row(&app, &viewer, draft, new, true, now).await?;
    let row = app.store.add_item(row, &viewer.author()).await?;
    let item = item(&app, row).await?;
    tell(&app, &item);
    Ok((StatusCode::CREATED, axum::Json(item)))
}
