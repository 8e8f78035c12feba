//! People who sign in.

use serde::{Deserialize, Serialize};

use crate::Role;

/// A user, as administrators see one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct User {
    /// Id.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Extension.
    pub extension: Option<String>,
    /// Whether incoming calls ring this one.
    pub takes_calls: bool,
    /// Whether a password is set.
    pub has_password: bool,
}

/// `POST /api/v1/users`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserDraft {
    /// Sign-in name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Extension; absent: none.
    #[serde(default)]
    pub extension: Option<String>,
    /// Password, 10 characters or more; absent: one is generated.
    #[serde(default)]
    pub password: Option<String>,
}

/// The answer to `POST /api/v1/users`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// The user.
    pub user: User,
    /// The password that was generated, shown this once; absent if one was given.
    pub password: Option<String>,
}
