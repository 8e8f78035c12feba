//! A page's sign of life.

use api_types::{Activity, ActivityWanted};
use axum::extract::State;

use crate::{api::extract::Json, app::Shared, auth::Viewer};

/// Says when somebody last touched keyboard or mouse in this page. Who is away for not doing so
/// is available again.
#[utoipa::path(post, path = "/me/activity", tag = "session", request_body = Activity, responses((status = 200, body = ActivityWanted)))]
pub(crate) async fn activity(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(body): Json<Activity>,
) -> axum::Json<ActivityWanted> {
    axum::Json(app.sign_of_life(viewer.id(), body.idle_secs).await)
}
