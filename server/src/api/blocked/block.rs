//! Block a number.

use api_types::{BlockNumber, BlockedNumber};
use axum::{extract::State, http::StatusCode};
use store::{StoreError, entity::blocked_number};
use uuid::Uuid;

use super::show;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
};

/// Refuses calls from a number from now on; `DELETE` takes it back.
#[utoipa::path(
    post, path = "/blocked-numbers", tag = "numbers", request_body = BlockNumber,
    responses((status = 201, body = BlockedNumber), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn block(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<BlockNumber>,
) -> Result<(StatusCode, axum::Json<BlockedNumber>), Error> {
    let number = app.switchboard.office().rules.read_caller(&wanted.number);
    let digits = number.e164.strip_prefix('+').unwrap_or(&number.e164);
    if digits.is_empty() || digits.len() > 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let message = format!("{:?} is not a phone number", wanted.number);
        return Err(Error::invalid("bad_number", "number", message));
    }
    let row = blocked_number::Model {
        id: Uuid::now_v7(),
        e164: number.e164,
        display: number.display,
        note: wanted.note.trim().chars().take(500).collect(),
        blocked_by: viewer.user.name,
        blocked_at: now_ms(),
        last_call_at: None,
    };
    app.store
        .block_number(row.clone())
        .await
        .map_err(|error| match error {
            StoreError::Taken(_) => Error::Conflict {
                code: "blocked_already",
                field: Some("number"),
                message: "this number is blocked already".to_owned(),
            },
            other => other.into(),
        })?;
    app.reload_office().await?;
    Ok((StatusCode::CREATED, axum::Json(show(row))))
}
