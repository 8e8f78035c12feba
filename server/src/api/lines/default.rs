//! The line for outgoing calls.

use api_types::{Event, Line};
use axum::{Json, extract::State};

use super::{apply, find};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    events::Audience,
};

/// Calls go out by this line unless told otherwise.
#[utoipa::path(
    put, path = "/lines/{id}/default", tag = "lines", params(("id" = String, Path)),
    responses((status = 200, body = Line), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn set_default(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<Line>, Error> {
    let before = app.store.lines().await?;
    if !app.store.set_default_line(id).await? {
        return Err(Error::NotFound("line"));
    }
    let line = apply(&app, &find(&app, id).await?).await?;
    for was in before
        .iter()
        .filter(|row| row.default_outgoing && row.id != id)
    {
        let now = app.show_line(&find(&app, was.id).await?);
        app.hub.publish(&Event::Line(now), Audience::Settings);
    }
    Ok(Json(line))
}
