//! Undo the deletion of a contact.

use api_types::Contact;
use axum::{Json, extract::State};

use super::{tell, to_contact};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Brings a deleted contact back.
#[utoipa::path(
    post, path = "/contacts/{id}/restore", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Contact), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn restore(State(app): State<Shared>, Id(id): Id) -> Result<Json<Contact>, Error> {
    app.store.set_contact_deleted(id, None).await?;
    let row = app
        .store
        .contact(id)
        .await?
        .ok_or(Error::NotFound("contact"))?;
    let contact = to_contact(row);
    tell(&app, &contact).await;
    Ok(Json(contact))
}
