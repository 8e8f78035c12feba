//! What every state of a call shares.
//!
//! ```text
//!  Calling ──2xx──► Talking ──► (over, lingering) ──► Gone
//!  Ringing ──accept──┘  ▲
//!     └── 300+, CANCEL ─┴─► Gone
//! ```

use super::{
    CallHandle, CallOptions, EndedBy, SipCause, calling::Calling, peer::Peer, referring::Refers,
    reoffer::Offers, ringing::Ringing, session::Session, session_timer::SessionTimer,
};
use crate::{
    Event, Flow, Millis, OutgoingHandle,
    dialog::Dialog,
    digest::{Answer, ClientAuth},
    header::NameAddr,
    map::Map,
    message::{Request, Response},
    stack::Stack,
    timers::{CallTimer, PATIENCE, Timer},
    transaction::{ClientId, Outcome, Owner, ServerId},
    uri::SipUri,
};

/// ACKs kept for answering repeats of a 2xx.
const MAX_ACKS: usize = 8;

/// One call leg.
pub struct Call {
    pub handle: CallHandle,
    pub(super) flow: Flow,
    /// Our Contact.
    pub(super) contact: SipUri,
    pub(super) auth: Option<ClientAuth>,
    /// Whether we made the Call-ID; decides who waits longer after 491 (§14.1).
    pub(super) is_caller: bool,
    pub call_id: String,
    pub local_tag: String,
    /// CSeq of the peer's INVITE that began the call.
    pub(super) began_with: Option<u32>,
    pub(super) state: State,
    /// `Ended` has been reported: nothing more is, but the wire may still want answers.
    pub(super) over: bool,
    pub(super) acks: Vec<SentAck>,
    /// Requests of the shell under way, for sending them again with credentials.
    pub(super) requests: Map<OutgoingHandle, Request>,
    /// INFO of the shell that waits until the one before it is answered.
    pub(super) infos: Vec<(OutgoingHandle, Draft)>,
    pub options: CallOptions,
    pub(super) peer: Peer,
    pub(super) offers: Offers,
    pub(super) timer: SessionTimer,
    pub(super) refers: Refers,
}

/// A request of the shell that was not sent yet.
pub struct Draft {
    pub method: String,
    pub headers: Vec<(String, String)>,
    /// Content-Type and body.
    pub body: Option<(String, Vec<u8>)>,
}

/// What a call begins with.
pub struct Origin {
    pub handle: CallHandle,
    pub flow: Flow,
    pub contact: SipUri,
    pub call_id: String,
    pub local_tag: String,
    pub is_caller: bool,
    pub options: CallOptions,
}

/// Where a call stands.
pub enum State {
    /// Caller: our INVITE has no final answer. Or it has been cancelled, and its end is awaited.
    Calling(Box<Calling>),
    /// Callee: the peer's INVITE waits for the shell.
    Ringing(Box<Ringing>),
    /// Both: a 2xx was sent or received. Or the call is over, and repeats are still answered.
    Talking(Box<Session>),
    /// Nothing is awaited any more.
    Gone,
}

/// An ACK that went out, by CSeq and tag of the 2xx.
pub struct SentAck {
    pub seq: u32,
    pub remote_tag: String,
    pub bytes: Vec<u8>,
}

impl Call {
    pub(super) fn new(origin: Origin, state: State) -> Self {
        Self {
            handle: origin.handle,
            flow: origin.flow,
            contact: origin.contact,
            auth: None,
            is_caller: origin.is_caller,
            call_id: origin.call_id,
            local_tag: origin.local_tag,
            began_with: None,
            state,
            over: false,
            acks: Vec::new(),
            requests: Map::new(),
            infos: Vec::new(),
            options: origin.options,
            peer: Peer::default(),
            offers: Offers::default(),
            timer: SessionTimer::default(),
            refers: Refers::default(),
        }
    }

