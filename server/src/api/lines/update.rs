//! Change a line.

use api_types::{Line, LineDraft};
use axum::extract::State;

use super::{apply, draft::check, find};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    lines::{balance, purpose, stored},
};

/// Changes a line: everything is replaced, except that without `password` and `balance` those stay
/// as they are. It registers anew.
#[utoipa::path(
    put, path = "/lines/{id}", tag = "lines", params(("id" = String, Path)), request_body = LineDraft,
    responses((status = 200, body = Line), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    Id(id): Id,
    Json(mut draft): Json<LineDraft>,
) -> Result<axum::Json<Line>, Error> {
    let mut row = find(&app, id).await?;
    if row.built_in {
        // Where the test network is, it says itself.
        draft.user.clone_from(&row.user);
        draft.domain.clone_from(&row.domain);
        draft.host = None;
        draft.proxy = None;
    }
    let checked = check(&app, &draft)?;
    row.settings = stored(&checked.draft);
    row.label = checked.draft.label;
    row.number = checked.draft.number;
    row.record = draft.record.unwrap_or(true);
    if !row.built_in {
        row.user = checked.draft.user;
        row.domain = checked.domain;
        row.port = checked.port;
        if let Some(password) = &draft.password {
            row.sealed_password = app.vault.seal(&purpose(id), password.as_bytes())?;
        }
    }
    if draft.balance.is_some() {
        row.sealed_balance = balance::seal(&app.vault, id, draft.balance.as_ref())?;
    }
    if !app.store.update_line(row.clone()).await? {
        return Err(Error::NotFound("line"));
    }
    Ok(axum::Json(apply(&app, &row).await?))
}
