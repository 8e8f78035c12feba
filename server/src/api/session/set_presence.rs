//! Say whether one takes calls.

use api_types::{Availability, Presence, PresenceReason, SetPresence};
use axum::extract::State;

use crate::{
    api::{error::Error, extract::Json, presence::check_minutes},
    app::{App, Shared},
    auth::Viewer,
    clock::{MINUTE, now_ms},
    presence,
};

/// Says whether one takes calls. It holds at once, over restarts, and until the time given is over.
#[utoipa::path(
    put, path = "/me/presence", tag = "session", request_body = SetPresence,
    responses((status = 200, body = Presence), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn set_presence(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(body): Json<SetPresence>,
) -> Result<axum::Json<Presence>, Error> {
    check_minutes(body.minutes)?;
    let reason = match &body.reason {
        Some(id) => Some(reason(&app, id).await?),
        None => None,
    };
    let of_reason = reason.as_ref().map(|reason| reason.availability);
    let availability = of_reason.or(body.availability).ok_or_else(|| {
        Error::invalid("availability", "availability", "give a state or a reason")
    })?;
    let since = now_ms();
    let minutes = body
        .minutes
        .or_else(|| reason.as_ref().and_then(|reason| reason.minutes))
        .filter(|_| availability != Availability::Available);
    let presence = Presence {
        availability,
        since,
        until: minutes.map(|minutes| since + i64::from(minutes) * MINUTE),
        reason: reason.as_ref().map(presence::said),
        automatic: false,
    };
    app.set_presence(viewer.id(), presence.clone()).await?;
    Ok(axum::Json(presence))
}

async fn reason(app: &App, id: &str) -> Result<PresenceReason, Error> {
    let found = match id.parse() {
        Ok(id) => app.store.presence_reason(id).await?,
        Err(_) => None,
    };
    let row = found.ok_or_else(|| {
        Error::invalid(
            "no_reason",
            "reason",
            "this reason was removed; choose another",
        )
    })?;
    Ok(presence::reason(row))
}
