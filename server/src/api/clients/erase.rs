//! Erase a person.

use std::{
    path::{Component, Path, PathBuf},
    time::Duration,
};

use api_types::{Erased, Event};
use axum::{Json, extract::State};

use crate::{
    api::{error::Error, extract::Id},
    app::{App, Shared},
    auth::Viewer,
    clock::now_ms,
    events::Audience,
};

/// Erases a person or company for good: the contact and those merged into it, phones, e-mails, notes,
/// tasks, files, recordings, history; calls, deals and orders stay as figures that do not say whom they
/// were with. It cannot be taken back. A legal hold, or a call that goes on, refuses it.
#[utoipa::path(
    post, path = "/contacts/{id}/erase", tag = "contacts", params(("id" = String, Path)),
    responses((status = 200, body = Erased), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError)),
)]
pub(crate) async fn erase(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Erased>, Error> {
    let conflict = |code, message: &str| Error::Conflict {
        code,
        field: None,
        message: message.to_owned(),
    };
    // A call that ended this moment is hers too.
    if !app.calls.flush(Duration::from_secs(2)).await {
        let message = "a call is not written yet; try again in a moment";
        return Err(conflict("not_written", message));
    }
    let (recordings, files, calls) = match app
        .store
        .erase_contact(id, now_ms(), &viewer.author())
        .await?
    {
        store::Erased::Done {
            recordings,
            files,
            calls,
        } => (recordings, files, calls),
        store::Erased::Unknown => return Err(Error::NotFound("contact")),
        store::Erased::Held => {
            let message = "the law or a dispute holds this contact or one of its calls; take the legal hold off first";
            return Err(conflict("legal_hold", message));
        }
        store::Erased::Talking => {
            return Err(conflict(
                "in_call",
                "this person is in a call now; erase when it has ended",
            ));
        }
    };
    let mut erased = Erased {
        calls,
        ..Erased::default()
    };
    for name in recordings {
        if let Some(path) = below(&app.recordings, &name) {
            erased.recordings += u64::from(remove(&path).await);
        }
    }
    for id in files {
        let path = file_of(&app, id);
        erased.files += u64::from(remove(&path).await);
    }
    // Tables of contacts that were uploaded may hold this one.
    app.imports.forget().await.map_err(Error::internal)?;
    app.hub.publish(
        &Event::ContactDeleted { id: id.to_string() },
        Audience::Everyone,
    );
    app.hub.publish(&Event::Many, Audience::Everyone);
    app.calls.contacts_changed().await;
    tracing::info!(contact = %id, "a person was erased");
    Ok(Json(erased))
}

/// A file of the folder itself.
fn below(folder: &Path, name: &str) -> Option<PathBuf> {
    let is_plain = Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_plain.then(|| folder.join(name))
}

async fn remove(path: &Path) -> bool {
    match tokio::fs::remove_file(path).await {
        Ok(()) => true,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => {
            tracing::error!(%error, file = %path.display(), "an erased person's file could not be removed");
            false
        }
    }
}

/// Where a file of a contact lies.
fn file_of(app: &App, id: uuid::Uuid) -> PathBuf {
    app.config.data.join("files").join(id.simple().to_string())
}
