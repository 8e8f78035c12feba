//! How a call sounded, leg by leg.

use api_types::{CallQuality, LegQuality};
use axum::{Json, extract::State};

use super::visible;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    quality,
};

/// Loss, jitter, round trip and MOS of every leg, employees first, and what their browsers met. While
/// the call goes on the figures are up to half a minute old.
#[utoipa::path(
    get, path = "/calls/{id}/quality", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = CallQuality), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn quality(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<CallQuality>, Error> {
    visible(&app, &viewer, id).await?;
    let rows = app.store.call_qualities(id).await?;
    let name = |leg: &str| app.switchboard.employee(leg).map(|employee| employee.name);
    let mut legs: Vec<LegQuality> = rows
        .iter()
        .map(|row| quality::shown(row, name(&row.leg)))
        .collect();
    // The line is last; the order of the others is that of their extensions.
    legs.sort_by_key(|leg| leg.extension.is_none());
    Ok(Json(CallQuality { legs }))
}
