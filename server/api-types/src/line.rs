//! Lines: SIP accounts at providers.

use serde::{Deserialize, Serialize};

use crate::{PhoneNumber, UnixMs};

/// Whether a line is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case", from = "FlatLineState")]
pub enum LineState {
    /// REGISTER is under way.
    Trying,
    /// Registered.
    Registered {
        /// Seconds granted.
        expires_secs: u32,
        /// Milliseconds to the registrar and back.
        round_trip_ms: u32,
    },
    /// Not registered.
    Failed {
        /// SIP code.
        code: u16,
        /// SIP reason phrase.
        reason: String,
    },
}

/// How [`LineState`] is read: every field in one place. Serde's own reading of a tagged enum keeps
/// the whole object in a tree first, and each browser would have to download the code for that.
#[derive(Deserialize)]
struct FlatLineState {
    state: LineStateName,
    #[serde(default)]
    expires_secs: u32,
    #[serde(default)]
    round_trip_ms: u32,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineStateName {
    Trying,
    Registered,
    Failed,
}

impl From<FlatLineState> for LineState {
    fn from(flat: FlatLineState) -> Self {
        match flat.state {
            LineStateName::Trying => Self::Trying,
            LineStateName::Registered => Self::Registered {
                expires_secs: flat.expires_secs,
                round_trip_ms: flat.round_trip_ms,
            },
            LineStateName::Failed => Self::Failed {
                code: flat.code,
                reason: flat.reason,
            },
        }
    }
}

/// A line as the panel shows it. The password never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// Id.
    pub id: String,
    /// Name people see.
    pub label: String,
    /// User.
    pub user: String,
    /// Domain.
    pub domain: String,
    /// Number (defaults to the user).
    pub number: PhoneNumber,
    /// Whether calls are recorded.
    pub record: bool,
    /// Whether outgoing calls use it unless told otherwise.
    pub default_outgoing: bool,
    /// Registration.
    pub registration: LineState,
    /// When `registration` last changed.
    pub changed_at: UnixMs,
}

/// `POST /api/v1/lines`, `PUT /api/v1/lines/{id}`: user, password, domain.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineDraft {
    /// Name people see; empty: the user.
    #[serde(default)]
    pub label: String,
    /// User.
    pub user: String,
    /// Password; absent in a PUT: unchanged.
    #[serde(default)]
    pub password: Option<String>,
    /// Domain, `host` or `host:port`.
    pub domain: String,
    /// Number; absent: the user.
    #[serde(default)]
    pub number: Option<String>,
    /// Whether calls are recorded.
    #[serde(default = "yes")]
    pub record: bool,
}

fn yes() -> bool {
    true
}