    /// The dialog requests of ours go to now; a caller's early one is the branch heard last.
    pub(super) fn dialog(&mut self) -> Option<&mut Dialog> {
        match &mut self.state {
            State::Talking(session) => Some(&mut session.dialog),
            State::Ringing(ringing) => Some(&mut ringing.dialog),
            State::Calling(calling) => calling.branch().map(|early| &mut early.dialog),
            State::Gone => None,
        }
    }

    /// The only writer of `state`.
    pub(super) fn transition(&mut self, state: State) {
        self.state = state;
    }

    /// Takes the state out for changing it; [`Self::transition`] follows.
    pub(super) fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Gone)
    }

    pub fn is_gone(&self) -> bool {
        matches!(self.state, State::Gone)
    }

    /// Reports an event unless the call is over.
    pub(super) fn report(&self, event: Event, stack: &mut Stack) {
        if !self.over {
            stack.emit(event);
        }
    }

    /// Reports the end, once.
    pub(super) fn end(&mut self, by: EndedBy, cause: SipCause, stack: &mut Stack) {
        self.report(
            Event::Ended {
                call: self.handle,
                by,
                cause,
            },
            stack,
        );
        self.over = true;
        for timer in [
            CallTimer::Ring,
            CallTimer::StillRinging,
            CallTimer::Reliable,
            CallTimer::Glare,
            CallTimer::Refresh,
            CallTimer::Expire,
        ] {
            stack.timers.cancel(Timer::Call(self.handle, timer));
        }
    }

    /// Keeps the call for answering repeats, then forgets it.
    pub(super) fn linger(&self, stack: &mut Stack) {
        self.set_timer(CallTimer::Linger, PATIENCE, stack);
    }

    pub(super) fn set_timer(&self, timer: CallTimer, after: Millis, stack: &mut Stack) {
        stack.set_timer(Timer::Call(self.handle, timer), after);
    }

    pub(super) fn contact_field(&self) -> (String, String) {
        (
            "Contact".into(),
            NameAddr::new(self.contact.clone()).to_string(),
        )
    }

    /// A response with our tag.
    pub(super) fn response(
        &self,
        request: &Request,
        code: u16,
        reason: &str,
        stack: &Stack,
    ) -> Response {
        stack.response(request, code, reason, &self.local_tag)
    }

    /// Answers a request of this call without a body.
    pub(super) fn reply(&self, server: ServerId, request: &Request, code: u16, stack: &mut Stack) {
        let response = self.response(request, code, "", stack);
        stack.respond(server, &response);
    }

    /// Sends a request for the first time, with credentials if the peer has asked for some before.
    pub(super) fn send(
        &mut self,
        request: &mut Request,
        owner: Owner,
        stack: &mut Stack,
    ) -> ClientId {
        if let Some(auth) = &mut self.auth {
            auth.begin(request, &mut stack.random);
        }
        stack.send_request(self.flow, request.clone(), owner)
    }

    /// Whether credentials were put into `request` for another try.
    pub(super) fn authorized(
        &mut self,
        response: &Response,
        request: &mut Request,
        stack: &mut Stack,
    ) -> bool {
        matches!(response.code, 401 | 407)
            && self.auth.as_mut().is_some_and(|auth| {
                auth.challenged(response, request, &mut stack.random) == Answer::Retry
            })
    }

    pub(super) fn remember_ack(&mut self, seq: u32, remote_tag: &str, bytes: Vec<u8>) {
        if self.acks.len() == MAX_ACKS {
            self.acks.remove(0);
        }
        self.acks.push(SentAck {
            seq,
            remote_tag: remote_tag.to_owned(),
            bytes,
        });
    }

    /// A 2xx was repeated: our ACK was lost (§13.2.2.4).
    pub(super) fn acknowledged_again(&self, response: &Response, stack: &mut Stack) -> bool {
        let tag = remote_tag(response);
        let seq = response.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let known = self
            .acks
            .iter()
            .find(|ack| ack.seq == seq && ack.remote_tag == tag);
        if let Some(ack) = known {
            stack.transmit(self.flow, ack.bytes.clone());
        }
        known.is_some()
    }

    /// An answer to a request of this call.
    pub fn on_outcome(&mut self, owner: Owner, outcome: Outcome, stack: &mut Stack) {
        if let (Outcome::Response(response), Some(auth)) = (&outcome, &mut self.auth)
            && response.is_success()
        {
            auth.accepted(response);
        }
        match owner {
            Owner::Invite(_) => self.on_invite_outcome(outcome, stack),
            Owner::Reinvite(_) => self.on_reinvite_outcome(outcome, stack),
            Owner::Bye(_) => self.on_bye_outcome(outcome, stack),
            Owner::InCall(_, handle) => self.on_request_outcome(handle, outcome, stack),
            Owner::Quiet(_, handle) => self.on_quiet_outcome(handle, &as_response(outcome), stack),
            Owner::Registration(_) | Owner::Request(_) | Owner::Nobody => {}
        }
    }

    /// The peer cancels an INVITE of its own; the CANCEL itself has been answered.
    pub fn on_cancel(&mut self, server: ServerId, cancel: &Request, stack: &mut Stack) {
        match self.state {
            State::Ringing(_) => self.cancelled(cancel, stack),
            State::Talking(_) => self.reoffer_cancelled(server, stack),
            State::Calling(_) | State::Gone => {}
        }
    }

    /// A timer fired.
    pub fn on_timer(&mut self, timer: CallTimer, stack: &mut Stack) {
        match timer {
            CallTimer::Ring => self.ring_timeout(stack),
            CallTimer::StillRinging => self.still_ringing(stack),
            CallTimer::Answer => self.repeat_answer(stack),
            CallTimer::AckMissing => self.ack_missing(stack),
            CallTimer::Reliable if cfg!(feature = "gateway") => self.repeat_reliable(stack),
            CallTimer::Reliable => {}
            CallTimer::Glare => self.glare_over(stack),
            CallTimer::Refresh => self.refresh_due(stack),
            CallTimer::Expire => self.session_expired(stack),
            CallTimer::Linger => self.forget(stack),
        }
    }

    fn forget(&mut self, stack: &mut Stack) {
        if let State::Calling(calling) = &self.state {
            stack.drop_client(calling.client);
        }
        self.transition(State::Gone);
    }

    /// Ends the call whatever its state.
    pub fn hang_up(&mut self, reason: Option<String>, stack: &mut Stack) {
        if self.over {
            return;
        }
        match self.state {
            State::Calling(_) => {
                let cause = SipCause::of_value(reason.as_deref(), 487);
                self.end(EndedBy::Local, cause, stack);
                self.cancel(reason, stack);
            }
            State::Ringing(_) => {
                let headers = reason.map(|reason| ("Reason".to_owned(), reason));
                self.reject(603, "", headers.into_iter().collect(), stack);
            }
            State::Talking(_) => {
                let cause = SipCause::of_value(reason.as_deref(), 200);
                self.end(EndedBy::Local, cause, stack);
                self.bye(reason, stack);
            }
            State::Gone => {}
        }
    }

    /// In-dialog messages take another path from now on.
    pub fn move_to(&mut self, flow: Flow, stack: &mut Stack) {
        self.flow = flow;
        if let State::Ringing(ringing) = &self.state {
            stack.move_server(ringing.server, flow);
        }
        if let Some(incoming) = &self.offers.incoming {
            stack.move_server(incoming.server, flow);
        }
        self.repeat_bye(stack);
    }
}

/// The tag in To.
pub fn remote_tag(response: &Response) -> String {
    let to = response.to_header().ok();
    to.and_then(|to| to.tag().map(str::to_owned))
        .unwrap_or_default()
}

/// The response an outcome amounts to.
pub fn as_response(outcome: Outcome) -> Response {
    match outcome {
        Outcome::Response(response) => *response,
        Outcome::Timeout => Response::new(408, ""),
        Outcome::FlowClosed => Response::new(503, "Connection closed"),
    }
}
