//! Things done to many records, taken back.

use api_types::{Event, Undo};
use axum::{Json, extract::State};
use store::Undone;

use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::Viewer,
    clock::now_ms,
    events::Audience,
};

/// Takes an operation back: bulk changes, merges, hand-overs, imports. All of it, or nothing where
/// something was changed since. One's own, or as an administrator anybody's.
#[utoipa::path(
    post, path = "/operations/{id}/undo", tag = "operations", params(("id" = String, Path)),
    responses(
        (status = 200, body = Undo), (status = 404, body = api_types::ApiError),
        (status = 409, body = api_types::ApiError),
    ),
)]
pub(crate) async fn undo(
    State(app): State<Shared>,
    viewer: Viewer,
    Id(id): Id,
) -> Result<Json<Undo>, Error> {
    let any = viewer.role() == api_types::Role::Admin;
    let undone = app.store.undo(id, now_ms(), &viewer.author(), any).await?;
    let refused = |code, message: String| Error::Conflict {
        code,
        field: None,
        message,
    };
    match undone {
        Undone::Done { contacts, items } => {
            app.hub.publish(&Event::Many, Audience::Everyone);
            if !contacts.is_empty() {
                app.calls.contacts_changed().await;
            }
            Ok(Json(Undo {
                operation: id.to_string(),
                changed: (contacts.len() + items.len()) as u64,
            }))
        }
        Undone::Unknown => Err(Error::NotFound("operation")),
        Undone::Already => Err(refused(
            "undone_already",
            "this was taken back already".to_owned(),
        )),
        Undone::ChangedSince(name) => Err(refused(
            "changed_meanwhile",
            format!(
                "{name:?} was changed since, so nothing was taken back; change what you need by hand"
            ),
        )),
    }
}
