//! All lines with their registration.

use api_types::Line;
use axum::{Json, extract::State};

use crate::{api::error::Error, app::Shared};

/// All lines, in the order they were added.
#[utoipa::path(get, path = "/lines", tag = "lines", responses((status = 200, body = Vec<Line>)))]
pub(crate) async fn list(State(app): State<Shared>) -> Result<Json<Vec<Line>>, Error> {
    let demo = app.test_network.is_some();
    let rows = app.store.lines().await?;
    Ok(Json(
        rows.iter()
            .filter(|row| demo || !row.built_in)
            .map(|row| app.show_line(row))
            .collect(),
    ))
}
