//! Change a line.

use api_types::{Event, Line, LineDraft};
use axum::extract::State;

use super::check;
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    auth::SettingsAdmin,
    events::Audience,
    lines::purpose,
};

/// Changes a line; without `password` that stays as it is. It registers anew.
#[utoipa::path(
    put, path = "/lines/{id}", tag = "lines", params(("id" = String, Path)), request_body = LineDraft,
    responses((status = 200, body = Line), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    _admin: SettingsAdmin,
    Id(id): Id,
    Json(draft): Json<LineDraft>,
) -> Result<axum::Json<Line>, Error> {
    let checked = check(&draft)?;
    let mut row = app.store.line(id).await?.ok_or(Error::NotFound("line"))?;
    row.label = checked.label;
    row.number = checked.number;
    row.record = draft.record.unwrap_or(true);
    if !row.built_in {
        row.user = checked.user;
        row.domain = checked.domain;
        row.port = checked.port;
        if let Some(password) = &draft.password {
            row.sealed_password = app.vault.seal(&purpose(id), password.as_bytes())?;
        }
    }
    if !app.store.update_line(row.clone()).await? {
        return Err(Error::NotFound("line"));
    }
    app.reload_lines().await?;
    let line = app.show_line(&row);
    app.hub
        .publish(&Event::Line(line.clone()), Audience::Settings);
    Ok(axum::Json(line))
}
