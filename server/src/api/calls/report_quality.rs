//! What a browser measured on its own leg.

use api_types::{Incident, QualityReport, QualitySlot, UnixMs, Witness};
use axum::{extract::State, http::StatusCode};
use std::time::Duration;
use store::{StoreError, entity::call};
use uuid::Uuid;

use super::visible;
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::{App, Shared},
    auth::Viewer,
    clock::{HOUR, MINUTE, now_ms},
    quality::{self, Measured},
};

/// Slots and incidents one report may have.
const MOST: usize = 500;
/// Clocks that differ by less, in milliseconds, are taken for the same.
const SAME_CLOCK_MS: i64 = 2_000;
/// How long a call that has just begun may take to be written.
const SOON: Duration = Duration::from_secs(2);
/// Longest detail of an incident, characters.
const LONGEST_DETAIL: usize = 40;
const CODECS: [&str; 4] = ["", "opus", "g711", "g722"];
const WAYS: [&str; 6] = ["", "udp", "tcp", "turn-udp", "turn-tcp", "turn-tls"];

/// Stores what the browser of the one who asks measured on its leg of this call; taken until an hour
/// after the call's end. What is sent again changes nothing.
#[utoipa::path(
    put, path = "/calls/{id}/quality", tag = "calls", params(("id" = String, Path)), request_body = QualityReport,
    responses(
        (status = 204), (status = 403, body = api_types::ApiError), (status = 404, body = api_types::ApiError),
        (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn report_quality(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(report): Json<QualityReport>,
) -> Result<StatusCode, Error> {
    let (call, _) = visible(&app, &viewer, id).await?;
    let extension = own_leg(&app, &viewer, &call).await?;
    let now = now_ms();
    if call.ended_at.is_some_and(|ended| ended + HOUR < now) {
        return Err(Error::Conflict {
            code: "call_over",
            field: None,
            message: "this call ended more than an hour ago".to_owned(),
        });
    }
    let new = read(report, &call, now)?;
    let key = (id, extension.as_str(), Witness::Browser);
    let change = |row| quality::with(key, row, new.clone(), now);
    let place = (id, extension.as_str(), "browser");
    match app.store.change_call_quality(place, change).await {
        Err(StoreError::Dangling) => {
            app.calls.flush(SOON).await;
            app.store.change_call_quality(place, change).await?;
        }
        written => written?,
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The extension of the one who asks, if it has or had a leg in this call.
async fn own_leg(app: &App, viewer: &Viewer, call: &call::Model) -> Result<String, Error> {
    let extension = viewer.user.extension.clone().ok_or(Error::Forbidden)?;
    let is_own = call.employee_extension.as_ref() == Some(&extension)
        || app.gauges.has_leg(call.id, &extension)
        || had_leg(app, call.id, &extension).await?;
    if is_own {
        Ok(extension)
    } else {
        Err(Error::Forbidden)
    }
}

/// Whether such a leg was measured, perhaps by a server that was started anew since.
async fn had_leg(app: &App, call: Uuid, extension: &str) -> Result<bool, Error> {
    let legs = app.store.call_qualities(call).await?;
    Ok(legs.iter().any(|row| row.leg == extension))
}

fn read(report: QualityReport, call: &call::Model, now: i64) -> Result<Measured, Error> {
    if report.slots.len() > MOST || report.incidents.len() > MOST {
        let message = format!("a report has at most {MOST} slots and incidents");
        return Err(Error::invalid("too_long", "slots", message));
    }
    if !CODECS.contains(&report.codec.as_str()) {
        return Err(Error::invalid("unknown_codec", "codec", "no such codec"));
    }
    if !WAYS.contains(&report.way.as_str()) {
        return Err(Error::invalid("unknown_way", "way", "no such way"));
    }
    let ahead = report.sent_at - now;
    let shift = if ahead.abs() < SAME_CLOCK_MS {
        0
    } else {
        ahead
    };
    let last = call.ended_at.unwrap_or(now) + MINUTE;
    let is_of_the_call = |at: UnixMs| (call.started_at - MINUTE..=last).contains(&at);
    let slots = report.slots.into_iter().map(|slot| QualitySlot {
        at: slot.at - shift,
        ..slot
    });
    let slots: Vec<_> = slots.filter(|slot| is_of_the_call(slot.at)).collect();
    if let Some(bad) = slots.iter().find(|slot| !is_plausible(slot)) {
        let message = format!("the figures of {} cannot be", bad.at);
        return Err(Error::invalid("impossible_figures", "slots", message));
    }
    let incidents = report.incidents.into_iter().map(|incident| Incident {
        at: incident.at - shift,
        kind: incident.kind,
        detail: incident.detail.chars().take(LONGEST_DETAIL).collect(),
    });
    let incidents = incidents.filter(|incident| is_of_the_call(incident.at));
    Ok(Measured {
        codec: report.codec,
        way: report.way,
        incidents: incidents.collect(),
        slots,
    })
}

fn is_plausible(slot: &QualitySlot) -> bool {
    let mut ways = [slot.heard, slot.said].into_iter().flatten();
    (1..=60).contains(&slot.secs) && ways.all(quality::is_plausible)
}
