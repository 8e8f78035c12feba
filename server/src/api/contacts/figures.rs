//! A client in figures.

use api_types::ClientFigures;
use axum::{Json, extract::State};
use store::CallFilter;

use super::found;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
};

/// Calls the viewer may see, and orders; of a company those of its people too.
#[utoipa::path(
    get, path = "/contacts/{id}/figures", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = ClientFigures), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn figures(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<ClientFigures>, Error> {
    let row = found(&app, id).await?;
    let clients = app.store.client_and_people(id).await?;
    let filter = CallFilter {
        clients: clients.clone(),
        ..CallFilter::default()
    };
    let sums = app.store.sum_calls(&filter, viewer.calls()).await?;
    let (orders, orders_amount) = app.store.order_sums(&clients).await?;
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(Json(ClientFigures {
        calls: unsigned(sums.calls),
        talk_ms: unsigned(sums.talk_ms),
        missed: unsigned(sums.missed),
        orders,
        orders_amount,
        since: row.created_at,
    }))
}
