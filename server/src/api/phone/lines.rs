//! The lines one may call by.

use api_types::CallableLine;
use axum::{Json, extract::State};

use crate::{app::Shared, auth::Viewer, routing::callable};

/// Names and numbers of the lines the signed-in employee may choose for a call, the usual one
/// first; nothing for those who have no extension.
#[utoipa::path(get, path = "/phone/lines", tag = "phone", responses((status = 200, body = Vec<CallableLine>)))]
pub(crate) async fn lines(State(app): State<Shared>, viewer: Viewer) -> Json<Vec<CallableLine>> {
    let office = app.switchboard.office();
    let lines = match office.by_user(viewer.id()) {
        Some(employee) => callable(&office, employee.user),
        None => Vec::new(),
    };
    let shown = lines.into_iter().map(|line| {
        let further = line.numbers.iter().filter(|known| known.caller_id);
        let numbers = std::iter::once(&line.number).chain(further.map(|known| &known.number));
        CallableLine {
            id: line.id.to_string(),
            label: line.label.clone(),
            numbers: numbers.cloned().collect(),
        }
    });
    Json(shown.collect())
}
