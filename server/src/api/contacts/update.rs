//! Change a contact.

use api_types::{Contact, ContactDraft};
use axum::extract::State;

use super::{tell, to_contact, to_row};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    clock::now_ms,
};

/// Replaces name and phones.
#[utoipa::path(
    put, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)), request_body = ContactDraft,
    responses((status = 200, body = Contact), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    Id(id): Id,
    Json(draft): Json<ContactDraft>,
) -> Result<axum::Json<Contact>, Error> {
    let before = app
        .store
        .contact(id)
        .await?
        .ok_or(Error::NotFound("contact"))?;
    let mut row = to_row(&app, id, before.created_at, &draft)?;
    if draft.responsible.is_none() {
        row.responsible = before.responsible;
    }
    if !app
        .store
        .update_contact(&row, now_ms(), draft.version)
        .await?
    {
        return Err(Error::NotFound("contact"));
    }
    let contact = to_contact(row);
    tell(&app, &contact).await;
    Ok(axum::Json(contact))
}
