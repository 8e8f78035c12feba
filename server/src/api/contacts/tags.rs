//! Tags there are.

use axum::{Json, extract::State};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
};

/// Tags offered at most.
const MOST: usize = 50;

/// What is looked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Part {
    /// Part of a tag.
    #[serde(default)]
    q: String,
}

/// Tags of contacts that contain a text, by name.
#[utoipa::path(get, path = "/tags", tag = "contacts", params(Part), responses((status = 200, body = Vec<String>)))]
pub(crate) async fn tags(
    State(app): State<Shared>,
    Query(part): Query<Part>,
) -> Result<Json<Vec<String>>, Error> {
    Ok(Json(app.store.tags(&part.q, MOST).await?))
}
