//! Attach a number to a contact.

use api_types::{Contact, NumberDraft};
use axum::extract::State;

use super::{
    contact,
    draft::{not_a_phone, phone},
    found,
    update::write,
};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    auth::Viewer,
};

/// Adds a number in any spelling after the others; one that is there already changes nothing.
#[utoipa::path(
    post, path = "/contacts/{id}/phones", tag = "contacts", params(("id" = String, Path)), request_body = NumberDraft,
    responses(
        (status = 200, body = Contact), (status = 404, body = api_types::ApiError),
        (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn add_phone(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(draft): Json<NumberDraft>,
) -> Result<axum::Json<Contact>, Error> {
    let mut row = found(&app, id).await?;
    let added = phone(app.numbers(), &draft.number).ok_or_else(|| not_a_phone(&draft.number))?;
    if row.phones.iter().any(|phone| phone.e164 == added.e164) {
        return Ok(axum::Json(contact(&app, row).await?));
    }
    row.phones.push(added);
    let version = Some(row.version);
    Ok(axum::Json(write(&app, &viewer, &row, version).await?))
}
