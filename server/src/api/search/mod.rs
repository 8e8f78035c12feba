//! Search over everything.

use api_types::Found;
use axum::{Json, extract::State};
use serde::Deserialize;
use store::{CallFilter, ContactRow, Scope};
use utoipa::IntoParams;

use super::{
    calls::{Row, records},
    contacts::contacts,
    error::Error,
    extract::Query,
    items::items,
};
use crate::{app::App, app::Shared, auth::Viewer};

/// Of each kind unless told.
const USUAL: usize = 5;
/// Of each kind at most.
const MOST: usize = 20;
/// Digits a part of a number must have for calls to be looked for.
const DIGITS: usize = 4;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct What {
    /// Words in any order, one letter of a word of four and more may be wrong; or any part of a number.
    #[serde(default)]
    q: String,
    /// Of each kind, 1 to 20; 5 unless told.
    limit: Option<usize>,
}

/// Persons, companies, items and calls the viewer may see, best first.
#[utoipa::path(get, path = "/search", tag = "search", params(What), responses((status = 200, body = Found)))]
pub(crate) async fn search(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(what): Query<What>,
) -> Result<Json<Found>, Error> {
    let limit = what.limit.unwrap_or(USUAL).clamp(1, MOST);
    let text: String = what.q.chars().take(200).collect();
    let ((persons, companies), rows) = tokio::try_join!(
        app.store.search_contacts(&text, limit),
        app.store.search_items(&text, limit),
    )?;
    let known = persons.iter().chain(&companies);
    let calls = calls(&app, &text, known, viewer.calls(), limit).await?;
    Ok(Json(Found {
        contacts: contacts(&app, persons).await?,
        companies: contacts(&app, companies).await?,
        items: items(&app, rows).await?,
        calls: records(&app, calls).await?,
    }))
}

/// The last calls with those found, and with numbers that begin so.
async fn calls<'a>(
    app: &App,
    text: &str,
    known: impl Iterator<Item = &'a ContactRow>,
    scope: Scope,
    limit: usize,
) -> Result<Vec<Row>, Error> {
    let mut numbers: Vec<String> = known
        .flat_map(|contact| contact.phones.iter().map(|phone| phone.e164.clone()))
        .collect();
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_number = text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-().".contains(c));
    if is_number && digits >= DIGITS {
        numbers.extend(app.store.numbers_like(text, limit as u64).await?);
    }
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let filter = CallFilter {
        numbers,
        limit: limit as u64,
        ..CallFilter::default()
    };
    Ok(app.store.find_calls(&filter, scope).await?)
}
