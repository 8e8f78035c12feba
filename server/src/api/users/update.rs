//! Change a user.

use api_types::{Role, User, UserDraft};
use axum::extract::State;
use store::entity::user;

use super::{draft, end_phones, find, shown};
use crate::{
    api::{
        error::Error,
        extract::{Id, Json},
    },
    app::{App, Shared},
    auth::{password, viewer::role_name},
};

/// Replaces what is set of a user. Whoever is made inactive is signed out, and what he has
/// registered rings no more; calls that go on do not end. With another extension a desk phone
/// needs a new password.
#[utoipa::path(
    put, path = "/users/{id}", tag = "users", params(("id" = String, Path)), request_body = UserDraft,
    responses((status = 200, body = User), (status = 404, body = api_types::ApiError), (status = 409, body = api_types::ApiError), (status = 422, body = api_types::ApiError)),
)]
pub(crate) async fn update(
    State(app): State<Shared>,
    Id(id): Id,
    Json(draft): Json<UserDraft>,
) -> Result<axum::Json<User>, Error> {
    let before = find(&app, id).await?;
    let (login, name) = (store::fold(&draft.login), draft.name.trim().to_owned());
    draft::check(&app, &login, &name, &draft)?;
    let groups = draft::groups(&draft)?;
    let after = user::Model {
        login,
        name,
        role: role_name(draft.role).to_owned(),
        takes_calls: draft.takes_calls.unwrap_or(draft.extension.is_some()),
        extension: draft.extension.clone(),
        active: draft.active.unwrap_or(true),
        international: draft.international.unwrap_or(false),
        max_calls: draft.max_calls.and_then(|most| i32::try_from(most).ok()),
        ..before.clone()
    };
    keep_an_admin(&app, &after).await?;
    let hash = match draft.password.clone() {
        Some(password) => {
            password::check_new(&password)?;
            Some(password::hash(password).await?)
        }
        None => None,
    };
    match app.store.update_user(&after).await {
        Ok(true) => {}
        Ok(false) => return Err(Error::NotFound("user")),
        Err(error) => return Err(draft::taken(&app, error, &draft).await),
    }
    if let Some(groups) = groups
        && let Err(error) = app.store.set_groups_of(id, &groups).await
    {
        return Err(draft::taken(&app, error, &draft).await);
    }
    let moved = before.extension != after.extension;
    if moved && after.sealed_sip_ha1.is_some() {
        app.store.set_sip_ha1(id, None).await?;
    }
    if hash.is_some() || !after.active || moved {
        end_phones(&app, id, before.extension.as_deref());
    }
    if let Some(hash) = hash {
        app.store.set_password(id, hash, &[]).await?;
    }
    app.reload_office().await?;
    app.people_changed();
    Ok(axum::Json(shown(&app, id).await?))
}

/// Somebody must be able to set things up.
async fn keep_an_admin(app: &App, after: &user::Model) -> Result<(), Error> {
    let admin = role_name(Role::Admin);
    let can = |user: &user::Model| user.active && user.role == admin;
    let users = app.store.users().await?;
    if can(after) || users.iter().any(|user| user.id != after.id && can(user)) {
        return Ok(());
    }
    Err(Error::Conflict {
        code: "last_admin",
        field: Some("role"),
        message: "this is the only administrator; make somebody else one first".to_owned(),
    })
}
