//! Recordings are deleted; records of their calls stay.

use api_types::{Event, RecordingsDeleted, RecordingsToDelete};
use axum::extract::State;
use uuid::Uuid;

use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::{App, Shared},
    events::Audience,
};

/// Calls looked at at once.
const BATCH: u64 = 500;

/// Deletes recordings for good: of these calls, of calls that began before, or all. Those under legal
/// hold stay.
#[utoipa::path(
    post, path = "/recordings/delete", tag = "calls", request_body = RecordingsToDelete,
    responses((status = 200, body = RecordingsDeleted), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn delete(
    State(app): State<Shared>,
    Json(wanted): Json<RecordingsToDelete>,
) -> Result<axum::Json<RecordingsDeleted>, Error> {
    let ways = usize::from(wanted.all)
        + usize::from(wanted.before.is_some())
        + usize::from(!wanted.ids.is_empty());
    if ways != 1 {
        let message = "say which recordings: all, those before a date, or ids";
        return Err(Error::invalid("say_which", "all", message));
    }
    let mut done = RecordingsDeleted::default();
    if wanted.ids.is_empty() {
        let before = wanted.before.unwrap_or(i64::MAX);
        delete_before(&app, before, &mut done).await?;
    } else {
        let bad = || Error::invalid("bad_id", "ids", "one of them is not the id of a call");
        let ids = wanted.ids.iter().map(|id| parse_id(id).ok_or_else(bad));
        for id in ids.collect::<Result<Vec<_>, _>>()? {
            delete_one(&app, id, &mut done).await?;
        }
    }
    app.hub.publish(&Event::Many, Audience::Everyone);
    Ok(axum::Json(done))
}

async fn delete_before(app: &App, before: i64, done: &mut RecordingsDeleted) -> Result<(), Error> {
    let mut after = None;
    loop {
        let calls = app.store.recorded_calls(after, BATCH).await?;
        let Some(last) = calls.last() else {
            return Ok(());
        };
        after = Some((last.started_at, last.id));
        for call in &calls {
            if call.started_at >= before {
                return Ok(());
            }
            delete_one(app, call.id, done).await?;
        }
    }
}

async fn delete_one(app: &App, id: Uuid, done: &mut RecordingsDeleted) -> Result<(), Error> {
    match app.forget_recording(id).await? {
        Some(bytes) => {
            done.deleted += 1;
            done.bytes += bytes;
        }
        None => done.kept += 1,
    }
    Ok(())
}
