//! Lists of contacts.

use std::collections::BTreeMap;

use api_types::{Contact, ContactKind, Page};
use axum::{Json, extract::State, http::HeaderMap};
use serde::Deserialize;
use store::{ContactCursor, ContactFilter, ContactOrder};
use utoipa::IntoParams;
use uuid::Uuid;

use super::contacts;
use crate::{
    api::{
        error::Error,
        extract::{Query, cursor, page_length, parse_id, total, write_cursor},
    },
    app::{App, Shared},
    auth::Viewer,
    calls::word,
};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Words of a name, an e-mail address or a field, or digits of a number in any spelling.
    #[serde(default)]
    q: String,
    /// Only contacts with this number, in any spelling, oldest first; then nothing else is looked at.
    number: Option<String>,
    /// Persons or companies.
    #[param(inline)]
    kind: Option<ContactKind>,
    /// User id of who is responsible; `me`; `nobody`.
    responsible: Option<String>,
    /// Keys of states, by comma; `none`: those without one.
    status: Option<String>,
    /// A tag.
    tag: Option<String>,
    /// Id of the company persons work for.
    company: Option<String>,
    /// Made at or after (ms since 1970).
    created_from: Option<i64>,
    /// Made before (ms since 1970).
    created_to: Option<i64>,
    /// `name` (unless told), `created`, `updated`, `status`, `responsible`; with `-` before it descending.
    pub(crate) sort: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Contacts; by name those that begin with the search come first. `field.KEY=VALUE` asks for the value of a
/// custom field. The first page says in `x-total-count` how many there are, if they are not more than 10,000.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(Search), responses((status = 200, body = Page<Contact>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(search): Query<Search>,
    Query(all): Query<BTreeMap<String, String>>,
) -> Result<(HeaderMap, Json<Page<Contact>>), Error> {
    if let Some(number) = &search.number {
        let items = of_number(&app, number).await?;
        let next_cursor = None;
        return Ok((
            total(Some(items.len() as u64)),
            Json(Page { items, next_cursor }),
        ));
    }
    let limit = page_length(search.limit)?;
    let filter = filter(&search, &all, &viewer)?;
    let (order, descending) = order(&app, search.sort.as_deref()).await?;
    let after: Option<ContactCursor> = cursor(search.cursor.as_deref())?;
    let by = (&order, descending);
    let mut found = app
        .store
        .find_contacts(&filter, by, after.as_ref(), limit + 1)
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
        (true, true) => app.store.count_contacts_like(&filter).await?,
        (false, _) => None,
    };
    let rows = found.into_iter().map(|(row, _)| row).collect();
    let items = contacts(&app, rows).await?;
    Ok((total(count), Json(Page { items, next_cursor })))
}

pub(crate) fn filter(
    search: &Search,
    all: &BTreeMap<String, String>,
    viewer: &Viewer,
) -> Result<ContactFilter, Error> {
    let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let company = some(&search.company).map(|id| parse_id(&id).ok_or_else(|| no_such("company")));
    let statuses = some(&search.status).unwrap_or_default();
    let statuses = statuses.split(',').filter(|key| !key.is_empty());
    let fields = all
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix("field.")?.to_owned(), value.clone())));
    let fields: Vec<_> = fields.filter(|(_, value)| !value.is_empty()).collect();
    let is_key = |key: &str| key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !fields.iter().all(|(key, _)| is_key(key)) {
        return Err(no_such("field"));
    }
    Ok(ContactFilter {
        query: search.q.clone(),
        kind: search.kind.map(word),
        responsible: some(&search.responsible)
            .map(|who| whose(&who, viewer, "responsible"))
            .transpose()?,
        statuses: statuses
            .map(|key| if key == "none" { "" } else { key }.to_owned())
            .collect(),
        tag: some(&search.tag),
        company: company.transpose()?,
        fields,
        number: None,
        created_from: search.created_from,
        created_to: search.created_to,
    })
}

fn no_such(field: &'static str) -> Error {
    Error::invalid(
        "bad_filter",
        field,
        format!("there is no such {field}; take it out of the filter"),
    )
}

/// A user named in a filter: `me`, `nobody`, or an id.
pub(crate) fn whose(
    named: &str,
    viewer: &Viewer,
    field: &'static str,
) -> Result<Option<Uuid>, Error> {
    match named {
        "me" => Ok(Some(viewer.id())),
        "nobody" => Ok(None),
        id => parse_id(id).map(Some).ok_or_else(|| no_such(field)),
    }
}

pub(crate) async fn order(app: &App, sort: Option<&str>) -> Result<(ContactOrder, bool), Error> {
    let sort = sort.filter(|sort| !sort.is_empty()).unwrap_or("name");
    let (name, descending) = match sort.strip_prefix('-') {
        Some(name) => (name, true),
        None => (sort, false),
    };
    let order = match name {
        "name" => ContactOrder::Name,
        "created" => ContactOrder::Created,
        "updated" => ContactOrder::Updated,
        "status" => ContactOrder::Status,
        "responsible" => {
            let mut users = app.store.users().await?;
            users.sort_by_key(|user| store::fold(&user.name));
            let people = users.into_iter().map(|user| Some(user.id));
            ContactOrder::Responsible(people.chain([None]).collect())
        }
        _ => {
            let message = "sort by name, created, updated, status or responsible; with - before it descending";
            return Err(Error::invalid("bad_sort", "sort", message));
        }
    };
    Ok((order, descending))
}

/// Who has this number: the first is the one a call from it is shown under.
async fn of_number(app: &App, number: &str) -> Result<Vec<Contact>, Error> {
    let read = app.numbers().read(number);
    let rows = app.store.contacts_with_number(&read.e164).await?;
    contacts(app, rows).await
}
