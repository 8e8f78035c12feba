//! Say whether one takes calls.

use api_types::{Availability, Presence, SetPresence};
use axum::extract::State;

use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Viewer,
    clock::{MINUTE, now_ms},
};

/// Longest time that can be given, minutes.
const LONGEST: u32 = 24 * 60;

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
    if body
        .minutes
        .is_some_and(|minutes| !(1..=LONGEST).contains(&minutes))
    {
        return Err(Error::invalid(
            "minutes",
            "minutes",
            "give 1 to 1440 minutes, or none at all",
        ));
    }
    let since = now_ms();
    let minutes = body
        .minutes
        .filter(|_| body.availability != Availability::Available);
    let presence = Presence {
        availability: body.availability,
        since,
        until: minutes.map(|minutes| since + i64::from(minutes) * MINUTE),
    };
    app.set_presence(viewer.id(), presence).await?;
    Ok(axum::Json(presence))
}
