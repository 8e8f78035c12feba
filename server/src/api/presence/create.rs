//! A new reason.

use api_types::{PresenceReason, PresenceReasonDraft};
use axum::{extract::State, http::StatusCode};
use uuid::Uuid;

use super::{refused, to_row};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    presence::reason,
};

/// As many as a menu can show.
const MOST: usize = 30;

/// Adds a reason; it stands last.
#[utoipa::path(
    post, path = "/presence-reasons", tag = "presence", request_body = PresenceReasonDraft,
    responses((status = 201, body = PresenceReason), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Json(draft): Json<PresenceReasonDraft>,
) -> Result<(StatusCode, axum::Json<PresenceReason>), Error> {
    let all = app.store.presence_reasons().await?;
    if all.len() >= MOST {
        return Err(Error::Conflict {
            code: "too_many",
            field: None,
            message: "there are 30 reasons; remove one first".to_owned(),
        });
    }
    let last = all.iter().map(|row| row.position).max().unwrap_or(0);
    let row = to_row(Uuid::now_v7(), last.saturating_add(1), draft)?;
    let added = app.store.add_presence_reason(row.clone()).await;
    added.map_err(refused)?;
    Ok((StatusCode::CREATED, axum::Json(reason(row))))
}
