//! One price of a line.

use api_types::{Tariff, Tariffs};
use axum::extract::{Path, State};
use uuid::Uuid;

use super::{
    find,
    set_tariffs::{is_sane, put},
};
use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::{App, Shared},
    office::to_tariff,
};

/// Where a line's first price gets its currency, if none was set.
const USUAL_CURRENCY: &str = "RUB";

/// Adds a price, or changes the one with this prefix.
#[utoipa::path(
    put, path = "/lines/{id}/tariffs/{prefix}", tag = "lines",
    params(("id" = String, Path), ("prefix" = String, Path)), request_body = Tariff,
    responses((status = 200, body = Tariffs), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_tariff(
    State(app): State<Shared>,
    Path((id, prefix)): Path<(String, String)>,
    Json(row): Json<Tariff>,
) -> Result<axum::Json<Tariffs>, Error> {
    let (id, mut tariffs) = read(&app, &id).await?;
    if !is_sane(&row) {
        let message =
            "a price has a prefix such as +7495, is not below 0 and rounds to 1 to 3600 seconds";
        return Err(Error::invalid("bad_tariff", "rows", message));
    }
    if row.prefix != prefix && tariffs.rows.iter().any(|known| known.prefix == row.prefix) {
        let message = format!("{} has a price already", row.prefix);
        return Err(Error::invalid("prefix_twice", "rows", message));
    }
    tariffs.rows.retain(|known| known.prefix != prefix);
    tariffs.rows.push(row);
    save(&app, id, tariffs).await
}

/// Removes the price with this prefix.
#[utoipa::path(
    delete, path = "/lines/{id}/tariffs/{prefix}", tag = "lines",
    params(("id" = String, Path), ("prefix" = String, Path)),
    responses((status = 200, body = Tariffs), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn remove_tariff(
    State(app): State<Shared>,
    Path((id, prefix)): Path<(String, String)>,
) -> Result<axum::Json<Tariffs>, Error> {
    let (id, mut tariffs) = read(&app, &id).await?;
    let before = tariffs.rows.len();
    tariffs.rows.retain(|known| known.prefix != prefix);
    if tariffs.rows.len() == before {
        return Err(Error::NotFound("tariff"));
    }
    save(&app, id, tariffs).await
}

async fn read(app: &App, id: &str) -> Result<(Uuid, Tariffs), Error> {
    let id = parse_id(id).ok_or(Error::NotFound("line"))?;
    let line = find(app, id).await?;
    let rows = app.store.tariffs(Some(id)).await?;
    let tariffs = Tariffs {
        currency: line.currency.unwrap_or_else(|| USUAL_CURRENCY.to_owned()),
        rows: rows.into_iter().map(to_tariff).collect(),
    };
    Ok((id, tariffs))
}

async fn save(app: &App, id: Uuid, mut tariffs: Tariffs) -> Result<axum::Json<Tariffs>, Error> {
    tariffs.rows.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    put(app, id, &tariffs).await?;
    Ok(axum::Json(tariffs))
}
