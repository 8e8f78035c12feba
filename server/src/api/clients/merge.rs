//! Make contacts one.

use api_types::{Event, Merge, Undo};
use axum::extract::State;
use store::Merged;

use super::{contact_ids, people};
use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::Audience,
};

/// Contacts merged at once at most.
const MOST: usize = 50;

/// Makes contacts part of another one: phones, e-mails, addresses, tags and fields together; deals, tasks,
/// orders, files, calls and employees go along. What differs and has no room goes into a note. `POST
/// /operations/{id}/undo` takes all of it back.
#[utoipa::path(
    post, path = "/contacts/merge", tag = "contacts", request_body = Merge,
    responses((status = 200, body = Undo), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn merge(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<Merge>,
) -> Result<axum::Json<Undo>, Error> {
    let into = parse_id(&wanted.into).ok_or(Error::NotFound("contact"))?;
    let from = contact_ids(&wanted.from, "from", MOST)?;
    if from.contains(&into) {
        let message = "a contact cannot become part of itself: choose another one to keep";
        return Err(Error::invalid("same_contact", "from", message));
    }
    let mut names = people(&app).await?;
    let rows = app.store.contacts_of(from.clone()).await?;
    let companies: Vec<_> = rows.iter().filter_map(|row| row.company).collect();
    names.extend(app.store.contact_names(&companies).await?);
    let author = viewer.author();
    let merged = app
        .store
        .merge_contacts(into, &from, &names, now_ms(), &author);
    match merged.await? {
        Merged::Done(operation, _) => {
            app.hub.publish(&Event::Many, Audience::Everyone);
            app.calls.contacts_changed().await;
            Ok(axum::Json(Undo {
                operation: operation.to_string(),
                changed: from.len() as u64 + 1,
            }))
        }
        Merged::Gone(_) => Err(Error::NotFound("contact")),
        Merged::Unlike => Err(Error::invalid(
            "unlike",
            "from",
            "a person and a company cannot become one: choose people only, or companies only",
        )),
    }
}
