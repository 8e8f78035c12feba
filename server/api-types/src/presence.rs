//! Whether people take calls.

use serde::{Deserialize, Serialize};

/// What somebody says of himself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Calls ring.
    #[default]
    Available,
    /// Not at the desk. Calls of lines pass him over; colleagues still reach him.
    Away,
    /// As [`Self::Away`].
    Lunch,
    /// As [`Self::Away`].
    Meeting,
    /// Nobody reaches him.
    DoNotDisturb,
}

/// Since when, and for how long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presence {
    /// What.
    pub availability: Availability,
    /// Milliseconds since 1970.
    pub since: i64,
    /// Milliseconds since 1970: then he is available again by himself; absent: until he says so.
    pub until: Option<i64>,
}

/// `PUT /api/v1/me/presence`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPresence {
    /// What.
    pub availability: Availability,
    /// Minutes until one is available again by oneself, at most a day; absent: no limit.
    #[serde(default)]
    pub minutes: Option<u32>,
}
