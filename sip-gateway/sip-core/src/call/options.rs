//! What a call may ask of its peer beyond RFC 3261.

/// How a call is run. The user agent's own are set with [`crate::UserAgent::set_call_options`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallOptions {
    /// Session timers (RFC 4028). `None`: we neither ask for them nor offer them; a peer that
    /// demands them refreshes on its own.
    pub timers: Option<SessionTimers>,
    /// Reliable provisional answers (RFC 3262).
    pub reliable: Reliability,
}

impl Default for CallOptions {
    /// Session timers of 30 minutes, reliable provisional answers where the peer demands them.
    fn default() -> Self {
        Self {
            timers: Some(SessionTimers::default()),
            reliable: Reliability::Supported,
        }
    }
}

/// Wishes for the session timer (RFC 4028). With a peer that supports none we refresh on our own,
/// at half the interval, and never end the call for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionTimers {
    /// The interval we ask for, in seconds.
    pub expires_secs: u32,
    /// The shortest interval we take, in seconds; less than 90 counts as 90.
    pub min_se_secs: u32,
    /// Who is to refresh.
    pub refresher: RefreshBy,
}

impl Default for SessionTimers {
    fn default() -> Self {
        Self {
            expires_secs: 1800,
            min_se_secs: 90,
            refresher: RefreshBy::Caller,
        }
    }
}

/// Who is wished to refresh the session; who calls may decide otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefreshBy {
    /// Whoever calls, unless the callee wants to (no wish is sent).
    Caller,
    /// We do, calling and called.
    Us,
    /// The peer does, if it can.
    Peer,
}

/// Use of reliable provisional answers (RFC 3262).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliability {
    /// INVITEs do not offer it; answers are reliable only if the caller demands it.
    Off,
    /// INVITEs offer it; answers are reliable only if the caller demands it.
    Supported,
    /// INVITEs offer it; answers are reliable if the caller supports it.
    Preferred,
    /// INVITEs demand it (`Require: 100rel`); answers as [`Self::Preferred`].
    Required,
}
