//! The caller's side until the answer (RFC 3261 §13.2, §9.1).

use super::{
    CallOptions, EndedBy, InviteRequest, SipCause,
    early::Early,
    leg::{Call, Origin, State, remote_tag},
    session::Session,
};
use crate::{
    CallHandle, Event,
    dialog::{Dialog, routed},
    digest::ClientAuth,
    message::{Request, Response},
    stack::Stack,
    timers::{CallTimer, Timer},
    transaction::{ClientId, Outcome, Owner},
};

/// `Reason` of the CANCEL when nobody answered for as long as the shell wanted to wait.
const NO_ANSWER: &str = "SIP;cause=408;text=\"No answer\"";

/// Our INVITE on its way.
pub struct Calling {
    pub request: Request,
    pub seq: u32,
    pub client: ClientId,
    /// A 1xx came: only now may CANCEL be sent.
    provisional: bool,
    cancel: Cancel,
    pub has_offer: bool,
    /// Early dialogs, one for each branch that answered.
    pub branches: Vec<Early>,
    /// The branch heard last.
    pub current: usize,
}

impl Calling {
    /// The branch heard last.
    pub fn branch(&mut self) -> Option<&mut Early> {
        self.branches.get_mut(self.current)
    }

    pub fn has_branch(&self, is_peer: impl Fn(&str) -> bool) -> bool {
        self.branches.iter().any(|early| is_peer(early.tag()))
    }

    /// A request of this branch came.
    pub fn turn_to(&mut self, tag: &str) -> bool {
        let branch = self.branches.iter().position(|early| early.tag() == tag);
        self.current = branch.unwrap_or(self.current);
        branch.is_some()
    }

    /// Whether the first offer has been answered on the branch heard last.
    pub fn is_settled(&self) -> bool {
        let branch = self.branches.get(self.current);
        branch.is_some_and(|early| early.settled)
    }
}

enum Cancel {
    No,
    /// To be sent with this `Reason` as soon as a 1xx comes.
    Wanted(Option<String>),
    Sent(Option<String>),
}

impl Call {
    /// Sends the INVITE.
    pub fn start(
        handle: CallHandle,
        wanted: InviteRequest,
        options: CallOptions,
        stack: &mut Stack,
    ) -> Self {
        let origin = Origin {
            handle,
            flow: wanted.flow,
            contact: wanted.contact.clone(),
            call_id: stack.random.word(16),
            local_tag: stack.random.tag(),
            is_caller: true,
            options,
        };
        let mut call = Self::new(origin, State::Gone);
        let request = call.first_invite(&wanted, stack);
        let client = stack.send_request(call.flow, request.clone(), Owner::Invite(handle));
        if let Some(patience) = wanted.ring_timeout_ms {
            stack.set_timer(Timer::Call(handle, CallTimer::Ring), patience);
        }
        let calling = Calling {
            request,
            seq: 1,
            client,
            provisional: false,
            cancel: Cancel::No,
            has_offer: wanted.sdp.is_some(),
            branches: Vec::new(),
            current: 0,
        };
        call.auth = wanted.credentials.map(ClientAuth::new);
        call.offers.local = wanted.sdp;
        call.transition(State::Calling(Box::new(calling)));
        call
    }

    pub(super) fn on_invite_outcome(&mut self, outcome: Outcome, stack: &mut Stack) {
        match outcome {
            Outcome::Response(response) if response.is_provisional() => {
                self.on_progress(&response, stack);
            }
            Outcome::Response(response) if response.is_success() => {
                self.on_answer(*response, stack)
            }
            Outcome::Response(response) => self.on_refusal(&response, stack),
            Outcome::Timeout => self.unanswered(SipCause::new(408, ""), stack),
            Outcome::FlowClosed => self.unanswered(SipCause::new(503, "Connection closed"), stack),
        }
    }

    fn on_progress(&mut self, response: &Response, stack: &mut Stack) {
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        calling.provisional = true;
        self.send_wanted_cancel(stack);
        if response.code > 100 {
            self.peer.note_response(response);
            self.on_early_answer(response, stack);
        }
    }

    fn on_answer(&mut self, response: Response, stack: &mut Stack) {
        match self.take_state() {
            State::Calling(calling) => self.answered(*calling, response, stack),
            State::Talking(session) => {
                self.transition(State::Talking(session));
                if !self.acknowledged_again(&response, stack) && !self.holds_ack(&response) {
                    self.refuse_fork(&response, stack);
                }
            }
            other => self.transition(other),
        }
    }

