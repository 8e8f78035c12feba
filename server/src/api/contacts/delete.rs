//! Delete a contact.

use api_types::Event;
use axum::{extract::State, http::StatusCode};

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    clock::now_ms,
    events::Audience,
};

/// Deletes a contact; `POST /contacts/{id}/restore` brings it back.
#[utoipa::path(
    delete, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn delete(State(app): State<Shared>, Id(id): Id) -> Result<StatusCode, Error> {
    if !app.store.set_contact_deleted(id, Some(now_ms())).await? {
        return Err(Error::NotFound("contact"));
    }
    app.hub.publish(
        &Event::ContactDeleted { id: id.to_string() },
        Audience::Everyone,
    );
    app.calls.contacts_changed().await;
    Ok(StatusCode::NO_CONTENT)
}
