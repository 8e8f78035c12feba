//! Try a line as it is saved.

use api_types::LineCheck;
use axum::{Json, extract::State};

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    lines::{check::report, to_config},
};

/// Does one real REGISTER (a trunk: OPTIONS) and says what was answered.
#[utoipa::path(
    post, path = "/lines/{id}/check", tag = "lines", params(("id" = String, Path)),
    responses((status = 200, body = LineCheck), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn check_saved(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<LineCheck>, Error> {
    let config = to_config(&find(&app, id).await?, &app.vault)?;
    Ok(Json(report(&app.gateway.check_line(config).await)))
}
