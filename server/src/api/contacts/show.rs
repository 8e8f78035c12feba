//! One contact.

use api_types::Contact;
use axum::{Json, extract::State};

use super::{contact, found};
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
    Ok(Json(contact(&app, found(&app, id).await?).await?))
}
