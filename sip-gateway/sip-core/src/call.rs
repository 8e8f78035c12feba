//! One INVITE usage: a call leg seen from the user agent (RFC 3261 §12–§15).
//!
//! ```text
//!  outgoing: invite ─► Progress* ─► Answered ─► (ReOffer|…)* ─► Ended
//!                         └──────────────────────────► Ended
//!  incoming: IncomingInvite ─► ring* ─► accept ─► Confirmed ─► … ─► Ended
//!                         └── reject / CANCEL by the peer ──────► Ended
//! ```
//! `Ended` comes exactly once for every handle, and is its last event.

use crate::{Flow, digest::Credentials, header::NameAddr, uri::SipUri};

/// Names one call leg of a [`crate::UserAgent`]. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallHandle(pub u64);

/// An outgoing INVITE.
#[derive(Debug, Clone)]
pub struct InviteRequest {
    /// The path of the first message.
    pub flow: Flow,
    /// Request-URI.
    pub target: SipUri,
    /// From without tag.
    pub from: NameAddr,
    /// To without tag.
    pub to: NameAddr,
    /// Our Contact.
    pub contact: SipUri,
    /// Pre-loaded Route set, in order.
    pub routes: Vec<NameAddr>,
    /// Further header fields (name, value), for example `Session-ID`, `P-Asserted-Identity`,
    /// `Replaces`.
    pub headers: Vec<(String, String)>,
    /// The SDP offer; `None` asks the peer for one.
    pub sdp: Option<String>,
    /// User and password for 401/407.
    pub credentials: Option<Credentials>,
    /// Milliseconds without a final answer after which it is cancelled (Timer C is the shell's
    /// business through this value); `None`: only Timer B.
    pub ring_timeout_ms: Option<u64>,
}

/// An INVITE that came in and waits for [`crate::UserAgent::ring`], `accept` or `reject`.
#[derive(Debug, Clone)]
pub struct IncomingInvite {
    /// Names the leg from now on.
    pub call: CallHandle,
    /// Where it came from.
    pub flow: Flow,
    /// The whole request: identity headers, Session-ID, Replaces, …
    pub request: crate::message::Request,
    /// Request-URI.
    pub target: SipUri,
    /// Who calls (From).
    pub from: NameAddr,
    /// Who was called (To).
    pub to: NameAddr,
    /// The SDP offer, if the INVITE has one.
    pub sdp: Option<String>,
}

/// Who ended a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndedBy {
    /// A command of the shell.
    Local,
    /// A message of the peer.
    Remote,
    /// Neither: a timer ran out or the flow closed.
    Failure,
}

/// A final SIP status or its equivalent, with words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SipCause {
    /// Status code of the final response; 200 for a normal BYE, 487 for CANCEL, 408 for a timeout.
    pub code: u16,
    /// Reason phrase of the response, or the text of a `Reason` header (RFC 3326) where there is one.
    pub reason: String,
}
