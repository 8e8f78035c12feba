//! The steps a call took.

use api_types::CallStep;
use axum::{Json, extract::State};

use super::visible;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    calls::read_path,
};

/// Which rule rang whom, which lines were tried, and what came of it.
#[utoipa::path(
    get, path = "/calls/{id}/path", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = Vec<CallStep>), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn path(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Vec<CallStep>>, Error> {
    let (call, _) = visible(&app, &viewer, id).await?;
    Ok(Json(read_path(&call.path)))
}
