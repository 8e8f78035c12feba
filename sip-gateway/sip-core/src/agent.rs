//! The user agent: everything else in this crate behind one set of commands and events.

use crate::{
    CallHandle, EndedBy, Flow, IncomingInvite, InviteRequest, Millis, RegistrationHandle,
    RegistrationRequest, RegistrationState, SipCause,
    message::{Request, Response},
    uri::SipUri,
};

/// Fixed facts about this user agent.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// Value of `User-Agent` and `Server`.
    pub product: String,
    /// `sent-by` of Via for datagrams, host and port as the peer should see them; browsers use a
    /// random `….invalid` name (RFC 7118 §5.1).
    pub via_host: String,
    /// Methods listed in `Allow`.
    pub allow: Vec<String>,
}

/// Names a request that came in outside any call and waits for [`UserAgent::respond`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RequestHandle(pub u64);

/// Names a request sent with [`UserAgent::request`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OutgoingHandle(pub u64);

/// What comes out of [`UserAgent::poll_output`].
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
    /// A registration of ours changed its state.
    RegistrationChanged { registration: RegistrationHandle, state: RegistrationState },
    /// A new INVITE. 100 Trying has been sent already.
    IncomingInvite(Box<IncomingInvite>),
    /// A provisional answer above 100 to our INVITE; `sdp` is early media if present.
    Progress { call: CallHandle, code: u16, reason: String, sdp: Option<String> },
    /// Our INVITE was answered; ACK has been sent (if we sent no
    /// offer, only after [`UserAgent::answer_late_offer`]). `response` is the 2xx.
    Answered { call: CallHandle, sdp: Option<String>, response: Box<Response> },
    /// The ACK to our 2xx came; `sdp` is the answer if our 2xx held the offer.
    Confirmed { call: CallHandle, sdp: Option<String> },
    /// The peer changes the session (re-INVITE or UPDATE). Answer with [`UserAgent::accept_reoffer`]
    /// or [`UserAgent::reject_reoffer`]. `None`: the peer asks us for an offer.
    ReOffer { call: CallHandle, sdp: Option<String> },
    /// The peer's answer to our re-INVITE.
    ReOfferAnswered { call: CallHandle, sdp: Option<String> },
    /// The peer refused our re-INVITE; the session stays as it was (RFC 3261 §14.1).
    ReOfferRefused { call: CallHandle, cause: SipCause },
    /// A request inside the call other than those above (INFO, MESSAGE, NOTIFY, REFER, OPTIONS is
    /// answered by the core). Answer with [`UserAgent::respond`].
    InCallRequest { call: CallHandle, handle: RequestHandle, request: Box<Request> },
    /// The call is over. The last event of its handle.
    Ended { call: CallHandle, by: EndedBy, cause: SipCause },
    /// A request outside any call (REGISTER, OPTIONS, MESSAGE, SUBSCRIBE, …) that waits for
    /// [`UserAgent::respond`].
    Request { handle: RequestHandle, flow: Flow, request: Box<Request> },
    /// The final answer to [`UserAgent::request`]; 408 when none came.
    Response { handle: OutgoingHandle, response: Box<Response> },
    /// A CRLF CRLF ping (RFC 5626 §4.4.1) came; the core has answered with CRLF.
    Ping { flow: Flow },
    /// A CRLF pong came.
    Pong { flow: Flow },
    /// Bytes that are no SIP message; a request that could be read far enough has been answered 400.
    Malformed { flow: Flow, reason: String },
}

/// A SIP user agent on a virtual clock. See the crate's documentation for the rules of driving it.
pub struct UserAgent {
    _config: AgentConfig,
}

#[expect(unused_variables, clippy::todo, reason = "the shape before the code")]
impl UserAgent {
    /// A user agent; `seed` feeds every tag, branch, Call-ID, cnonce and jitter.
    #[must_use]
    pub fn new(config: AgentConfig, seed: [u8; 32]) -> Self {
        Self { _config: config }
    }

    /// One datagram or one WebSocket message arrived.
    pub fn handle_bytes(&mut self, now: Millis, flow: Flow, bytes: &[u8]) { todo!() }
    /// A connection is gone: its transactions fail, calls stay until told otherwise.
    pub fn handle_flow_closed(&mut self, now: Millis, flow: Flow) { todo!() }
    /// The time [`Self::poll_timeout`] named has come (earlier calls do no harm).
    pub fn handle_timeout(&mut self, now: Millis) { todo!() }
    /// When [`Self::handle_timeout`] wants to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Millis> { todo!() }
    /// The next thing to send or to know.
    pub fn poll_output(&mut self) -> Option<Output> { todo!() }

