//! One line.

use api_types::LineDetails;
use axum::{Json, extract::State};

use super::find;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
};

/// Everything that is set of a line, without its secrets.
#[utoipa::path(
    get, path = "/lines/{id}", tag = "lines", params(("id" = String, Path)),
    responses((status = 200, body = LineDetails), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<LineDetails>, Error> {
    let row = find(&app, id).await?;
    Ok(Json(app.line_details(&row)))
}
