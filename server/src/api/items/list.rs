//! Lists of items.

use api_types::{Item, Page};
use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use store::{ItemFilter, ItemOrder, Key};
use utoipa::IntoParams;
use uuid::Uuid;

use super::items;
use crate::{
    api::{
        contacts::whose,
        error::Error,
        extract::{Query, cursor, page_length, parse_id, total, write_cursor},
    },
    app::Shared,
    auth::Viewer,
};

/// Rows counted at most.
const COUNTED: u64 = 10_000;

/// Which items.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Kinds, by comma: `deal,task`; absent: all.
    kind: Option<String>,
    /// Key of an own table.
    table: Option<String>,
    /// Contact id.
    contact: Option<String>,
    /// Deal id.
    deal: Option<String>,
    /// Id of an order or invoice.
    parent: Option<String>,
    /// Call id.
    call: Option<String>,
    /// User id; `me`; `nobody`.
    owner: Option<String>,
    /// States, by comma.
    state: Option<String>,
    /// Key of a pipeline.
    pipeline: Option<String>,
    /// Still to be dealt with, or not.
    open: Option<bool>,
    /// Due at or after (ms since 1970).
    due_from: Option<i64>,
    /// Due before.
    due_to: Option<i64>,
    /// Made at or after.
    created_from: Option<i64>,
    /// Made before.
    created_to: Option<i64>,
    /// A tag.
    tag: Option<String>,
    /// Words of title, text or fields, or its number.
    #[serde(default)]
    q: String,
    /// `-created` (unless told), `updated`, `due`, `amount`, `number`, `title`, `state`; with `-` descending.
    sort: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Items. The first page says in `x-total-count` how many there are, if they are not more than 10,000.
#[utoipa::path(get, path = "/items", tag = "items", params(Filter), responses((status = 200, body = Page<Item>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(asked): Query<Filter>,
) -> Result<(HeaderMap, Json<Page<Item>>), Error> {
    let limit = page_length(asked.limit)?;
    let after: Option<Key> = cursor(asked.cursor.as_deref())?;
    let by = order(asked.sort.as_deref())?;
    let filter = filter(asked, &viewer)?;
    let mut found = app
        .store
        .find_items(&filter, by, after.as_ref(), limit + 1)
        .await?;
    let more = found.len() as u64 > limit;
    if more {
        found.pop();
    }
    let next_cursor = found
        .last()
        .filter(|_| more)
        .map(|(_, last)| write_cursor(last));
    let count = match (after.is_none(), more) {
        (true, false) => Some(found.len() as u64),
        (true, true) => Some(app.store.count_items(&filter, COUNTED + 1).await?),
        (false, _) => None,
    };
    let count = count.filter(|count| *count <= COUNTED);
    let rows = found.into_iter().map(|(row, _)| row).collect();
    let items = items(&app, rows).await?;
    Ok((total(count), Json(Page { items, next_cursor })))
}

fn filter(asked: Filter, viewer: &Viewer) -> Result<ItemFilter, Error> {
    let owner = some(asked.owner).map(|who| whose(&who, viewer, "owner"));
    Ok(ItemFilter {
        kinds: several(asked.kind),
        table: some(asked.table),
        contact: id(asked.contact, "contact")?,
        deal: id(asked.deal, "deal")?,
        parent: id(asked.parent, "parent")?,
        call: id(asked.call, "call")?,
        owner: owner.transpose()?,
        states: several(asked.state),
        pipeline: some(asked.pipeline),
        open: asked.open,
        due_from: asked.due_from,
        due_to: asked.due_to,
        created_from: asked.created_from,
        created_to: asked.created_to,
        tag: some(asked.tag),
        query: asked.q,
    })
}

fn some(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn several(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(str::to_owned).collect()
}

fn id(text: Option<String>, field: &'static str) -> Result<Option<Uuid>, Error> {
    let message = || format!("there is no such {field}; take it out of the filter");
    let read = |text: String| {
        parse_id(&text).ok_or_else(|| Error::invalid("bad_filter", field, message()))
    };
    some(text).map(read).transpose()
}

fn order(sort: Option<&str>) -> Result<(ItemOrder, bool), Error> {
    let sort = sort.filter(|sort| !sort.is_empty()).unwrap_or("-created");
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let order = match name {
        "created" => ItemOrder::Created,
        "updated" => ItemOrder::Updated,
        "due" => ItemOrder::Due,
        "amount" => ItemOrder::Amount,
        "number" => ItemOrder::Number,
        "title" => ItemOrder::Title,
        "state" => ItemOrder::State,
        _ => {
            let message = "sort by created, updated, due, amount, number, title or state; with - before it descending";
            return Err(Error::invalid("bad_sort", "sort", message));
        }
    };
    Ok((order, descending))
}
