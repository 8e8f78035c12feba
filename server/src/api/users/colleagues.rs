//! Whom one may call or make responsible.

use api_types::Colleague;
use axum::{Json, extract::State};

use crate::app::Shared;

/// Everybody with an extension, by extension.
#[utoipa::path(get, path = "/colleagues", tag = "users", responses((status = 200, body = Vec<Colleague>)))]
pub(crate) async fn colleagues(State(app): State<Shared>) -> Json<Vec<Colleague>> {
    let office = app.switchboard.office();
    let colleagues = office.employees.iter();
    Json(
        colleagues
            .map(|employee| app.presences.colleague(employee))
            .collect(),
    )
}
