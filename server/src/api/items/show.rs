//! One item.

use api_types::Item;
use axum::{Json, extract::State};

use super::{found, item};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// One item.
#[utoipa::path(
    get, path = "/items/{id}", tag = "items", params(("id" = String, Path)),
    responses((status = 200, body = Item), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show(State(app): State<Shared>, Id(id): Id) -> Result<Json<Item>, Error> {
    Ok(Json(item(&app, found(&app, id).await?).await?))
}
