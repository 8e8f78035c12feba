//! One INVITE usage: a call leg seen from the user agent (RFC 3261 §12–§15).
//!
//! ```text
//!  outgoing: invite ─► Progress* ─► Answered ─► (ReOffer|…)* ─► Ended
//!                         └──────────────────────────► Ended
//!  incoming: IncomingInvite ─► ring* ─► accept ─► Confirmed ─► … ─► Ended
//!                         └── reject / CANCEL by the peer ──────► Ended
//! ```
//! `Ended` comes exactly once for every handle, and is its last event.

use crate::{
    Flow,
    digest::Credentials,
    header::NameAddr,
    message::{Request, Response, default_reason},
    uri::SipUri,
};

mod calling;
mod early;
mod ending;
mod leg;
mod options;
mod peer;
mod referral;
mod referring;
mod reliable;
mod reoffer;
mod replacing;
mod requests;
mod ringing;
mod session;
mod session_timer;
mod their_offer;

pub(crate) use leg::{Call, Draft};
pub use options::{CallOptions, RefreshBy, Reliability, SessionTimers};
pub use referral::{IncomingRefer, ReferRequest, Replaced};

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
    pub request: Request,
    /// Request-URI.
    pub target: SipUri,
    /// Who calls (From).
    pub from: NameAddr,
    /// Who was called (To).
    pub to: NameAddr,
    /// The SDP offer, if the INVITE has one.
    pub sdp: Option<String>,
    /// The call it wants to take the place of, if it has `Replaces` (RFC 3891).
    pub replaces: Option<Replaced>,
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
    /// A `Reason` header of protocol SIP has the last word: CANCEL with `SIP;cause=200` ("Call
    /// completed elsewhere") gives 200.
    pub code: u16,
    /// Reason phrase of the response, or the text of a `Reason` header (RFC 3326) where there is one.
    pub reason: String,
}

impl SipCause {
    /// A cause; an empty `reason` becomes the usual phrase.
    #[must_use]
    pub fn new(code: u16, reason: &str) -> Self {
        let reason = if reason.is_empty() {
            default_reason(code)
        } else {
            reason.to_owned()
        };
        Self { code, reason }
    }

    /// What a final response says.
    pub(crate) fn of_response(response: &Response) -> Self {
        let text = response.reason_header().and_then(|(_, text)| text);
        Self::new(
            response.code,
            &text.unwrap_or_else(|| response.reason.clone()),
        )
    }

    /// What a BYE or CANCEL says; `usual` where it says nothing.
    pub(crate) fn of_request(request: &Request, usual: u16) -> Self {
        let (code, text) = request.reason_header().unwrap_or_default();
        Self::new(code.unwrap_or(usual), &text.unwrap_or_default())
    }

    /// What a `Reason` value of our own says.
    pub(crate) fn of_value(value: Option<&str>, usual: u16) -> Self {
        let (code, text) =
            crate::message::split_reason_header(value.into_iter()).unwrap_or_default();
        Self::new(code.unwrap_or(usual), &text.unwrap_or_default())
    }
}
