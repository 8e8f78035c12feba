//! The call log, newest first.

use std::time::Duration;

use api_types::{CallRecord, CallStatus, Direction, Page};
use axum::{Json, extract::State};
use serde::Deserialize;
use store::CallFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use super::records;
use crate::{
    api::{
        error::Error,
        extract::{Query, bad_cursor, page_length, parse_id},
    },
    app::Shared,
    auth::Viewer,
    calls::word,
};

/// Tenths of MOS below which many are dissatisfied (ITU-T G.107 Annex B).
const BAD_BELOW: u8 = 36;
/// How long a list waits for the newest states to be written.
const SOON: Duration = Duration::from_millis(250);

/// Which calls.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Filter {
    /// Part of the client's name or number, or of the note.
    #[serde(default)]
    q: String,
    /// Direction.
    #[param(inline)]
    direction: Option<Direction>,
    /// Status.
    #[param(inline)]
    status: Option<CallStatus>,
    /// With or without a recording.
    has_recording: Option<bool>,
    /// Only calls of which a leg sounded bad to many: MOS below 3.6.
    #[serde(default)]
    bad_quality: bool,
    /// Began at or after (ms since 1970).
    from: Option<i64>,
    /// Began before (ms since 1970).
    to: Option<i64>,
    /// Rows on a page, 1 to 200; 50 unless told.
    limit: Option<u64>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Calls this viewer may see, newest first.
#[utoipa::path(get, path = "/calls", tag = "calls", params(Filter), responses((status = 200, body = Page<CallRecord>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<CallRecord>>, Error> {
    let limit = page_length(filter.limit)?;
    let before = filter
        .cursor
        .as_deref()
        .map(|cursor| decode(cursor).ok_or_else(bad_cursor))
        .transpose()?;
    let wanted = CallFilter {
        query: filter.q,
        direction: filter.direction.map(word),
        status: filter.status.map(word),
        has_recording: filter.has_recording,
        mos_below: filter.bad_quality.then_some(BAD_BELOW),
        from: filter.from,
        to: filter.to,
        before,
        limit: limit + 1,
    };
    // What an event told already is in the list too.
    app.calls.flush(SOON).await;
    let mut rows = app.store.find_calls(&wanted, viewer.calls()).await?;
    let more = rows.len() as u64 > limit;
    if more {
        rows.pop();
    }
    let next_cursor = rows
        .last()
        .filter(|_| more)
        .map(|(call, _)| format!("{}.{}", call.started_at, call.id.simple()));
    for (call, recording) in &mut rows {
        if let Some(state) = app.calls.current(call.id) {
            (*call, *recording) = (state.call, state.recording);
        }
    }
    Ok(Json(Page {
        items: records(&app, rows).await?,
        next_cursor,
    }))
}

fn decode(cursor: &str) -> Option<(i64, Uuid)> {
    let (started_at, id) = cursor.split_once('.')?;
    Some((started_at.parse().ok()?, parse_id(id)?))
}
