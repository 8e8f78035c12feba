//! Change a group.

use api_types::{Group, GroupDraft};
use axum::extract::State;

use super::{refused, show, to_row};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
};

/// Replaces name, members and rights of a group.
#[utoipa::path(
    put, path = "/groups/{id}", tag = "users", params(("id" = String, Path)), request_body = GroupDraft,
    responses((status = 200, body = Group), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    Id(id): Id,
    Json(draft): Json<GroupDraft>,
) -> Result<axum::Json<Group>, Error> {
    let groups = app.store.groups().await?;
    let before = groups
        .iter()
        .find(|row| row.group.id == id)
        .ok_or(Error::NotFound("group"))?;
    let row = to_row(id, before.group.created_at, draft)?;
    app.store.put_group(&row, false).await.map_err(refused)?;
    app.reload_office().await?;
    Ok(axum::Json(show(row)))
}
