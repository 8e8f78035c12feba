//! Who is locked out now.

use api_types::LockOut;
use axum::{Json, extract::State};

use crate::{app::Shared, clock};

/// Who is refused now after too many wrong SIP passwords, the newest first.
#[utoipa::path(get, path = "/lock-outs", tag = "lines", responses((status = 200, body = Vec<LockOut>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Json<Vec<LockOut>> {
    Json(app.lock_outs.at(clock::now_ms()))
}
