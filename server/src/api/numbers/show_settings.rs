//! What is set about numbers.

use api_types::NumbersPage;
use axum::{Json, extract::State};

use super::page;
use crate::{api::error::Error, app::Shared};

/// Dial rules, forbidden codes, directions; what they stop, and emergency numbers.
#[utoipa::path(get, path = "/settings/numbers", tag = "numbers", responses((status = 200, body = NumbersPage)))]
pub(crate) async fn show_settings(State(app): State<Shared>) -> Result<Json<NumbersPage>, Error> {
    Ok(Json(page(&app).await?))
}
