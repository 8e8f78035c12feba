//! A new line.

use api_types::{Event, Line, LineDraft};
use axum::{extract::State, http::StatusCode};
use store::entity::line;
use uuid::Uuid;

use super::check;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::SettingsAdmin,
    clock::now_ms,
    events::Audience,
    lines::purpose,
};

/// Adds a line; it registers at once. The first one is used for outgoing calls.
#[utoipa::path(
    post, path = "/lines", tag = "lines", request_body = LineDraft,
    responses((status = 201, body = Line), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    _admin: SettingsAdmin,
    Json(draft): Json<LineDraft>,
) -> Result<(StatusCode, axum::Json<Line>), Error> {
    let checked = check(&draft)?;
    let password = draft.password.as_deref().ok_or_else(|| {
        Error::invalid("password_needed", "password", "give the account's password")
    })?;
    let id = Uuid::now_v7();
    let row = line::Model {
        id,
        label: checked.label,
        user: checked.user,
        domain: checked.domain,
        host: None,
        port: checked.port,
        number: checked.number,
        sealed_password: app.vault.seal(&purpose(id), password.as_bytes())?,
        record: draft.record.unwrap_or(true),
        default_outgoing: false,
        built_in: false,
        created_at: now_ms(),
    };
    let row = app.store.add_line(row).await?;
    app.reload_lines().await?;
    let line = app.show_line(&row);
    app.hub
        .publish(&Event::Line(line.clone()), Audience::Settings);
    Ok((StatusCode::CREATED, axum::Json(line)))
}
