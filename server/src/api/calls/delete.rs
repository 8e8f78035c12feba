//! A call is taken out of the log, and back.

use api_types::{CallRecord, Event, Role};
use axum::{Json, extract::State, http::StatusCode};

use super::{one, visible};
use crate::{
    api::{error::Error, extract::Id},
    app::{App, Shared},
    auth::Viewer,
    clock::now_ms,
    events::Audience,
};

/// Takes a call that is over out of the log, for everybody. Its recording stays until its time is over,
/// and the call can be brought back until then. Supervisors and administrators.
#[utoipa::path(
    delete, path = "/calls/{id}", tag = "calls", params(("id" = String, Path)),
    responses(
        (status = 204), (status = 403, body = api_types::ApiError), (status = 404, body = api_types::ApiError),
        (status = 409, body = api_types::ApiError),
    ),
)]
pub(crate) async fn delete(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<StatusCode, Error> {
    let (call, _) = visible(&app, &viewer, id).await?;
    may(&viewer)?;
    if call.legal_hold {
        return Err(kept());
    }
    if call.ended_at.is_none() {
        return Err(conflict("call_goes_on", "this call goes on; end it first"));
    }
    app.calls.flush(std::time::Duration::from_secs(2)).await;
    if !app.store.set_call_deleted(id, Some(now_ms())).await? {
        return Err(Error::NotFound("call"));
    }
    tell(&app);
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a call back that was taken out of the log.
#[utoipa::path(
    post, path = "/calls/{id}/restore", tag = "calls", params(("id" = String, Path)),
    responses(
        (status = 200, body = CallRecord), (status = 403, body = api_types::ApiError),
        (status = 404, body = api_types::ApiError),
    ),
)]
pub(crate) async fn restore(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<CallRecord>, Error> {
    let is_back = may(&viewer).is_ok() && app.store.set_call_deleted(id, None).await?;
    if !is_back {
        return Err(Error::NotFound("call"));
    }
    tell(&app);
    let row = visible(&app, &viewer, id).await?;
    Ok(Json(one(&app, row).await?))
}

fn may(viewer: &Viewer) -> Result<(), Error> {
    match viewer.role() {
        Role::Supervisor | Role::Admin => Ok(()),
        Role::Agent | Role::SubAdmin => Err(Error::Forbidden),
    }
}

fn kept() -> Error {
    conflict(
        "legal_hold",
        "this call is under legal hold; an administrator has to lift that first",
    )
}

fn conflict(code: &'static str, message: &str) -> Error {
    Error::Conflict {
        code,
        field: None,
        message: message.to_owned(),
    }
}

/// Lists are to be read again.
fn tell(app: &App) {
    app.hub.publish(&Event::Many, Audience::Everyone);
}
