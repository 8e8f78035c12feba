//! Who listened to a recording.

use api_types::Change;
use axum::{Json, extract::State};

use super::visible;
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
};

/// Who listened to the recording or downloaded it, newest first.
#[utoipa::path(
    get, path = "/calls/{id}/listened", tag = "calls", params(("id" = String, Path)),
    responses((status = 200, body = Vec<Change>), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn listened(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Vec<Change>>, Error> {
    visible(&app, &viewer, id).await?;
    let rows = app.store.listenings(id).await?;
    let shown = rows.into_iter().map(|row| Change {
        at: row.at,
        by: row.user_name,
        what: row.what,
        fields: Vec::new(),
    });
    Ok(Json(shown.collect()))
}
