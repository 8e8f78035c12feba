//! What recordings take up.

use api_types::RecordingsUsage;
use axum::{Json, extract::State};

use crate::{api::error::Error, app::Shared};

/// How many recordings there are and what they take up on the disk.
#[utoipa::path(get, path = "/recordings/usage", tag = "calls", responses((status = 200, body = RecordingsUsage)))]
pub(crate) async fn usage(State(app): State<Shared>) -> Result<Json<RecordingsUsage>, Error> {
    // What an event told already counts too.
    app.calls.flush(std::time::Duration::from_millis(250)).await;
    let sums = app.store.sum_recordings().await?;
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(Json(RecordingsUsage {
        recordings: unsigned(sums.recordings),
        bytes: unsigned(sums.bytes),
        oldest: sums.oldest,
    }))
}
