//! Who changed an item.

use api_types::{Change, Page};
use axum::{Json, extract::State};

use crate::{
    api::{
        changes::{PageOf, page},
        error::Error,
        extract::{Id, Query},
    },
    app::Shared,
};

/// Who changed what of an item and when, newest first; deleted ones too.
#[utoipa::path(
    get, path = "/items/{id}/changes", tag = "items", params(("id" = String, Path), PageOf),
    responses((status = 200, body = Page<Change>)),
)]
pub(crate) async fn changes(
    State(app): State<Shared>,
    Id(id): Id,
    Query(of): Query<PageOf>,
) -> Result<Json<Page<Change>>, Error> {
    Ok(Json(page(&app, id, &of).await?))
}
