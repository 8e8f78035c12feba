//! Try a line that is not saved.

use api_types::{LineCheck, LineCheckRequest};
use axum::extract::State;
use uuid::Uuid;

use super::{draft, find};
use crate::{
    api::{
        error::Error,
        extract::{Json, parse_id},
    },
    app::Shared,
    lines::{check::report, config_of, to_config},
};

/// Does one real REGISTER (a trunk: OPTIONS) with what is in the form and says what was answered.
/// Nothing is saved, and no line is touched.
#[utoipa::path(
    post, path = "/lines/check", tag = "lines", request_body = LineCheckRequest,
    responses((status = 200, body = LineCheck), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn check(
    State(app): State<Shared>,
    Json(body): Json<LineCheckRequest>,
) -> Result<axum::Json<LineCheck>, Error> {
    let saved = match &body.id {
        Some(id) => {
            let id = parse_id(id).ok_or(Error::NotFound("line"))?;
            Some(to_config(&find(&app, id).await?, &app.vault)?)
        }
        None => None,
    };
    let checked = draft::check(&app, &body.line)?.draft;
    let password = body.line.password.clone();
    let password = password
        .or(saved.map(|config| config.password.0))
        .unwrap_or_default();
    let config = config_of(Uuid::now_v7(), &checked, &password);
    Ok(axum::Json(report(&app.gateway.check_line(config).await)))
}
