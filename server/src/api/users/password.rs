//! A new password for somebody.

use api_types::NewUser;
use axum::{Json, extract::State};

use super::{end_phones, find, shown};
use crate::{
    api::{error::Error, extract::Id},
    app::Shared,
    auth::password,
    vault,
};

/// Generates a password and shows it this once; the user is signed out everywhere.
#[utoipa::path(
    post, path = "/users/{id}/password", tag = "users", params(("id" = String, Path)),
    responses((status = 200, body = NewUser), (status = 404, body = api_types::ApiError)),
)]
pub(crate) async fn new_password(
    State(app): State<Shared>,
    Id(id): Id,
) -> Result<Json<NewUser>, Error> {
    find(&app, id).await?;
    let made = vault::short_token()?;
    let hash = password::hash(made.clone()).await?;
    app.store.set_password(id, hash, &[]).await?;
    end_phones(&app, id, None);
    Ok(Json(NewUser {
        user: shown(&app, id).await?,
        password: Some(made),
    }))
}
