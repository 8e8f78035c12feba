//! Who is refused after too many wrong SIP passwords.

use serde::{Deserialize, Serialize};

/// One row of `GET /api/v1/lock-outs`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LockOut {
    /// Id.
    pub id: String,
    /// When it began, ms since 1970.
    pub at: i64,
    /// When it ends, ms since 1970.
    pub until: i64,
    /// IP address the last wrong password came from.
    pub address: String,
    /// SIP user it was for.
    pub username: String,
    /// Whose telephone has that user name; absent: nobody's.
    pub person: Option<String>,
    /// Who is refused.
    pub whom: LockedOut,
}

/// Who is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LockedOut {
    /// The address, at this user.
    AddressAtUser,
    /// The address, altogether.
    Address,
    /// The user, from everywhere it was not used from before.
    User,
}
