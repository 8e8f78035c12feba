//! A new line.

use api_types::{Line, LineDraft};
use axum::{extract::State, http::StatusCode};
use store::entity::line;
use uuid::Uuid;

use super::{apply, draft::check};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    clock::now_ms,
    lines::{balance, purpose, stored},
};

/// Adds a line; it registers at once. The first one is used for outgoing calls.
#[utoipa::path(
    post, path = "/lines", tag = "lines", request_body = LineDraft,
    responses((status = 201, body = Line), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Json(draft): Json<LineDraft>,
) -> Result<(StatusCode, axum::Json<Line>), Error> {
    let checked = check(&app, &draft)?;
    let password = match &draft.password {
        Some(password) => password.as_str(),
        None if draft.trunk => "",
        None => {
            let message = "give the account's password";
            return Err(Error::invalid("password_needed", "password", message));
        }
    };
    let id = Uuid::now_v7();
    let row = line::Model {
        id,
        settings: stored(&checked.draft),
        sealed_password: app.vault.seal(&purpose(id), password.as_bytes())?,
        sealed_balance: balance::seal(&app.vault, id, draft.balance.as_ref())?,
        currency: None,
        label: checked.draft.label,
        user: checked.draft.user,
        domain: checked.domain,
        host: None,
        port: checked.port,
        number: checked.draft.number,
        record: draft.record.unwrap_or(true),
        default_outgoing: false,
        built_in: false,
        created_at: now_ms(),
    };
    let row = app.store.add_line(row).await?;
    Ok((StatusCode::CREATED, axum::Json(apply(&app, &row).await?)))
}
