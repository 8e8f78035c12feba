//! What waits.

use api_types::WaitingCounts;
use axum::{Json, extract::State};
use serde::Deserialize;
use store::ItemFilter;
use utoipa::IntoParams;

use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
    auth::Viewer,
    clock::{DAY, now_ms},
};

/// Counted at most.
const MOST: u64 = 1000;

/// Until when.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Today {
    /// When the viewer's day ends (ms since 1970); in a day from now unless told.
    until: Option<i64>,
}

/// What waits for the viewer; each is counted up to 1000.
#[utoipa::path(get, path = "/items/counts", tag = "items", params(Today), responses((status = 200, body = WaitingCounts)))]
pub(crate) async fn counts(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(today): Query<Today>,
) -> Result<Json<WaitingCounts>, Error> {
    let until = today.until.unwrap_or_else(|| now_ms() + DAY);
    let unsorted = ItemFilter {
        kinds: vec!["unsorted".to_owned()],
        open: Some(true),
        ..ItemFilter::default()
    };
    let store = &app.store;
    Ok(Json(WaitingCounts {
        tasks_due: store.count_tasks_due(viewer.id(), until).await?.min(MOST),
        unsorted: store.count_items(&unsorted, MOST).await?,
        missed: store.count_not_returned(viewer.calls(), MOST).await?,
        notices: store.count_unseen_notices(viewer.id()).await?.min(MOST),
    }))
}
