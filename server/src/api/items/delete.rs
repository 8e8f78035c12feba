//! Delete an item.

use api_types::Event;
use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::Audience,
};

/// Deletes an item; `POST /items/{id}/restore` brings it back.
#[utoipa::path(
    delete, path = "/items/{id}", tag = "items", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let now = now_ms();
    let author = viewer.author();
    let hidden = app.store.set_item_deleted(id, Some(now), now, &author);
    if hidden.await?.is_none() {
        return Err(Error::NotFound("item"));
    }
    let event = Event::ItemDeleted { id: id.to_string() };
    app.hub.publish(&event, Audience::Everyone);
    Ok(StatusCode::NO_CONTENT)
}
