//! What people say about a call.

use api_types::{CallPatch, CallRecord, Choice, Role};
use axum::extract::State;
use store::CallChange;
use uuid::Uuid;

use super::{one, visible};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json, parse_id},
    },
    app::{App, Shared},
    auth::Viewer,
};

/// Characters a note may have.
const LONGEST_NOTE: usize = 20_000;

/// Changes notes, result, reason, client and deal, during the call and after it.
#[utoipa::path(
    patch, path = "/calls/{id}", tag = "calls", params(("id" = String, Path)), request_body = CallPatch,
    responses(
        (status = 200, body = CallRecord), (status = 403, body = api_types::ApiError),
        (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError),
    ),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
    Json(patch): Json<CallPatch>,
) -> Result<axum::Json<CallRecord>, Error> {
    visible(&app, &viewer, id).await?;
    let change = read(&app, &viewer, patch).await?;
    if !change.is_empty() && !app.calls.amend(id, &change).await? {
        return Err(Error::NotFound("call"));
    }
    let row = visible(&app, &viewer, id).await?;
    Ok(axum::Json(one(&app, row).await?))
}

async fn read(app: &App, viewer: &Viewer, patch: CallPatch) -> Result<CallChange, Error> {
    if patch.legal_hold.is_some() && viewer.role() != Role::Admin {
        return Err(Error::Forbidden);
    }
    let too_long = |note: &String| note.chars().count() > LONGEST_NOTE;
    if patch.note.as_ref().is_some_and(too_long) {
        let message = format!("a note has at most {LONGEST_NOTE} characters");
        return Err(Error::invalid("note_too_long", "note", message));
    }
    let settings = app.work.now();
    Ok(CallChange {
        note: patch.note,
        contact: contact(app, patch.contact).await?,
        deal: deal(app, patch.deal).await?,
        result: choice(&settings.results, patch.result, "result")?,
        reason: choice(&settings.reasons, patch.reason, "reason")?,
        legal_hold: patch.legal_hold,
        ..CallChange::default()
    })
}

/// One of the list, or none.
fn choice(
    choices: &[Choice],
    key: Option<String>,
    field: &'static str,
) -> Result<Option<Option<String>>, Error> {
    match key {
        None => Ok(None),
        Some(key) if key.is_empty() => Ok(Some(None)),
        Some(key) if choices.iter().any(|choice| choice.key == key) => Ok(Some(Some(key))),
        Some(_) => {
            let message = format!("there is no such {field}; see GET /work");
            Err(Error::invalid("no_choice", field, message))
        }
    }
}

async fn contact(app: &App, id: Option<String>) -> Result<Option<Option<Uuid>>, Error> {
    let Some(id) = id else { return Ok(None) };
    if id.is_empty() {
        return Ok(Some(None));
    }
    let found = match parse_id(&id) {
        Some(id) => app.store.contact_names(&[id]).await?.into_keys().next(),
        None => None,
    };
    let message = "there is no such contact; it may have been deleted";
    let missing = || Error::invalid("no_contact", "contact", message);
    found.ok_or_else(missing).map(|id| Some(Some(id)))
}

async fn deal(app: &App, id: Option<String>) -> Result<Option<Option<Uuid>>, Error> {
    let Some(id) = id else { return Ok(None) };
    if id.is_empty() {
        return Ok(Some(None));
    }
    if let Some(id) = parse_id(&id)
        && app.store.is_deal(id).await?
    {
        return Ok(Some(Some(id)));
    }
    let message = "there is no such deal; it may have been deleted";
    Err(Error::invalid("no_deal", "deal", message))
}
