//! Deals, tasks, orders and everything else done with clients.

pub(super) mod bulk;
pub(super) mod changes;
pub(super) mod counts;
pub(super) mod create;
pub(super) mod delete;
mod draft;
pub(super) mod list;
pub(super) mod patch;
pub(super) mod restore;
pub(super) mod show;
pub(super) mod update;

use std::collections::HashMap;

use api_types::{ContactRef, Event, Item, ItemKind, ItemRef};
use store::{Written, entity::item};
use uuid::Uuid;

use super::error::Error;
use crate::{app::App, auth::Viewer, calls::name_of, events::Audience};

/// Items as the API shows them, with the names of what they belong to.
pub(crate) async fn items(app: &App, rows: Vec<item::Model>) -> Result<Vec<Item>, Error> {
    let contacts: Vec<Uuid> = rows.iter().filter_map(|row| row.contact_id).collect();
    let others = rows.iter().flat_map(|row| [row.deal_id, row.parent_id]);
    let names = app.store.contact_names(&contacts).await?;
    let titles = app.store.item_titles(others.flatten().collect()).await?;
    Ok(rows
        .into_iter()
        .map(|row| to_item(row, &names, &titles))
        .collect())
}

pub(crate) async fn item(app: &App, row: item::Model) -> Result<Item, Error> {
    let mut one = items(app, vec![row]).await?;
    one.pop().ok_or(Error::NotFound("item"))
}

/// An item that is there.
async fn found(app: &App, id: Uuid) -> Result<item::Model, Error> {
    app.store.item(id).await?.ok_or(Error::NotFound("item"))
}

/// What a row is; one that cannot be read counts as a note.
pub(crate) fn kind(row: &item::Model) -> ItemKind {
    name_of(&row.kind).unwrap_or(ItemKind::Note)
}

fn to_item(
    row: item::Model,
    names: &HashMap<Uuid, String>,
    titles: &HashMap<Uuid, String>,
) -> Item {
    let text = |id: Uuid| id.to_string();
    let item = |id: Uuid| {
        let title = titles.get(&id)?.clone();
        Some(ItemRef {
            id: text(id),
            title,
        })
    };
    let contact = |id: Uuid| {
        let name = names.get(&id)?.clone();
        Some(ContactRef { id: text(id), name })
    };
    Item {
        id: text(row.id),
        kind: kind(&row),
        number: row.seq,
        table: row.own_table,
        title: row.title,
        text: row.text,
        state: row.state,
        is_open: row.is_open,
        pipeline: row.pipeline,
        sort: row.sort,
        contact: row.contact_id.and_then(contact),
        deal: row.deal_id.and_then(item),
        parent: row.parent_id.and_then(item),
        call: row.call_id.map(|id| id.simple().to_string()),
        owner: row.owner_id.map(text),
        amount: row.amount,
        currency: row.currency,
        due_at: row.due_at,
        ends_at: row.ends_at,
        done_at: row.done_at,
        place: row.place,
        participants: serde_json::from_str(&row.participants).unwrap_or_default(),
        moment_ms: row.moment_ms.and_then(|at| u64::try_from(at).ok()),
        fields: serde_json::from_str(&row.fields).unwrap_or_default(),
        tags: serde_json::from_str(&row.tags).unwrap_or_default(),
        created_at: row.created_at,
        created_by: row.created_by.map(text),
        updated_at: row.updated_at,
        version: row.version,
    }
}

/// Writes an item over what is there, and tells.
async fn write(
    app: &App,
    viewer: &Viewer,
    row: item::Model,
    version: Option<i64>,
) -> Result<Item, Error> {
    let id = row.id;
    match app
        .store
        .update_item(row, version, &viewer.author())
        .await?
    {
        Written::Done(row) => {
            let item = item(app, row).await?;
            tell(app, &item);
            Ok(item)
        }
        Written::Gone => Err(Error::NotFound("item")),
        Written::Changed => {
            let last = app.store.changes(id, None, 1).await?;
            let who = last.first().and_then(|last| last.user_name.as_deref());
            Err(Error::changed_meanwhile(who))
        }
    }
}

/// Everybody sees the item as it is now.
pub(crate) fn tell(app: &App, item: &Item) {
    app.hub
        .publish(&Event::Item(item.clone()), Audience::Everyone);
    app.calls.items_changed();
}
