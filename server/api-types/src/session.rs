//! Signing in, and the credentials of the browser's telephone.

use serde::{Deserialize, Serialize};

use crate::PhoneNumber;

/// `POST /api/v1/session`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignIn {
    /// Sign-in name.
    pub login: String,
    /// Password.
    pub password: String,
}

/// `POST /api/v1/session/link`: the one-time token from the terminal's first-run link.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignInByLink {
    /// The part of the link after `#`.
    pub token: String,
}

/// `PUT /api/v1/me/password`
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPassword {
    /// The present password; not needed while none is set.
    #[serde(default)]
    pub current: Option<String>,
    /// At least 10 characters.
    pub new: String,
}

/// `GET /api/v1/session`, and the answer to a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    /// User id.
    pub id: String,
    /// Sign-in name.
    pub login: String,
    /// Name for people.
    pub name: String,
    /// Role.
    pub role: Role,
    /// Extension, for example `101`.
    pub extension: Option<String>,
    /// False until the first password is set (first-run link).
    pub has_password: bool,
    /// True when the built-in test network runs (`--demo`).
    pub demo: bool,
}

/// Built-in roles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Own calls.
    Agent,
    /// All calls.
    Supervisor,
    /// Telephony settings.
    SubAdmin,
    /// Everything.
    Admin,
}

/// `POST /api/v1/phone/credentials`: what the browser's telephone registers with. Valid for a few
/// minutes for registering; its end never ends a running call or registration refresh before the
/// page asks for new ones.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PhoneCredentials {
    /// Path or URL of the SIP WebSocket, for example `/sip` (relative to the page) or `wss://…`.
    pub websocket: String,
    /// SIP domain, for the address of record.
    pub domain: String,
    /// Extension, user of the address of record.
    pub extension: String,
    /// Name for digest (`username=`).
    pub username: String,
    /// Password for digest.
    pub password: String,
    /// Display name for From.
    pub display_name: String,
    /// Seconds until new credentials should be fetched.
    pub expires_secs: u32,
    /// TURN servers for the audio, with credentials of their own; empty: there are none.
    #[serde(default)]
    pub ice_servers: Vec<IceServer>,
    /// Seconds for which the credentials of `ice_servers` are good; 0: there are none.
    #[serde(default)]
    pub ice_expires_secs: u32,
}

/// A TURN server, in the shape of `RTCIceServer`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IceServer {
    /// `turn:` and `turns:` URLs.
    pub urls: Vec<String>,
    /// Name, which ends with its time.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IceServer")
            .field("urls", &self.urls)
            .finish_non_exhaustive()
    }
}

/// `GET /api/v1/phone/lines`: a line one may choose for a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallableLine {
    /// Id.
    pub id: String,
    /// Name.
    pub label: String,
    /// Numbers it may show, its own first.
    pub numbers: Vec<PhoneNumber>,
}
