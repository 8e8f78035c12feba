//! What the user agent says to its shell.

use crate::{
    CallHandle, EndedBy, Flow, IncomingInvite, RegistrationHandle, RegistrationState, SipCause,
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
    },
    /// Our INVITE was answered; ACK has been sent (if we sent no offer, only after
    /// [`crate::UserAgent::answer_late_offer`]).
    Answered {
        /// Which call.
        call: CallHandle,
        /// The answer; the offer if we sent none.
        sdp: Option<String>,
        /// The 2xx.
        response: Box<Response>,
    },
    /// The ACK to our 2xx came. For a re-INVITE only when it held the answer.
    Confirmed {
        /// Which call.
        call: CallHandle,
        /// The answer if our 2xx held the offer.
        sdp: Option<String>,
    },
    /// The peer changes the session (re-INVITE or UPDATE). Answer with
    /// [`crate::UserAgent::accept_reoffer`] or [`crate::UserAgent::reject_reoffer`].
    ReOffer {
        /// Which call.
        call: CallHandle,
        /// The offer; `None`: the peer asks us for one.
        sdp: Option<String>,
    },
    /// The peer's answer to our re-INVITE.
    ReOfferAnswered {
        /// Which call.
        call: CallHandle,
        /// The answer.
        sdp: Option<String>,
    },
    /// The peer refused our re-INVITE; the session stays as it was (RFC 3261 §14.1).
    ReOfferRefused {
        /// Which call.
        call: CallHandle,
        /// Why.
        cause: SipCause,
    },
    /// A request inside the call other than those above (INFO, MESSAGE, NOTIFY, REFER; OPTIONS is
    /// answered by the core). Answer with [`crate::UserAgent::respond`].
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
