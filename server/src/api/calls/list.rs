//! The call log, newest first, and its figures.

use std::time::Duration;

use api_types::{CallRecord, CallTotals, Page};
use axum::{Json, extract::State};
use store::CallFilter;

use super::{filter::Filter, records};
use crate::{
    api::{
        error::Error,
        extract::{Query, page_length},
    },
    app::Shared,
    auth::Viewer,
};

/// How long a list waits for the newest states to be written.
const SOON: Duration = Duration::from_millis(250);

/// Calls this viewer may see, newest first.
#[utoipa::path(get, path = "/calls", tag = "calls", params(Filter), responses((status = 200, body = Page<CallRecord>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<CallRecord>>, Error> {
    let limit = page_length(filter.limit)?;
    let wanted = CallFilter {
        limit: limit + 1,
        ..filter.read(&app, &viewer)?
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

/// Figures over all calls the same filter finds; `limit` and `cursor` are not looked at.
#[utoipa::path(get, path = "/calls/totals", tag = "calls", params(Filter), responses((status = 200, body = CallTotals)))]
pub(crate) async fn totals(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(filter): Query<Filter>,
) -> Result<Json<CallTotals>, Error> {
    let wanted = filter.read(&app, &viewer)?;
    app.calls.flush(SOON).await;
    let sums = app.store.sum_calls(&wanted, viewer.calls()).await?;
    let unsigned = |value: i64| u64::try_from(value).unwrap_or(0);
    Ok(Json(CallTotals {
        calls: unsigned(sums.calls),
        answered: unsigned(sums.answered),
        missed: unsigned(sums.missed),
        not_returned: unsigned(sums.not_returned),
        talk_ms: unsigned(sums.talk_ms),
        wait_ms: unsigned(sums.wait_ms.checked_div(sums.calls).unwrap_or(0)),
        recording_bytes: unsigned(sums.recording_bytes),
    }))
}
