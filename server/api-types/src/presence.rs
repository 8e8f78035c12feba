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
    /// As [`Self::Away`]: writes down what the call before was about.
    WrapUp,
    /// Nobody reaches him.
    DoNotDisturb,
}

/// What, since when, and for how long.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Presence {
    /// What.
    pub availability: Availability,
    /// Milliseconds since 1970.
    pub since: i64,
    /// Milliseconds since 1970: then he is available again by himself; absent: until he says so.
    pub until: Option<i64>,
    /// In the house's own words, if it was one of its reasons.
    #[serde(default)]
    pub reason: Option<SaidReason>,
    /// A rule said it, not the person.
    #[serde(default)]
    pub automatic: bool,
}

impl Presence {
    /// Whether calls are offered.
    #[must_use]
    pub fn takes_calls(&self) -> bool {
        let offered = self
            .reason
            .as_ref()
            .is_some_and(|reason| reason.takes_calls);
        offered || self.availability == Availability::Available
    }
}

/// One of the house's reasons, as it was when somebody took it: it may be gone since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SaidReason {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Whether calls are offered all the same.
    pub takes_calls: bool,
}

/// `PUT /api/v1/me/presence`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetPresence {
    /// What; absent: what the reason stands for.
    #[serde(default)]
    pub availability: Option<Availability>,
    /// Minutes until one is available again by oneself, at most a day; absent: as long as the
    /// reason lasts, else no limit.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Id of one of the house's reasons.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A reason of the house's own, as `GET /api/v1/presence-reasons` lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceReason {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// What it stands for: `away` or `do_not_disturb`.
    pub availability: Availability,
    /// Minutes until it is over by itself; absent: no limit.
    pub minutes: Option<u32>,
    /// Whether calls are offered all the same.
    pub takes_calls: bool,
}

/// `POST /api/v1/presence-reasons`, `PUT /api/v1/presence-reasons/{id}`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceReasonDraft {
    /// Name, 1 to 40 characters.
    pub name: String,
    /// What it stands for: `away` or `do_not_disturb`.
    pub availability: Availability,
    /// Minutes until it is over by itself, at most a day; absent: no limit.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// Whether calls are offered all the same.
    #[serde(default)]
    pub takes_calls: bool,
}

/// `GET /api/v1/settings/presence`, `PUT /api/v1/settings/presence`: what happens by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PresenceRules {
    /// Seconds without keyboard and mouse in any page of somebody available until he is away, 10
    /// to 28,800; absent: never. Not during a call.
    #[serde(default)]
    pub away_after_secs: Option<u32>,
    /// Seconds of wrap-up after a call that was answered, 1 to 3,600; absent: none.
    #[serde(default)]
    pub wrap_up_secs: Option<u32>,
}

/// `POST /api/v1/me/activity`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Seconds since the last sign of life in this page.
    #[serde(default)]
    pub idle_secs: u32,
}

/// The answer to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ActivityWanted {
    /// A page that sees signs of life says so once in so many seconds; absent: nobody asks.
    pub every_secs: Option<u32>,
}
