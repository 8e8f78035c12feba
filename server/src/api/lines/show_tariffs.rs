//! Prices of a line.

use api_types::Tariffs;
use axum::{Json, extract::State};

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    office::to_tariff,
};

/// Prices of a line, by prefix.
#[utoipa::path(
    get, path = "/lines/{id}/tariffs", tag = "lines", params(("id" = String, Path)),
    responses((status = 200, body = Tariffs), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show_tariffs(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<Tariffs>, Error> {
    let row = find(&app, id).await?;
    let rows = app.store.tariffs(Some(id)).await?;
    Ok(Json(Tariffs {
        currency: row.currency.unwrap_or_default(),
        rows: rows.into_iter().map(to_tariff).collect(),
    }))
}
