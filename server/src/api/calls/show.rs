//! One call.

use api_types::CallRecord;
use axum::{Json, extract::State};

use super::{one, visible};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
};

/// One call.
#[utoipa::path(
    get, path = "/calls/{id}", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CallRecord), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn show(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<CallRecord>, Error> {
    let row = visible(&app, &viewer, id).await?;
    Ok(Json(one(&app, row).await?))
}
