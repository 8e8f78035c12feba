//! Files that stand with clients, items and calls.

pub(super) mod content;
pub(super) mod delete;
pub(super) mod list;
mod media;
pub(super) mod upload;

use std::path::PathBuf;

use api_types::{Event, StoredFile};
use serde::Deserialize;
use store::{FileOf, entity::file};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{calls::visible, contacts, error::Error, extract::parse_id};
use crate::{app::App, auth::Viewer, events::Audience};

/// What files stand with; exactly one is given.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct With {
    /// Contact id.
    contact: Option<String>,
    /// Item id.
    item: Option<String>,
    /// Call id.
    call: Option<String>,
}

impl With {
    /// It is there, and the viewer may see it.
    async fn read(&self, app: &App, viewer: &Viewer) -> Result<FileOf, Error> {
        let id = |text: &str| parse_id(text).ok_or(Error::NotFound("thing"));
        match (&self.contact, &self.item, &self.call) {
            (Some(contact), None, None) => Ok(FileOf::Contact(
                contacts::found(app, id(contact)?).await?.id,
            )),
            (None, Some(item), None) => {
                let found = app.store.item(id(item)?).await?;
                Ok(FileOf::Item(found.ok_or(Error::NotFound("item"))?.id))
            }
            (None, None, Some(call)) => {
                Ok(FileOf::Call(visible(app, viewer, id(call)?).await?.0.id))
            }
            _ => {
                let message = "say what the file stands with: contact, item or call";
                Err(Error::invalid("no_subject", "contact", message))
            }
        }
    }
}

/// As the API shows it.
pub(crate) fn to_file(row: file::Model) -> StoredFile {
    StoredFile {
        id: row.id.to_string(),
        name: row.name,
        media_type: row.media_type,
        bytes: u64::try_from(row.bytes).unwrap_or(0),
        contact: row.contact_id.map(|id| id.to_string()),
        item: row.item_id.map(|id| id.to_string()),
        call: row.call_id.map(|id| id.simple().to_string()),
        created_at: row.created_at,
        by: row.created_by_name,
    }
}

/// A file that is there, if the viewer may see what it stands with.
async fn found(app: &App, viewer: &Viewer, id: Uuid) -> Result<file::Model, Error> {
    let row = app.store.file(id).await?.ok_or(Error::NotFound("file"))?;
    if let Some(call) = row.call_id {
        let seen = visible(app, viewer, call).await;
        seen.map_err(|_| Error::NotFound("file"))?;
    }
    Ok(row)
}

/// Pages that show files of the same thing read them again.
async fn tell(app: &App, row: file::Model) -> Result<(), Error> {
    let audience = match row.call_id {
        Some(call) => {
            let state = app.calls.current(call);
            let state = match state {
                Some(state) => Some(state),
                None => app.store.call_state(call).await?,
            };
            Audience::Call(state.map(|state| state.viewers).unwrap_or_default())
        }
        None => Audience::Everyone,
    };
    let file = to_file(row);
    if let Some(id) = file.contact.or(file.item).or(file.call) {
        app.hub.publish(&Event::Files { id }, audience);
    }
    Ok(())
}

/// Where the bytes of files lie.
fn folder(app: &App) -> PathBuf {
    app.config.data.join("files")
}

/// Where those of one lie.
pub(crate) fn path(app: &App, id: Uuid) -> PathBuf {
    folder(app).join(id.simple().to_string())
}
