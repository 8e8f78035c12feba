//! A new user.

use api_types::{NewUser, UserDraft};
use axum::{extract::State, http::StatusCode};
use store::entity::user;
use uuid::Uuid;

use super::{draft, shown};
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::{password, viewer::role_name},
    clock::now_ms,
    vault,
};

/// Adds a user. Without a password one is generated and shown this once.
#[utoipa::path(
    post, path = "/users", tag = "users", request_body = UserDraft,
    responses((status = 201, body = NewUser), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn create(
    State(app): State<Shared>,
    Json(draft): Json<UserDraft>,
) -> Result<(StatusCode, axum::Json<NewUser>), Error> {
    let (login, name) = (store::fold(&draft.login), draft.name.trim().to_owned());
    draft::check(&app, &login, &name, &draft)?;
    let groups = draft::groups(&draft)?;
    let (password, generated) = match draft.password.clone() {
        Some(password) => (password, None),
        None => {
            let made = vault::short_token()?;
            (made.clone(), Some(made))
        }
    };
    password::check_new(&password)?;
    let id = Uuid::now_v7();
    let row = user::Model {
        id,
        login,
        name,
        role: role_name(draft.role).to_owned(),
        takes_calls: draft.takes_calls.unwrap_or(draft.extension.is_some()),
        extension: draft.extension.clone(),
        password_hash: Some(password::hash(password).await?),
        created_at: now_ms(),
        active: draft.active.unwrap_or(true),
        international: draft.international.unwrap_or(false),
        max_calls: draft.max_calls.and_then(|most| i32::try_from(most).ok()),
        sealed_sip_ha1: None,
    };
    if let Err(error) = app.store.add_user(row).await {
        return Err(draft::taken(&app, error, &draft).await);
    }
    if let Some(groups) = groups
        && let Err(error) = app.store.set_groups_of(id, &groups).await
    {
        return Err(draft::taken(&app, error, &draft).await);
    }
    app.reload_office().await?;
    app.people_changed();
    let made = NewUser {
        user: shown(&app, id).await?,
        password: generated,
    };
    Ok((StatusCode::CREATED, axum::Json(made)))
}
