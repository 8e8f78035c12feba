//! Contacts that may be the same.

use api_types::{DuplicateGroup, Page};
use axum::{Json, extract::State};
use serde::Deserialize;
use store::Duplicates;
use utoipa::IntoParams;

use crate::{
    api::{
        contacts::contacts,
        error::Error,
        extract::{Query, page_length},
    },
    app::{App, Shared},
};

/// Which page.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Asked {
    /// Groups on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Groups of contacts with the same phone, then those with the same e-mail. People are never grouped with
/// companies.
#[utoipa::path(
    get, path = "/duplicates", tag = "contacts", params(Asked),
    responses((status = 200, body = Page<DuplicateGroup>)),
)]
pub(crate) async fn duplicates(
    State(app): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<DuplicateGroup>>, Error> {
    let limit = page_length(asked.limit)?;
    let cursor = asked.cursor.unwrap_or_default();
    let (mut found, after_email) = match cursor.strip_prefix("e:") {
        Some(after) => (Vec::new(), after.to_owned()),
        None => {
            let after = cursor.strip_prefix("p:").unwrap_or_default();
            let found = app.store.duplicates(false, after, limit + 1).await?;
            (found, String::new())
        }
    };
    let left = (limit + 1).saturating_sub(found.len() as u64);
    if left > 0 {
        found.extend(app.store.duplicates(true, &after_email, left).await?);
    }
    let has_more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = found.last().filter(|_| has_more).map(|last| {
        let of = if last.is_email { 'e' } else { 'p' };
        format!("{of}:{}", last.value)
    });
    let mut items = Vec::with_capacity(found.len());
    for group in found {
        items.push(to_group(&app, group).await?);
    }
    Ok(Json(Page { items, next_cursor }))
}

async fn to_group(app: &App, group: Duplicates) -> Result<DuplicateGroup, Error> {
    let value = match group.is_email {
        true => group.value,
        false => app.numbers().read(&group.value).display,
    };
    Ok(DuplicateGroup {
        by: if group.is_email { "email" } else { "phone" }.to_owned(),
        value,
        contacts: contacts(app, group.contacts).await?,
    })
}
