//! Change a contact.

use api_types::{Contact, ContactDraft};
use axum::extract::State;
use store::{ContactRow, Written};

use super::{contact, draft::to_row, found, tell};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::{App, Shared},
    auth::Viewer,
    clock::now_ms,
};

/// Replaces all of it; only who is responsible stays where nothing is said of it.
#[utoipa::path(
    put, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path)), request_body = ContactDraft,
    responses(
        (status = 200, body = Contact), (status = 404, body = api_types::ApiError),
        (status = 409, description = "`changed_meanwhile`", body = api_types::ApiError),
        (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(draft): Json<ContactDraft>,
) -> Result<axum::Json<Contact>, Error> {
    let before = found(&app, id).await?;
    let version = draft.version;
    let row = to_row(&app, draft, before, false).await?;
    Ok(axum::Json(write(&app, &viewer, &row, version).await?))
}

/// Writes a contact over what is there, and tells.
pub(super) async fn write(
    app: &App,
    viewer: &Viewer,
    row: &ContactRow,
    version: Option<i64>,
) -> Result<Contact, Error> {
    let author = viewer.author();
    let written = app.store.update_contact(row, version, now_ms(), &author);
    match written.await? {
        Written::Done(row) => {
            let contact = contact(app, row).await?;
            tell(app, &contact).await;
            Ok(contact)
        }
        Written::Gone => Err(Error::NotFound("contact")),
        Written::Changed => {
            let last = app.store.changes(row.id, None, 1).await?;
            let who = last.first().and_then(|last| last.user_name.as_deref());
            Err(Error::changed_meanwhile(who))
        }
    }
}
