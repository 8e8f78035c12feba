//! A new user.

use api_types::{NewUser, UserDraft};
use axum::{extract::State, http::StatusCode};
use store::{StoreError, entity::user};
use uuid::Uuid;

use super::show;
use crate::{
    api::{error::Error, extract::Json},
    app::Shared,
    auth::{Admin, password, viewer::role_name},
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
    _admin: Admin,
    Json(draft): Json<UserDraft>,
) -> Result<(StatusCode, axum::Json<NewUser>), Error> {
    let (login, name) = (store::fold(&draft.login), draft.name.trim().to_owned());
    check(&login, &name, draft.extension.as_deref())?;
    let (password, generated) = match draft.password {
        Some(password) => (password, None),
        None => {
            let made = vault::short_token()?;
            (made.clone(), Some(made))
        }
    };
    password::check_new(&password)?;
    let row = user::Model {
        id: Uuid::now_v7(),
        login,
        name,
        role: role_name(draft.role).to_owned(),
        takes_calls: draft.extension.is_some(),
        extension: draft.extension,
        password_hash: Some(password::hash(password).await?),
        created_at: now_ms(),
    };
    app.store.add_user(row.clone()).await.map_err(taken)?;
    app.reload_employees().await?;
    Ok((
        StatusCode::CREATED,
        axum::Json(NewUser {
            user: show(&row),
            password: generated,
        }),
    ))
}

fn check(login: &str, name: &str, extension: Option<&str>) -> Result<(), Error> {
    let plain = |c: char| c.is_alphanumeric() || ".-_@".contains(c);
    if login.is_empty() || login.len() > 100 || !login.chars().all(plain) {
        let message = "the sign-in name must be letters, digits and . - _ @, without spaces";
        return Err(Error::invalid("bad_login", "login", message));
    }
    if name.is_empty() || name.len() > 200 {
        return Err(Error::invalid(
            "bad_name",
            "name",
            "give a name of up to 200 characters",
        ));
    }
    let digits = |extension: &str| {
        (2..=6).contains(&extension.len()) && extension.bytes().all(|b| b.is_ascii_digit())
    };
    if extension.is_some_and(|extension| !digits(extension)) {
        return Err(Error::invalid(
            "bad_extension",
            "extension",
            "an extension has 2 to 6 digits, for example 102",
        ));
    }
    Ok(())
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Taken(column) if column == "users.login" => Error::Conflict {
            code: "login_taken",
            field: Some("login"),
            message: "somebody has this sign-in name already".to_owned(),
        },
        StoreError::Taken(_) => Error::Conflict {
            code: "extension_taken",
            field: Some("extension"),
            message: "somebody has this extension already".to_owned(),
        },
        other => other.into(),
    }
}
