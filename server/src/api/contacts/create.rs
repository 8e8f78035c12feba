//! A new contact.

use api_types::{Contact, ContactDraft};
use axum::{extract::State, http::StatusCode};
use uuid::Uuid;

use super::{tell, to_contact, to_row};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    clock::now_ms,
};

/// Adds a contact.
#[utoipa::path(
    post, path = "/contacts", tag = "contacts", request_body = ContactDraft,
    responses((status = 201, body = Contact), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Json(draft): Json<ContactDraft>,
) -> Result<(StatusCode, axum::Json<Contact>), Error> {
    let row = to_row(&app, Uuid::now_v7(), now_ms(), &draft)?;
    app.store.add_contacts(std::slice::from_ref(&row)).await?;
    let contact = to_contact(row);
    tell(&app, &contact).await;
    Ok((StatusCode::CREATED, axum::Json(contact)))
}
