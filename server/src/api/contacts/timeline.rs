//! Everything that happened with a client.

use std::cmp::Reverse;

use api_types::{Page, TimelineEntry};
use axum::{Json, extract::State};
use serde::Deserialize;
use store::{CallFilter, FieldChange, entity::change};
use utoipa::IntoParams;
use uuid::Uuid;

use super::found;
use crate::{
    api::{
        calls::records,
        changes::{name, names},
        error::Error,
        extract::{Id, Query, cursor, page_length, write_cursor},
        files::to_file,
        items::items,
    },
    app::Shared,
    auth::Viewer,
};

/// Which entries.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// `call`, `file`, `change`, and kinds of items, by comma; absent: all.
    kind: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

type Entry = ((i64, Uuid), TimelineEntry);

/// Calls the viewer may see, items, files, changes of stage and manager, newest first; of a company those of
/// its people too.
#[utoipa::path(
    get, path = "/contacts/{id}/timeline", tag = "contacts", params(("id" = String, Path), Which),
    responses((status = 200, body = Page<TimelineEntry>), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn timeline(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Query(which): Query<Which>,
) -> Result<Json<Page<TimelineEntry>>, Error> {
    let limit = page_length(which.limit)?;
    let before: Option<(i64, Uuid)> = cursor(which.cursor.as_deref())?;
    let clients = app
        .store
        .client_and_people(found(&app, id).await?.id)
        .await?;
    let asked = which.kind.unwrap_or_default();
    let kinds: Vec<String> = asked
        .split(',')
        .filter(|kind| !kind.is_empty())
        .map(str::to_owned)
        .collect();
    let wants = |kind: &str| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind);
    let of_items: Vec<String> = kinds
        .iter()
        .filter(|kind| !matches!(kind.as_str(), "call" | "file" | "change"))
        .cloned()
        .collect();
    let (store, most) = (&app.store, limit + 1);
    let mut entries: Vec<Entry> = Vec::new();
    if wants("call") {
        let filter = CallFilter {
            clients: clients.clone(),
            before,
            limit: most,
            ..CallFilter::default()
        };
        let rows = store.find_calls(&filter, viewer.calls()).await?;
        let keys: Vec<_> = rows
            .iter()
            .map(|(call, _)| (call.started_at, call.id))
            .collect();
        let calls = records(&app, rows)
            .await?
            .into_iter()
            .map(TimelineEntry::Call);
        entries.extend(keys.into_iter().zip(calls));
    }
    if kinds.is_empty() || !of_items.is_empty() {
        let rows = store
            .timeline_items(&clients, &of_items, before, most)
            .await?;
        let keys: Vec<_> = rows.iter().map(|row| (row.created_at, row.id)).collect();
        let items = items(&app, rows)
            .await?
            .into_iter()
            .map(TimelineEntry::Item);
        entries.extend(keys.into_iter().zip(items));
    }
    if wants("file") {
        let rows = store.timeline_files(&clients, before, most).await?;
        let entry = |row: store::entity::file::Model| {
            ((row.created_at, row.id), TimelineEntry::File(to_file(row)))
        };
        entries.extend(rows.into_iter().map(entry));
    }
    if wants("change") {
        let rows = store.timeline_changes(&clients, before, most).await?;
        let all: Vec<FieldChange> = rows.iter().flat_map(|(row, _)| read(row)).collect();
        let names = names(&app, all.iter()).await?;
        for (row, title) in rows {
            let key = (
                row.at,
                Uuid::from_u128(u128::try_from(row.seq).unwrap_or(0)),
            );
            entries.extend(told(&row, title, &names).map(|entry| (key, entry)));
        }
    }
    entries.sort_by_key(|(key, _)| Reverse(*key));
    let more = entries.len() as u64 > limit;
    entries.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = entries
        .last()
        .filter(|_| more)
        .map(|(key, _)| write_cursor(key));
    let items = entries.into_iter().map(|(_, entry)| entry).collect();
    Ok(Json(Page { items, next_cursor }))
}

fn read(row: &change::Model) -> Vec<FieldChange> {
    serde_json::from_str(&row.fields).unwrap_or_default()
}

/// A change as people look for it: of a deal its stage, of a client who is responsible.
fn told(
    row: &change::Model,
    title: Option<String>,
    names: &std::collections::HashMap<String, String>,
) -> Option<TimelineEntry> {
    let wanted = if title.is_some() {
        "state"
    } else {
        "responsible"
    };
    let fields = read(row);
    let found = fields.into_iter().find(|(field, _, _)| field == wanted);
    let field = match (found.is_some(), row.what.as_str()) {
        (_, what @ ("merged" | "handed_over")) => what,
        (true, _) if wanted == "state" => "stage",
        (true, _) => "responsible",
        (false, _) => return None,
    };
    let (_, before, after) = found.unwrap_or_default();
    Some(TimelineEntry::Change {
        at: row.at,
        by: row.user_name.clone(),
        item: title.as_ref().map(|_| row.subject_id.to_string()),
        title: title.unwrap_or_default(),
        field: field.to_owned(),
        before: name(&before, names),
        after: name(&after, names),
    })
}
