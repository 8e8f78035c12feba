//! The person behind a request, and what the role allows.

use api_types::Role;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use axum_extra::extract::CookieJar;
use store::{Author, Scope, entity::user};
use uuid::Uuid;

use super::cookie;
use crate::{
    api::error::Error,
    app::Shared,
    clock::{MINUTE, now_ms},
    vault::hash_token,
};

/// Someone who is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Viewer {
    /// The user.
    pub user: user::Model,
    /// What is stored of the session's token.
    pub session_hash: Vec<u8>,
}

impl Viewer {
    /// User id.
    pub(crate) fn id(&self) -> Uuid {
        self.user.id
    }

    /// Role; an unknown one counts as the least.
    pub(crate) fn role(&self) -> Role {
        role(&self.user.role)
    }

    /// As histories name this one.
    pub(crate) fn author(&self) -> Author {
        Author {
            id: Some(self.user.id),
            name: Some(self.user.name.clone()),
        }
    }

    /// Whose calls this one sees.
    pub(crate) fn calls(&self) -> Scope {
        match self.role() {
            Role::Supervisor | Role::Admin => Scope::All,
            Role::Agent | Role::SubAdmin => Scope::Own(self.id()),
        }
    }

    /// Whether telephony settings are open to this one.
    pub(crate) fn sees_settings(&self) -> bool {
        matches!(self.role(), Role::SubAdmin | Role::Admin)
    }
}

/// A role as it is stored.
pub(crate) fn role(text: &str) -> Role {
    match text {
        "admin" => Role::Admin,
        "sub_admin" => Role::SubAdmin,
        "supervisor" => Role::Supervisor,
        _ => Role::Agent,
    }
}

/// How a role is stored.
pub(crate) fn role_name(role: Role) -> &'static str {
    match role {
        Role::Agent => "agent",
        Role::Supervisor => "supervisor",
        Role::SubAdmin => "sub_admin",
        Role::Admin => "admin",
    }
}

impl Viewer {
    /// Whose session the request's cookie names.
    pub(crate) async fn of(headers: &HeaderMap, app: &Shared) -> Result<Self, Error> {
        let jar = CookieJar::from_headers(headers);
        let token = cookie::read(&jar, &app.config).ok_or(Error::SignInNeeded)?;
        let session_hash = hash_token(&token);
        let now = now_ms();
        let found = app
            .store
            .session(&session_hash, now)
            .await?
            .ok_or(Error::SignInNeeded)?;
        if now - found.session.seen_at > 5 * MINUTE {
            let until = now + cookie::SESSION_SECS * 1000;
            app.store.prolong_session(&session_hash, now, until).await?;
        }
        Ok(Self {
            user: found.user,
            session_hash,
        })
    }
}

impl FromRequestParts<Shared> for Viewer {
    type Rejection = Error;

    /// The one the table of rights has let through.
    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Error> {
        match parts.extensions.get::<Self>() {
            Some(viewer) => Ok(viewer.clone()),
            None => Self::of(&parts.headers, app).await,
        }
    }
}