    /// Registers, and keeps registered until [`Self::unregister`].
    pub fn register(&mut self, now: Millis, request: RegistrationRequest) -> RegistrationHandle { todo!() }
    /// Sends the REGISTER again now; on another flow if one is given (a new connection, an address
    /// change, wake-up from sleep).
    pub fn refresh_registration(&mut self, now: Millis, registration: RegistrationHandle, flow: Option<Flow>) { todo!() }
    /// REGISTER with expires 0.
    pub fn unregister(&mut self, now: Millis, registration: RegistrationHandle) { todo!() }

    /// Sends an INVITE.
    pub fn invite(&mut self, now: Millis, request: InviteRequest) -> CallHandle { todo!() }
    /// Answers an INVITE provisionally (180, 183 with `sdp` for early media, 182).
    pub fn ring(&mut self, now: Millis, call: CallHandle, code: u16, sdp: Option<String>) { todo!() }
    /// Answers an INVITE with 200; the 2xx is repeated until ACK.
    /// `headers` are added to the response.
    pub fn accept(&mut self, now: Millis, call: CallHandle, contact: SipUri, sdp: String, headers: Vec<(String, String)>) { todo!() }
    /// Answers an INVITE with a final code of 300 or above. `headers` for example WWW-Authenticate.
    pub fn reject(&mut self, now: Millis, call: CallHandle, code: u16, reason: &str, headers: Vec<(String, String)>) { todo!() }
    /// Ends the call whatever its state: CANCEL (or BYE if the 200 was faster), 603/487, or BYE.
    /// `reason` goes into a `Reason` header (RFC 3326), for example `SIP;cause=200;text="…"`.
    pub fn hang_up(&mut self, now: Millis, call: CallHandle, reason: Option<String>) { todo!() }
    /// Sends the ACK to a 2xx that held the offer, with our answer, when the INVITE had no SDP.
    /// Call it after [`Event::Answered`]; until then the ACK is held back.
    pub fn answer_late_offer(&mut self, now: Millis, call: CallHandle, sdp: String) { todo!() }
    /// Offers a changed session with re-INVITE. 491 is retried as RFC 3261 §14.1 says.
    pub fn reinvite(&mut self, now: Millis, call: CallHandle, sdp: String) { todo!() }
    /// Answers [`Event::ReOffer`] (with our offer if the peer asked for one).
    pub fn accept_reoffer(&mut self, now: Millis, call: CallHandle, sdp: String) { todo!() }
    /// Refuses [`Event::ReOffer`], usually with 488; the session stays as it was.
    pub fn reject_reoffer(&mut self, now: Millis, call: CallHandle, code: u16, reason: &str) { todo!() }
    /// Sends a request inside the call (INFO, …); the answer comes as [`Event::Response`].
    pub fn call_request(&mut self, now: Millis, call: CallHandle, method: &str, headers: Vec<(String, String)>, body: Option<(String, Vec<u8>)>) -> OutgoingHandle { todo!() }
    /// In-dialog requests of this call go over `flow` from now on (a new connection of the same
    /// client instance).
    pub fn move_call(&mut self, now: Millis, call: CallHandle, flow: Flow) { todo!() }

    /// Sends a request outside any call (OPTIONS, …). Via, From tag, Call-ID, CSeq and
    /// Max-Forwards are added where missing.
    pub fn request(&mut self, now: Millis, flow: Flow, request: Request) -> OutgoingHandle { todo!() }
    /// Answers [`Event::Request`] or [`Event::InCallRequest`]. `headers` and `body` are added to
    /// what RFC 3261 §8.2.6 copies from the request.
    pub fn respond(&mut self, now: Millis, handle: RequestHandle, code: u16, reason: &str, headers: Vec<(String, String)>, body: Option<(String, Vec<u8>)>) { todo!() }
    /// Sends CRLF CRLF (RFC 5626 §4.4.1).
    pub fn ping(&mut self, now: Millis, flow: Flow) { todo!() }
}
