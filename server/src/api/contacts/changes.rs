//! Who changed a contact.

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

/// Who changed what of a contact and when, newest first; deleted ones too.
#[utoipa::path(
    get, path = "/contacts/{id}/changes", tag = "contacts", params(("id" = String, Path), PageOf),
    responses((status = 200, body = Page<Change>)),
)]
pub(crate) async fn changes(
    State(app): State<Shared>,
    Id(id): Id,
    Query(of): Query<PageOf>,
) -> Result<Json<Page<Change>>, Error> {
    Ok(Json(page(&app, id, &of).await?))
}
