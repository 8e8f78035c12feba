//! Undo the deletion of a contact.

use api_types::Contact;
use axum::{Json, extract::State};

use super::{contact, found, tell};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Brings a deleted contact back.
#[utoipa::path(
    post, path = "/contacts/{id}/restore", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Contact), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn restore(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Contact>, Error> {
    app.store
        .set_contact_deleted(id, None, now_ms(), &viewer.author())
        .await?;
    let contact = contact(&app, found(&app, id).await?).await?;
    tell(&app, &contact).await;
    Ok(Json(contact))
}
