//! What the user agent says to its shell.

use crate::{
    CallHandle, EndedBy, Flow, IncomingInvite, IncomingRefer, RegistrationHandle,
    RegistrationState, SipCause,
    message::{Request, Response},
};

/// Names a request that came in and waits for [`crate::UserAgent::respond`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestHandle(pub u64);

/// Names a request sent with [`crate::UserAgent::request`] or [`crate::UserAgent::call_request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutgoingHandle(pub u64);

/// What comes out of [`crate::UserAgent::poll_output`].
#[derive(Debug, Clone)]
pub enum Output {
    /// Send these bytes on this flow: one datagram or one WebSocket message.
    Transmit {
        /// The path.
        flow: Flow,
        /// One whole SIP message (or a keepalive).
        bytes: Vec<u8>,
    },
    /// Something happened.
    Event(Event),
}

/// What happened.
#[derive(Debug, Clone)]
pub enum Event {
    /// A registration of ours changed its state. A refresh that succeeds reports `Registered`
    /// again, without `Trying` before it.
    RegistrationChanged {
        /// Which.
        registration: RegistrationHandle,
        /// Where it stands now.
        state: RegistrationState,
    },
    /// A new INVITE. 100 Trying has been sent already.
    IncomingInvite(Box<IncomingInvite>),
    /// A provisional answer above 100 to our INVITE.
    Progress {
        /// Which call.
        call: CallHandle,
        /// 101–199.
        code: u16,
        /// The reason phrase.
        reason: String,
        /// Early media, if the answer has a session description.
        sdp: Option<String>,
        /// Tells the branches of a forked call apart: each has a tag of its own. Empty in answers
        /// of peers that send none.
        to_tag: String,
        /// The answer came reliably (RFC 3262): `sdp` is final for this branch, and
        /// [`crate::UserAgent::update`] may change it before the call is answered.
        reliable: bool,
    },
    /// Our INVITE had no offer, and a reliable provisional answer holds the peer's. Answer with
    /// [`crate::UserAgent::answer_early_offer`].
    EarlyOffer {
        /// Which call.
        call: CallHandle,
        /// The offer.
        sdp: String,
    },
    /// The answer to the offer in our reliable provisional answer came (the INVITE had none).
    EarlyAnswer {
        /// Which call.
        call: CallHandle,
        /// The answer.
        sdp: String,
    },
    /// Our INVITE was answered; ACK has been sent (if we sent no offer, only after
    /// [`crate::UserAgent::answer_late_offer`]).
    Answered {
        /// Which call.
        call: CallHandle,
        /// The answer, also when it came in a reliable provisional answer and the 2xx does not
        /// repeat it; the offer if we sent none.
        sdp: Option<String>,
        /// The 2xx.
        response: Box<Response>,
    },
    /// Our INVITE was refused for good; [`Event::Ended`] follows. The response has what the cause
    /// leaves out: `Contact` of a redirection (3xx), `Retry-After` of 503, `Warning` of 488.
    Refused {
        /// Which call.
        call: CallHandle,
        /// 300–699.
        response: Box<Response>,
    },
    /// The ACK to our 2xx came. For a re-INVITE only when it held the answer.
    Confirmed {
        /// Which call.
        call: CallHandle,
        /// The answer if our 2xx held the offer.
        sdp: Option<String>,
    },
    /// The peer changes the session (re-INVITE, UPDATE, or PRACK before the answer). Answer with
    /// [`crate::UserAgent::accept_reoffer`] or [`crate::UserAgent::reject_reoffer`].
    ReOffer {
        /// Which call.
        call: CallHandle,
        /// The offer; `None`: the peer asks us for one.
        sdp: Option<String>,
    },
    /// The peer's answer to our re-INVITE or UPDATE.
    ReOfferAnswered {
        /// Which call.
        call: CallHandle,
        /// The answer.
        sdp: Option<String>,
    },
    /// The peer's offer, asked for with [`crate::UserAgent::reinvite_for_offer`]. Answer with
    /// [`crate::UserAgent::answer_late_offer`].
    LateOffer {
        /// Which call.
        call: CallHandle,
        /// The offer.
        sdp: String,
    },
    /// The session timer's re-INVITE, which repeated our last description, was answered. Nothing
    /// to do unless the peer's description changed.
    Refreshed {
        /// Which call.
        call: CallHandle,
        /// The peer's description.
        sdp: Option<String>,
    },
    /// The peer refused our re-INVITE or UPDATE; the session stays as it was (RFC 3261 §14.1).
    ReOfferRefused {
        /// Which call.
        call: CallHandle,
        /// Why.
        cause: SipCause,
    },
    /// The peer wants the call transferred (REFER).
    Refer(Box<IncomingRefer>),
    /// How a transfer of ours goes (the peer's NOTIFY). Not told any more once the call is over.
    ReferProgress {
        /// Which call.
        call: CallHandle,
        /// Which transfer: what [`crate::UserAgent::refer`] gave.
        refer: OutgoingHandle,
        /// The third party's answer so far: 100 trying, 180 ringing, 200 answered, 486 busy, …
        cause: SipCause,
        /// Nothing more follows.
        done: bool,
    },
    /// A request inside the call other than those above (INFO, MESSAGE, NOTIFY of other events;
    /// OPTIONS is answered by the core). Answer with [`crate::UserAgent::respond`].
    InCallRequest {
        /// Which call.
        call: CallHandle,
        /// For the answer.
        handle: RequestHandle,
        /// The whole request.
        request: Box<Request>,
    },
    /// The call is over. The last event of its handle.
    Ended {
        /// Which call.
        call: CallHandle,
        /// Who ended it.
        by: EndedBy,
        /// Why.
        cause: SipCause,
    },
    /// A request outside any call (REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, …) that waits for
    /// [`crate::UserAgent::respond`].
    Request {
        /// For the answer.
        handle: RequestHandle,
        /// Where it came from.
        flow: Flow,
        /// The whole request.
        request: Box<Request>,
    },
    /// The final answer to [`crate::UserAgent::request`] or
    /// [`crate::UserAgent::call_request`]; 408 when none came, 503 when the flow closed.
    Response {
        /// Which request.
        handle: OutgoingHandle,
        /// The answer.
        response: Box<Response>,
    },
    /// A CRLF CRLF ping (RFC 5626 §4.4.1) came; the core has answered with CRLF.
    Ping {
        /// Where it came from.
        flow: Flow,
    },
    /// A CRLF pong came.
    Pong {
        /// Where it came from.
        flow: Flow,
    },
    /// Bytes that are no SIP message; a request that could be read far enough has been answered 400.
    Malformed {
        /// Where they came from.
        flow: Flow,
        /// What is wrong with them.
        reason: String,
    },
}