    fn answered(&mut self, calling: Calling, response: Response, stack: &mut Stack) {
        stack
            .timers
            .cancel(Timer::Call(self.handle, CallTimer::Ring));
        let Some(mut dialog) = Dialog::as_caller(&calling.request, &response) else {
            self.unanswered(SipCause::new(500, "The answer cannot be read"), stack);
            return;
        };
        self.peer.note_response(&response);
        let tag = remote_tag(&response);
        let early = calling
            .branches
            .into_iter()
            .find(|early| early.tag() == tag);
        if let Some(early) = &early {
            dialog.continue_from(&early.dialog);
        }
        let settled = early.as_ref().is_some_and(|early| early.settled);
        let mut session = Session::new(dialog, Some(calling.request));
        let cancelled = match calling.cancel {
            Cancel::No => None,
            Cancel::Wanted(reason) | Cancel::Sent(reason) => Some(reason),
        };
        let ack_now = calling.has_offer || settled || cancelled.is_some();
        session.ack_due = Some(calling.seq);
        self.transition(State::Talking(Box::new(session)));
        if ack_now {
            self.acknowledge(None, stack);
        }
        match cancelled {
            // §15, §9.1: the 200 was faster than our CANCEL: ACK, then BYE.
            Some(reason) => self.bye(reason, stack),
            None => {
                self.timer_answered(&response, stack);
                let sdp = response.sdp().or_else(|| early?.sdp);
                let response = Box::new(response);
                self.report(
                    Event::Answered {
                        call: self.handle,
                        sdp,
                        response,
                    },
                    stack,
                );
            }
        }
    }

    /// A second branch of a forked INVITE answered (§13.2.2.4): its dialog is acknowledged and
    /// ended at once.
    fn refuse_fork(&mut self, response: &Response, stack: &mut Stack) {
        let State::Talking(session) = &self.state else {
            return;
        };
        let dialog = session
            .invite
            .as_ref()
            .and_then(|invite| Dialog::as_caller(invite, response));
        let (Some(mut dialog), Ok(cseq)) = (dialog, response.cseq()) else {
            return;
        };
        let bytes = stack.send_ack(self.flow, dialog.ack(cseq.number));
        self.remember_ack(cseq.number, &remote_tag(response), bytes);
        let bye = dialog.request("BYE");
        stack.send_request(self.flow, bye, Owner::Nobody);
    }

    fn on_refusal(&mut self, response: &Response, stack: &mut Stack) {
        let State::Calling(calling) = &self.state else {
            return;
        };
        let mut request = calling.request.clone();
        let may_retry = matches!(calling.cancel, Cancel::No);
        let seq = calling.seq + 1;
        if may_retry && self.authorized(response, &mut request, stack) {
            self.call_again(request, seq, stack);
            return;
        }
        if may_retry && self.raise_interval(&request, response) {
            // RFC 4028 §7.3.
            for (name, value) in self.extension_fields() {
                request.set_header(&name, value);
            }
            if let Some(auth) = &mut self.auth {
                auth.begin(&mut request, &mut stack.random);
            }
            self.call_again(request, seq, stack);
            return;
        }
        let refused = Event::Refused {
            call: self.handle,
            response: Box::new(response.clone()),
        };
        self.report(refused, stack);
        self.end(EndedBy::Remote, SipCause::of_response(response), stack);
        self.transition(State::Gone);
    }

    fn call_again(&mut self, mut request: Request, seq: u32, stack: &mut Stack) {
        request.set_header("CSeq", format!("{seq} INVITE"));
        let owner = Owner::Invite(self.handle);
        let client = stack.send_request(self.flow, request.clone(), owner);
        if let State::Calling(calling) = &mut self.state {
            calling.request = request;
            calling.seq = seq;
            calling.client = client;
            calling.provisional = false;
            calling.branches.clear();
        }
    }

    fn unanswered(&mut self, cause: SipCause, stack: &mut Stack) {
        self.end(EndedBy::Failure, cause, stack);
        self.transition(State::Gone);
    }

    /// The shell's patience is over.
    pub(super) fn ring_timeout(&mut self, stack: &mut Stack) {
        if self.over || !matches!(self.state, State::Calling(_)) {
            return;
        }
        self.end(EndedBy::Failure, SipCause::new(408, "No answer"), stack);
        // RFC 3326: the peer can tell this from a caller who gave up.
        self.cancel(Some(NO_ANSWER.into()), stack);
    }

    /// Cancels the INVITE now, or as soon as a provisional answer allows it (§9.1).
    pub(super) fn cancel(&mut self, reason: Option<String>, stack: &mut Stack) {
        if let State::Calling(calling) = &mut self.state {
            calling.cancel = Cancel::Wanted(reason);
            self.send_wanted_cancel(stack);
        }
    }

    fn send_wanted_cancel(&mut self, stack: &mut Stack) {
        let State::Calling(calling) = &mut self.state else {
            return;
        };
        if let (true, Cancel::Wanted(reason)) = (calling.provisional, &calling.cancel) {
            let reason = reason.clone();
            stack.send_cancel(calling.client, reason.as_deref());
            calling.cancel = Cancel::Sent(reason);
            self.linger(stack);
        }
    }
}

impl Call {
    fn first_invite(&self, wanted: &InviteRequest, stack: &Stack) -> Request {
        let from = wanted.from.clone().with_tag(&self.local_tag);
        let mut request = routed("INVITE", &wanted.target, &wanted.routes);
        request.add_header("From", from.to_string());
        request.add_header("To", wanted.to.clone().without_tag().to_string());
        request.add_header("Call-ID", &self.call_id);
        request.add_header("CSeq", "1 INVITE");
        request.headers.push(self.contact_field());
        request.headers.extend(stack.allow_field());
        request.headers.extend(self.extension_fields());
        request.headers.extend(wanted.headers.iter().cloned());
        match &wanted.sdp {
            Some(sdp) => request.with_body("application/sdp", sdp.as_bytes()),
            None => request,
        }
    }
}
