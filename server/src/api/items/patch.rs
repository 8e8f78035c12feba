//! Change an item by one click.

use api_types::{Item, ItemPatch};
use axum::extract::State;
use store::entity::item as entity;

use super::{found, write};
use crate::{
    api::{
        contacts::person,
        error::Error,
        extract::{Id, Json},
    },
    app::{App, Shared},
    auth::Viewer,
    clock::now_ms,
    work::items,
};

/// Sets state, owner or due time; the rest stays.
#[utoipa::path(
    patch, path = "/items/{id}", tag = "items", params(("id" = String, Path)), request_body = ItemPatch,
    responses(
        (status = 200, body = Item), (status = 404, body = api_types::ApiError),
        (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn patch(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(patch): Json<ItemPatch>,
) -> Result<axum::Json<Item>, Error> {
    let row = patched(&app, found(&app, id).await?, &patch, now_ms()).await?;
    Ok(axum::Json(write(&app, &viewer, row, None).await?))
}

/// The item as it is to be.
pub(super) async fn patched(
    app: &App,
    mut row: entity::Model,
    patch: &ItemPatch,
    now: i64,
) -> Result<entity::Model, Error> {
    if let Some(named) = &patch.owner {
        row.owner_id = person(app, named, "owner", row.owner_id).await?;
    }
    if let Some(state) = &patch.state {
        let work = app.work.now();
        items::change_state(&work, &mut row, state, now)?;
    }
    if patch.due_at.is_some() {
        row.due_at = patch.due_at;
    }
    row.updated_at = now;
    Ok(row)
}
