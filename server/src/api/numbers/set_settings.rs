//! Set how numbers are dialled.

use api_types::{NumberSettings, NumbersPage};
use axum::extract::State;
use numbering::Rules;

use super::{CHANGED, page};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    clock::now_ms,
    office::NUMBERS,
};

/// Replaces dial rules, forbidden codes, directions and rights; the next call follows them.
#[utoipa::path(
    put, path = "/settings/numbers", tag = "numbers", request_body = NumberSettings,
    responses((status = 200, body = NumbersPage), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_settings(
    State(app): State<Shared>,
    Json(settings): Json<NumberSettings>,
) -> Result<axum::Json<NumbersPage>, Error> {
    Rules::new(&settings)
        .map_err(|problem| Error::invalid(problem.code, problem.field, problem.message))?;
    app.store.set_setting(NUMBERS, &settings).await?;
    app.store.set_setting(CHANGED, &now_ms()).await?;
    app.reload_office().await?;
    Ok(axum::Json(page(&app).await?))
}
