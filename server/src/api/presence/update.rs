//! Change a reason.

use api_types::{PresenceReason, PresenceReasonDraft};
use axum::extract::State;

use super::{refused, to_row};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    presence::reason,
};

/// Replaces name and meaning of a reason, also for whoever has it now; his time stays.
#[utoipa::path(
    put, path = "/presence-reasons/{id}", tag = "presence", params(("id" = String, Path)), request_body = PresenceReasonDraft,
    responses((status = 200, body = PresenceReason), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    Id(id): Id,
    Json(draft): Json<PresenceReasonDraft>,
) -> Result<axum::Json<PresenceReason>, Error> {
    let missing = || Error::NotFound("reason");
    let before = app.store.presence_reason(id).await?.ok_or_else(missing)?;
    let row = to_row(id, before.position, draft)?;
    let changed = app.store.change_presence_reason(row.clone()).await;
    if !changed.map_err(refused)? {
        return Err(missing());
    }
    let changed = reason(row);
    app.reason_changed(&changed).await?;
    Ok(axum::Json(changed))
}
