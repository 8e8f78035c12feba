//! Search contacts.

use api_types::{Contact, Page};
use axum::{Json, extract::State};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use store::ContactCursor;
use utoipa::IntoParams;

use super::to_contact;
use crate::{
    api::{
        error::Error,
        extract::{Query, bad_cursor, page_length, parse_id},
    },
    app::{App, Shared},
};

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Search {
    /// Any part of a name, or digits of a number in any spelling.
    #[serde(default)]
    q: String,
    /// Only the first contact with this number, in any spelling; then nothing else is looked at.
    number: Option<String>,
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Contacts that match; names that begin with the search first, then by name.
#[utoipa::path(get, path = "/contacts", tag = "contacts", params(Search), responses((status = 200, body = Page<Contact>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    Query(search): Query<Search>,
) -> Result<Json<Page<Contact>>, Error> {
    if let Some(number) = &search.number {
        let items = of_number(&app, number).await?;
        let next_cursor = None;
        return Ok(Json(Page { items, next_cursor }));
    }
    let limit = page_length(search.limit)?;
    let after = search
        .cursor
        .as_deref()
        .map(|cursor| decode(cursor).ok_or_else(bad_cursor))
        .transpose()?;
    let mut found = app
        .store
        .find_contacts(&search.q, after.as_ref(), limit + 1)
        .await?;
    let more = found.len() as u64 > limit;
    if more {
        found.pop();
    }
    let next_cursor = found
        .last()
        .filter(|_| more)
        .map(|(_, cursor)| encode(cursor));
    let items = found.into_iter().map(|(row, _)| to_contact(row)).collect();
    Ok(Json(Page { items, next_cursor }))
}

/// Who has this number: the one a call from it is shown under.
async fn of_number(app: &App, number: &str) -> Result<Vec<Contact>, Error> {
    let read = app.numbers().read(number);
    let Some((id, _)) = app.store.contact_by_number(&read.e164).await? else {
        return Ok(Vec::new());
    };
    let row = app.store.contact(id).await?;
    Ok(row.into_iter().map(to_contact).collect())
}

fn encode(cursor: &ContactCursor) -> String {
    let prefix = u8::from(cursor.prefix);
    URL_SAFE_NO_PAD.encode(format!("{prefix}.{}.{}", cursor.id.simple(), cursor.name))
}

fn decode(text: &str) -> Option<ContactCursor> {
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = text.splitn(3, '.');
    let prefix = parts.next()? == "1";
    let id = parse_id(parts.next()?)?;
    Some(ContactCursor {
        prefix,
        name: parts.next()?.to_owned(),
        id,
    })
}
