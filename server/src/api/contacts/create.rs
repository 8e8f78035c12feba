//! A new contact.

use api_types::{Contact, ContactDraft};
use axum::{extract::State, http::StatusCode};
use store::ContactRow;
use uuid::Uuid;

use super::{contact, draft::to_row, tell};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Adds a contact.
#[utoipa::path(
    post, path = "/contacts", tag = "contacts", request_body = ContactDraft,
    responses((status = 201, body = Contact), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(draft): Json<ContactDraft>,
) -> Result<(StatusCode, axum::Json<Contact>), Error> {
    let now = now_ms();
    let new = ContactRow {
        id: Uuid::now_v7(),
        created_at: now,
        created_by: Some(viewer.id()),
        updated_at: now,
        version: 1,
        ..ContactRow::default()
    };
    let row = to_row(&app, draft, new, true).await?;
    app.store.add_contact(&row, &viewer.author()).await?;
    let contact = contact(&app, row).await?;
    tell(&app, &contact).await;
    Ok((StatusCode::CREATED, axum::Json(contact)))
}
