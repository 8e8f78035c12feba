//! Hand clients over to another employee.

use api_types::{EmployeeRef, Event, HandOver, Notice, NoticeKind, Undo};
use axum::extract::State;
use store::HandedOver;
use uuid::Uuid;

use super::contact_ids;
use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::{App, Shared},
    auth::Viewer,
    clock::now_ms,
    events::Audience,
    work::notices,
};

/// Contacts handed over at once at most.
const MOST: usize = 1000;

/// Makes another employee responsible for clients, with the open deals, tasks, meetings, requests and
/// entries of Unsorted that were of whoever was responsible before. What is closed stays as it is. Calls
/// reach the new one at once, and he gets one notice. `POST /operations/{id}/undo` takes it back.
#[utoipa::path(
    post, path = "/contacts/hand-over", tag = "contacts", request_body = HandOver,
    responses((status = 200, body = Undo), (status = 404, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn hand_over(
    State(app): State<Shared>,
    viewer: Viewer,
    Json(wanted): Json<HandOver>,
) -> Result<axum::Json<Undo>, Error> {
    let to = employee(&app, &wanted.to, "to").await?;
    let which = match &wanted.from {
        Some(from) if wanted.ids.is_empty() => {
            let from = employee(&app, from, "from").await?;
            if from == to {
                let message = "these clients are this employee's already: choose another one";
                return Err(Error::invalid("same_user", "to", message));
            }
            HandedOver::AllOf(from)
        }
        Some(_) => {
            let message = "give either contacts or an employee, not both";
            return Err(Error::invalid("bad_ids", "ids", message));
        }
        None => HandedOver::Contacts(contact_ids(&wanted.ids, "ids", MOST)?),
    };
    let author = viewer.author();
    let done = app.store.hand_over(&which, to, now_ms(), &author).await?;
    app.hub.publish(&Event::Many, Audience::Everyone);
    if done.contacts + done.items > 0 && to != viewer.id() {
        tell(&app, &viewer, to, done.contacts).await?;
    }
    app.calls.contacts_changed().await;
    Ok(axum::Json(Undo {
        operation: done.operation.to_string(),
        changed: done.contacts,
    }))
}

/// The new one gets one notice.
async fn tell(app: &App, viewer: &Viewer, to: Uuid, count: u64) -> Result<(), Error> {
    let notice = Notice {
        id: String::new(),
        kind: NoticeKind::HandedOver,
        at: now_ms(),
        seen: false,
        contact: None,
        number: None,
        item: None,
        call: None,
        by: Some(EmployeeRef {
            extension: viewer.user.extension.clone().unwrap_or_default(),
            name: viewer.user.name.clone(),
        }),
        count,
        on: None,
    };
    let row = notices::row(to, &notice);
    app.store.add_notices(std::slice::from_ref(&row)).await?;
    notices::tell(app, &row);
    Ok(())
}

/// A user who is there; who gets clients must be active.
async fn employee(app: &App, id: &str, field: &'static str) -> Result<Uuid, Error> {
    let user = match parse_id(id) {
        Some(id) => app.store.user(id).await?,
        None => None,
    };
    let user = user.filter(|user| user.active || field == "from");
    let message = "there is no such employee: choose another one";
    user.map(|user| user.id)
        .ok_or_else(|| Error::invalid("no_user", field, message))
}
