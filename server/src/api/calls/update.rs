//! Notes of a call.

use api_types::{CallPatch, CallRecord};
use axum::extract::State;

use super::{one, visible};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::Shared,
    auth::Viewer,
};

/// Characters a note may have.
const LONGEST_NOTE: usize = 20_000;

/// Changes the note, during the call and after it.
#[utoipa::path(
    patch, path = "/calls/{id}", tag = "calls", params(("id" = String, Path)), request_body = CallPatch,
    responses((status = 200, body = CallRecord), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(patch): Json<CallPatch>,
) -> Result<axum::Json<CallRecord>, Error> {
    visible(&app, &viewer, id).await?;
    if let Some(note) = &patch.note {
        if note.chars().count() > LONGEST_NOTE {
            let message = format!("a note has at most {LONGEST_NOTE} characters");
            return Err(Error::invalid("note_too_long", "note", message));
        }
        if !app.calls.set_note(id, note).await? {
            return Err(Error::NotFound("call"));
        }
    }
    let row = visible(&app, &viewer, id).await?;
    Ok(axum::Json(one(&app, row).await?))
}
