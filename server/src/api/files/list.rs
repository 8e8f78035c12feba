//! Files of something.

use api_types::StoredFile;
use axum::{Json, extract::State};

use super::{With, to_file};
use crate::{
    api::{error::Error, extract::Query},
    app::Shared,
    auth::Viewer,
};

/// Files of a contact, an item or a call, newest first.
#[utoipa::path(get, path = "/files", tag = "files", params(With), responses((status = 200, body = Vec<StoredFile>)))]
pub(crate) async fn list(
    State(app): State<Shared>,
    viewer: Viewer,
    Query(with): Query<With>,
) -> Result<Json<Vec<StoredFile>>, Error> {
    let of = with.read(&app, &viewer).await?;
    let rows = app.store.files(of).await?;
    Ok(Json(rows.into_iter().map(to_file).collect()))
}
