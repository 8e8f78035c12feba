//! Notices that were seen.

use axum::{extract::State, http::StatusCode};
use uuid::Uuid;

use crate::{
    api::{error::Error, extract::Id},
    app::{App, Shared},
    auth::Viewer,
    work::notices,
};

/// One notice was seen, on any of one's pages.
#[utoipa::path(
    post, path = "/notices/{id}/seen", tag = "notices", params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn see(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    if !app.store.has_notice(viewer.id(), id).await? {
        return Err(Error::NotFound("notice"));
    }
    seen(&app, &viewer, Some(id)).await
}

/// All were seen.
#[utoipa::path(post, path = "/notices/seen", tag = "notices", responses((status = 204)))]
pub(crate) async fn see_all(
    State(app): State<Shared>,
    viewer: Viewer,
) -> Result<StatusCode, Error> {
    seen(&app, &viewer, None).await
}

async fn seen(app: &App, viewer: &Viewer, one: Option<Uuid>) -> Result<StatusCode, Error> {
    for mut row in app.store.see_notices(viewer.id(), one).await? {
        row.seen = true;
        notices::tell(app, &row);
    }
    Ok(StatusCode::NO_CONTENT)
}
