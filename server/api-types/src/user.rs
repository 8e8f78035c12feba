//! People who sign in, their phones and groups.

use serde::{Deserialize, Serialize};

use crate::{Presence, Role};

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
    /// False: may neither sign in nor call.
    pub active: bool,
    /// Whether this one may call abroad; a group can give the right too.
    pub international: bool,
    /// Calls at once; absent: no limit.
    pub max_calls: Option<u32>,
    /// Whether a desk phone can register: a SIP password was made.
    pub has_sip_password: bool,
    /// Ids of groups.
    pub groups: Vec<String>,
}

/// `POST /api/v1/users`, `PUT /api/v1/users/{id}`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UserDraft {
    /// Sign-in name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Extension; absent: none. A user without one has no phone.
    #[serde(default)]
    pub extension: Option<String>,
    /// Password, 10 characters or more; absent: one is generated (POST), unchanged (PUT).
    #[serde(default)]
    pub password: Option<String>,
    /// Whether incoming calls ring this one; absent: yes, with an extension.
    #[serde(default)]
    pub takes_calls: Option<bool>,
    /// False: may neither sign in nor call; what is registered and signed in ends. Absent: true.
    #[serde(default)]
    pub active: Option<bool>,
    /// Whether this one may call abroad; absent: no.
    #[serde(default)]
    pub international: Option<bool>,
    /// Calls at once; absent: no limit.
    #[serde(default)]
    pub max_calls: Option<u32>,
    /// Ids of groups; absent: none (POST), unchanged (PUT).
    #[serde(default)]
    pub groups: Option<Vec<String>>,
}

/// The answer to `POST /api/v1/users` and `POST /api/v1/users/{id}/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewUser {
    /// The user.
    pub user: User,
    /// The password that was generated, shown this once; absent if one was given.
    pub password: Option<String>,
}

/// `GET /api/v1/users/extensions/{extension}`, and `GET /api/v1/users/extensions/next`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExtensionOffer {
    /// The extension; the next free one where that was asked for.
    pub extension: String,
    /// Whether it can be given.
    pub free: bool,
    /// Who has it.
    pub taken_by: Option<String>,
    /// Whether it is also an emergency number, which then has to be dialled otherwise.
    pub hides_emergency: bool,
}

/// `POST /api/v1/users/{id}/sip-password`: what a desk phone is set up with. Shown this once; the
/// one before stops working.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SipAccount {
    /// `host` or `host:port` to register at, as far as it is known.
    pub server: String,
    /// Transports it takes, `udp`, `tcp`, `tls`.
    pub transports: Vec<String>,
    /// User and name for digest: the extension.
    pub username: String,
    /// Password.
    pub password: String,
    /// Realm.
    pub realm: String,
}

/// A group of employees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Group {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Ids of users, in the order they ring in turn.
    pub members: Vec<String>,
    /// Whether members may call abroad.
    pub international: bool,
}

/// `POST /api/v1/groups`, `PUT /api/v1/groups/{id}`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupDraft {
    /// Name.
    pub name: String,
    /// Ids of users, in the order they ring in turn.
    #[serde(default)]
    pub members: Vec<String>,
    /// Whether members may call abroad.
    #[serde(default)]
    pub international: bool,
}

/// `GET /api/v1/colleagues`: whom one may call or make responsible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Colleague {
    /// Id of the user.
    pub id: String,
    /// Name.
    pub name: String,
    /// Extension.
    pub extension: String,
    /// What he says of himself.
    pub presence: Presence,
    /// Whether a telephone of his answers now: a page, a desk phone.
    pub reachable: bool,
    /// Whether he talks or dials now.
    pub on_call: bool,
}
