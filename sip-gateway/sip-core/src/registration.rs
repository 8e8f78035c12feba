//! Registration of this user agent at a registrar (RFC 3261 §10).

use crate::{Flow, digest::Credentials, header::NameAddr, uri::SipUri};

mod failure;
mod keepalive;
mod machine;
mod outcome;

pub(crate) use machine::Registration;

/// Names one registration of a [`crate::UserAgent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegistrationHandle(pub u64);

/// What to register and where.
#[derive(Debug, Clone)]
pub struct RegistrationRequest {
    /// The path to the registrar (or outbound proxy).
    pub flow: Flow,
    /// Request-URI, for example `sip:provider.example`.
    pub registrar: SipUri,
    /// The address of record, for example `sip:user@provider.example`.
    pub aor: SipUri,
    /// Our Contact.
    pub contact: SipUri,
    /// Parameters of the Contact besides `expires`, for example `+sip.instance`, in order.
    pub contact_params: Vec<(String, Option<String>)>,
    /// User and password for 401/407.
    pub credentials: Credentials,
    /// Seconds asked for.
    pub expires_secs: u32,
}

/// Where a registration stands. Reported by [`crate::Event::RegistrationChanged`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationState {
    /// A REGISTER is under way.
    Trying,
    /// The registrar granted `expires_secs`; refresh happens by itself at 80–85 % of it.
    Registered {
        /// Seconds granted by the registrar.
        expires_secs: u32,
        /// Milliseconds between the last REGISTER that was answered 200 and that answer.
        round_trip_ms: u32,
        /// Our address as the registrar saw it (Via `received`/`rport`), if it said so.
        seen_as: Option<std::net::SocketAddr>,
    },
    /// The registrar refused or did not answer; tried again by itself at `retry_at`.
    Failed {
        /// SIP status code; 408 when nothing came, 503 when the flow closed.
        code: u16,
        /// The reason phrase.
        reason: String,
        /// What it means, for a sentence in the user's language.
        failure: RegistrationFailure,
        /// The registrar's own words besides the phrase (`Warning`, `Reason`), if it has any.
        detail: Option<String>,
        /// When it is tried again ([`crate::Millis`]); `None`: not by itself (wrong password).
        retry_at: Option<crate::Millis>,
    },
    /// Unregistered on request.
    Removed,
}

/// What stands behind a failed registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RegistrationFailure {
    /// 401, 407: user or password is wrong.
    WrongCredentials,
    /// 401, 407 without a challenge we can answer: another scheme than Digest, another algorithm.
    NoUsableChallenge,
    /// 403: known, but not let in (blocked, unpaid, from this address, or a wrong password).
    Forbidden,
    /// 404, 410, 604: the registrar does not know the account, or not this domain.
    UnknownAccount,
    /// Nothing came in time, or 408.
    NoAnswer,
    /// The connection closed, or its keepalives are no longer answered.
    ConnectionLost,
    /// 423 whatever interval is asked for.
    TooBrief,
    /// 480, 5xx: in trouble or too busy.
    Unavailable,
    /// Answered 200, but our Contact was dropped at once.
    NotBound,
    /// Any other answer.
    Refused,
}

/// What the registrar said with its 200.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// Routes for requests outside dialogs over this registration, in order (RFC 3608 §5).
    pub service_route: Vec<NameAddr>,
    /// Seconds within which the registrar wants to hear of us (RFC 5626 §5.4). The core pings by
    /// itself then, and the registration fails when no pong comes.
    pub flow_timer_secs: Option<u32>,
}
