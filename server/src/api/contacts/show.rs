//! One contact.

use api_types::Contact;
use axum::{Json, extract::State};

use super::to_contact;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// One contact.
#[utoipa::path(
    get, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Contact), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show(State(app): State<Shared>, Id(id): Id) -> Result<Json<Contact>, Error> {
    let row = app
        .store
        .contact(id)
        .await?
        .ok_or(Error::NotFound("contact"))?;
    Ok(Json(to_contact(row)))
}
