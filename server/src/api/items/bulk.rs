//! The same for many items.

use api_types::{Event, ItemBulk, ItemPatch, Undo};
use axum::extract::State;
use store::ItemChange;

use super::patch::patched;
use crate::{
    api::{
        error::Error,
        extract::{Json, many},
    },
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::Audience,
    work::people,
};

/// Changes, tags or deletes up to 1000 items. Those that are gone are left out.
#[utoipa::path(
    post, path = "/items/bulk", tag = "items", request_body = ItemBulk,
    responses((status = 200, body = Undo), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn bulk(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<ItemBulk>,
) -> Result<axum::Json<Undo>, Error> {
    let ids = many(&wanted.ids)?;
    let now = now_ms();
    let patch = ItemPatch {
        state: wanted.state,
        owner: wanted.owner,
        due_at: wanted.due_at,
    };
    let add_tag = people::tags(wanted.add_tag.as_slice())?.pop();
    let mut rows = app.store.items(ids).await?;
    for row in &mut rows {
        *row = patched(&app, row.clone(), &patch, now).await?;
        let mut tags: Vec<String> = serde_json::from_str(&row.tags).unwrap_or_default();
        tags.retain(|tag| Some(tag) != wanted.remove_tag.as_ref());
        tags.extend(add_tag.clone().filter(|tag| !tags.contains(tag)));
        row.tags = serde_json::to_string(&tags).unwrap_or_default();
    }
    let change = ItemChange {
        rows,
        delete: wanted.delete,
    };
    let (operation, rows) = app
        .store
        .change_items(change, now, &viewer.author())
        .await?;
    app.hub.publish(&Event::Many, Audience::Everyone);
    Ok(axum::Json(Undo {
        operation: operation.to_string(),
        changed: rows.len() as u64,
    }))
}
