//! Histories, with names in place of ids.

use std::collections::HashMap;

use api_types::{Change, Page};
use serde::Deserialize;
use store::{FieldChange, entity::change};
use utoipa::IntoParams;
use uuid::Uuid;

use super::{
    error::Error,
    extract::{bad_cursor, page_length},
};
use crate::app::App;

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageOf {
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of what happened to a contact, item or call, newest first.
pub(crate) async fn page(app: &App, subject: Uuid, of: &PageOf) -> Result<Page<Change>, Error> {
    let limit = page_length(of.limit)?;
    let before = of
        .cursor
        .as_deref()
        .map(|cursor| cursor.parse().map_err(|_| bad_cursor()));
    let mut rows = app
        .store
        .changes(subject, before.transpose()?, limit + 1)
        .await?;
    let more = rows.len() as u64 > limit;
    if more {
        rows.pop();
    }
    let next_cursor = rows.last().filter(|_| more).map(|row| row.seq.to_string());
    let read: Vec<_> = rows.into_iter().map(read).collect();
    let names = names(app, read.iter().flat_map(|change| &change.fields)).await?;
    let items = read
        .into_iter()
        .map(|change| named(change, &names))
        .collect();
    Ok(Page { items, next_cursor })
}

fn read(row: change::Model) -> Change {
    Change {
        at: row.at,
        by: row.user_name,
        what: row.what,
        fields: serde_json::from_str(&row.fields).unwrap_or_default(),
    }
}

/// What ids in these fields are called.
pub(crate) async fn names(
    app: &App,
    fields: impl Iterator<Item = &FieldChange>,
) -> Result<HashMap<String, String>, Error> {
    let (mut users, mut contacts, mut items) = (false, Vec::new(), Vec::new());
    for (field, before, after) in fields {
        let ids = [before, after]
            .into_iter()
            .filter_map(|id| id.parse::<Uuid>().ok());
        match field.as_str() {
            "owner" | "responsible" | "participants" => users = true,
            "contact" | "company" => contacts.extend(ids),
            "deal" | "parent" => items.extend(ids),
            _ => {}
        }
    }
    let mut names = HashMap::new();
    if users {
        let all = app.store.users().await?;
        names.extend(all.into_iter().map(|user| (user.id.to_string(), user.name)));
    }
    let known = app.store.contact_names(&contacts).await?;
    names.extend(known.into_iter().map(|(id, name)| (id.to_string(), name)));
    let known = app.store.item_titles(items).await?;
    names.extend(known.into_iter().map(|(id, title)| (id.to_string(), title)));
    Ok(names)
}

fn named(mut change: Change, names: &HashMap<String, String>) -> Change {
    for (_, before, after) in &mut change.fields {
        for value in [before, after] {
            *value = name(value, names);
        }
    }
    change
}

/// A value, or the names of the ids in it.
pub(crate) fn name(value: &str, names: &HashMap<String, String>) -> String {
    let parts = value.split(", ");
    let known = parts.map(|part| names.get(part).map_or(part, String::as_str));
    known.collect::<Vec<_>>().join(", ")
}
