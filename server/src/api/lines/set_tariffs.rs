//! Set the prices of a line.

use api_types::{Tariff, Tariffs};
use axum::extract::State;
use store::entity::tariff;
use uuid::Uuid;

use super::find;
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::{App, Shared},
};

/// Replaces the prices of a line.
#[utoipa::path(
    put, path = "/lines/{id}/tariffs", tag = "lines", params(("id" = String, Path)), request_body = Tariffs,
    responses((status = 200, body = Tariffs), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_tariffs(
    State(app): State<Shared>,
    Id(id): Id,
    Json(tariffs): Json<Tariffs>,
) -> Result<axum::Json<Tariffs>, Error> {
    find(&app, id).await?;
    let mut seen = std::collections::HashSet::new();
    for row in &tariffs.rows {
        if !is_sane(row) {
            let message = format!(
                "the row {:?} has no prefix such as +7495, or a price below 0",
                row.prefix
            );
            return Err(Error::invalid("bad_tariff", "rows", message));
        }
        if !seen.insert(&row.prefix) {
            let message = format!("{} stands there twice", row.prefix);
            return Err(Error::invalid("prefix_twice", "rows", message));
        }
    }
    put(&app, id, &tariffs).await?;
    Ok(axum::Json(tariffs))
}

/// Whether a price can be.
pub(super) fn is_sane(row: &Tariff) -> bool {
    let digits = row.prefix.strip_prefix('+');
    let prefix = digits.is_some_and(|d| d.len() <= 15 && d.bytes().all(|b| b.is_ascii_digit()));
    prefix && row.minute_micros >= 0 && row.call_micros >= 0 && (1..=3600).contains(&row.round_secs)
}

/// Saves and uses them.
pub(super) async fn put(app: &App, id: Uuid, tariffs: &Tariffs) -> Result<(), Error> {
    let currency = tariffs.currency.trim();
    if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
        let message = "the currency has three letters of ISO 4217, for example RUB";
        return Err(Error::invalid("bad_currency", "currency", message));
    }
    let row = |row: &Tariff| tariff::Model {
        line_id: id,
        prefix: row.prefix.clone(),
        label: row.label.clone(),
        minute_micros: row.minute_micros,
        call_micros: row.call_micros,
        round_secs: i32::try_from(row.round_secs).unwrap_or(60),
    };
    let rows = tariffs.rows.iter().map(row).collect();
    app.store.set_tariffs(id, currency, rows).await?;
    Ok(app.reload_office().await?)
}
