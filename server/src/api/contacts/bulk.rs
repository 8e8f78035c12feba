//! The same for many contacts.

use api_types::{ContactBulk, Event, Undo};
use axum::extract::State;
use store::ContactChange;

use super::draft::person;
use crate::{
    api::{
        error::Error,
        extract::{Json, many},
    },
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::Audience,
    work::{people, short},
};

/// Changes, tags or deletes up to 1000 contacts. Those that are gone are left out.
#[utoipa::path(
    post, path = "/contacts/bulk", tag = "contacts", request_body = ContactBulk,
    responses((status = 200, body = Undo), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn bulk(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<ContactBulk>,
) -> Result<axum::Json<Undo>, Error> {
    let ids = many(&wanted.ids)?;
    let status = wanted
        .status
        .map(|key| short(&key, 60, "status", "the status"));
    let status = status.transpose()?;
    let unknown = |key: &&String| {
        !app.work
            .now()
            .statuses
            .iter()
            .any(|known| known.key == **key)
    };
    if status
        .as_ref()
        .filter(|key| !key.is_empty())
        .is_some_and(|key| unknown(&key))
    {
        let message = "there is no such status; reload the page, the settings were changed";
        return Err(Error::invalid("bad_status", "status", message));
    }
    let responsible = match &wanted.responsible {
        Some(named) => Some(person(&app, named, "responsible", None).await?),
        None => None,
    };
    let change = ContactChange {
        responsible,
        status,
        add_tag: people::tags(wanted.add_tag.as_slice())?.pop(),
        remove_tag: wanted.remove_tag,
        delete: wanted.delete,
    };
    let author = viewer.author();
    let (operation, rows) = app
        .store
        .change_contacts(&ids, &change, now_ms(), &author)
        .await?;
    app.hub.publish(&Event::Many, Audience::Everyone);
    app.calls.contacts_changed().await;
    Ok(axum::Json(Undo {
        operation: operation.to_string(),
        changed: rows.len() as u64,
    }))
}
