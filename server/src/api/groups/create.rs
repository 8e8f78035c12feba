//! A new group.

use api_types::{Group, GroupDraft};
use axum::{extract::State, http::StatusCode};
use uuid::Uuid;

use super::{refused, show, to_row};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    clock::now_ms,
};

/// Adds a group.
#[utoipa::path(
    post, path = "/groups", tag = "users", request_body = GroupDraft,
    responses((status = 201, body = Group), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Json(draft): Json<GroupDraft>,
) -> Result<(StatusCode, axum::Json<Group>), Error> {
    let row = to_row(Uuid::now_v7(), now_ms(), draft)?;
    app.store.put_group(&row, true).await.map_err(refused)?;
    app.reload_office().await?;
    Ok((StatusCode::CREATED, axum::Json(show(row))))
}
