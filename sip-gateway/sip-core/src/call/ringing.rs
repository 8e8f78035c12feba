//! The callee's side until the answer (RFC 3261 §13.3, §9.2).

use super::{
    CallHandle, EndedBy, IncomingInvite, Replaced, SipCause,
    leg::{Call, Origin, State},
    peer::Peer,
    reliable::Reliable,
    session::{Kind, Session},
};
use crate::{
    Event, Flow, Millis,
    dialog::Dialog,
    message::{Request, Response},
    stack::Stack,
    timers::{CallTimer, Timer},
    transaction::ServerId,
    uri::SipUri,
};

/// Time between two sendings of a provisional answer, in milliseconds.
const STILL_RINGING: Millis = 60_000;

/// The peer's INVITE, unanswered.
pub struct Ringing {
    pub server: ServerId,
    pub request: Request,
    pub dialog: Dialog,
    /// Our last provisional answer, unless it was a reliable one.
    last: Option<Response>,
    pub reliable: Reliable,
}

/// What the shell answers with.
pub struct Accepting {
    pub contact: SipUri,
    pub sdp: String,
    pub headers: Vec<(String, String)>,
}

impl Call {
    /// Answers a new INVITE with 100 and reports it. `None`: its From or To cannot be read.
    pub fn receive(
        handle: CallHandle,
        flow: Flow,
        server: ServerId,
        request: Request,
        replaces: Option<Replaced>,
        stack: &mut Stack,
    ) -> Option<Self> {
        let local_tag = stack.random.tag();
        let dialog = Dialog::as_callee(&request, &local_tag)?;
        let (from, to) = (request.from_header().ok()?, request.to_header().ok()?);
        stack.set_server_call(server, handle);
        let trying = stack.response(&request, 100, "", &local_tag);
        stack.respond(server, &trying);
        stack.emit(Event::IncomingInvite(Box::new(IncomingInvite {
            call: handle,
            flow,
            target: request.uri.clone(),
            from,
            to,
            sdp: request.sdp(),
            request: request.clone(),
            replaces,
        })));
        let origin = Origin {
            handle,
            flow,
            contact: request.uri.clone(),
            call_id: dialog.call_id.clone(),
            local_tag,
            is_caller: false,
            options: stack.call_options,
        };
        let dialog_seq = request.cseq().ok().map(|cseq| cseq.number);
        let mut peer = Peer::default();
        peer.note_request(&request);
        let ringing = Ringing {
            server,
            request,
            dialog,
            last: None,
            reliable: Reliable::default(),
        };
        let mut call = Self::new(origin, State::Ringing(Box::new(ringing)));
        call.peer = peer;
        call.began_with = dialog_seq;
        Some(call)
    }

    /// Whether this is the call another copy of `invite` began (§8.2.2.2: the request was forked
    /// on its way and both copies met here).
    pub fn is_merged(&self, invite: &Request) -> bool {
        let dialog = match &self.state {
            State::Ringing(ringing) => &ringing.dialog,
            State::Talking(session) => &session.dialog,
            State::Calling(_) | State::Gone => return false,
        };
        let from = invite.from_header().ok();
        let tag = from.as_ref().and_then(|from| from.tag());
        let seq = invite.cseq().ok().map(|cseq| cseq.number);
        self.call_id == invite.call_id().unwrap_or_default()
            && dialog.remote_tag() == tag.unwrap_or_default()
            && self.began_with.is_some()
            && self.began_with == seq
    }

    /// Answers provisionally.
    pub fn ring(&mut self, code: u16, sdp: Option<String>, stack: &mut Stack) {
        let State::Ringing(ringing) = &self.state else {
            return;
        };
        if sdp.is_some() {
            self.offers.local.clone_from(&sdp);
        }
        if self.is_reliable(&ringing.request) {
            self.ring_reliably(code, sdp, stack);
            return;
        }
        let Some(response) = self.provisional(code, sdp, stack) else {
            return;
        };
        if let State::Ringing(ringing) = &mut self.state {
            stack.respond(ringing.server, &response);
            ringing.last = Some(response);
        }
        self.set_timer(CallTimer::StillRinging, STILL_RINGING, stack);
    }

    /// A provisional answer.
    pub(super) fn provisional(
        &self,
        code: u16,
        sdp: Option<String>,
        stack: &Stack,
    ) -> Option<Response> {
        let mut response = self.invite_response(code.clamp(101, 199), "", stack)?;
        response.headers.push(self.contact_field());
        response.headers.extend(stack.allow_field());
        Some(match sdp {
            Some(sdp) => response.with_body("application/sdp", sdp),
            None => response,
        })
    }

    /// A response to the INVITE that waits.
    pub(super) fn invite_response(
        &self,
        code: u16,
        reason: &str,
        stack: &Stack,
    ) -> Option<Response> {
        match &self.state {
            State::Ringing(ringing) => Some(self.response(&ringing.request, code, reason, stack)),
            State::Calling(_) | State::Talking(_) | State::Gone => None,
        }
    }

    /// Sends the final response.
    pub(super) fn finish_ringing(&self, response: Option<&Response>, stack: &mut Stack) {
        if let (State::Ringing(ringing), Some(response)) = (&self.state, response) {
            stack.respond(ringing.server, response);
        }
    }

    /// §13.3.1.1: every minute again, so that no proxy on the way gives up.
    pub(super) fn still_ringing(&mut self, stack: &mut Stack) {
        let State::Ringing(ringing) = &self.state else {
            return;
        };
        if let Some(response) = &ringing.last {
            stack.respond(ringing.server, response);
            self.set_timer(CallTimer::StillRinging, STILL_RINGING, stack);
        }
    }

    /// Answers with 200, as soon as a reliable provisional answer allows it.
    pub fn accept(
        &mut self,
        contact: SipUri,
        sdp: String,
        headers: Vec<(String, String)>,
        stack: &mut Stack,
    ) {
        let accepting = Accepting {
            contact,
            sdp,
            headers,
        };
        if let Some(accepting) = self.holds_back(accepting) {
            self.accept_now(accepting, stack);
        }
    }

    pub(super) fn accept_now(&mut self, accepting: Accepting, stack: &mut Stack) {
        let ringing = match self.take_state() {
            State::Ringing(ringing) => ringing,
            other => {
                self.transition(other);
                return;
            }
        };
        for timer in [CallTimer::StillRinging, CallTimer::Reliable] {
            stack.timers.cancel(Timer::Call(self.handle, timer));
        }
        let Ringing {
            server,
            request,
            dialog,
            reliable,
            ..
        } = *ringing;
        self.contact = accepting.contact;
        let kind = Kind {
            initial: true,
            late_offer: request.sdp().is_none() && !reliable.settled,
        };
        let mut session = Session::new(dialog, None);
        session.awaited_prack = reliable.awaited();
        self.transition(State::Talking(Box::new(session)));
        // RFC 3262 §5: the description stands already, in a provisional answer or its PRACK.
        let sdp = (!reliable.settled).then_some(accepting.sdp);
        self.answer_invite(server, &request, sdp, accepting.headers, kind, stack);
    }

    /// Answers with a final code of 300 or above.
    pub fn reject(
        &mut self,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
        stack: &mut Stack,
    ) {
        let code = if (300..700).contains(&code) {
            code
        } else {
            480
        };
        let Some(mut response) = self.invite_response(code, reason, stack) else {
            return;
        };
        response.headers.extend(headers);
        self.refuse_waiting_offer(stack);
        self.finish_ringing(Some(&response), stack);
        self.end(EndedBy::Local, SipCause::of_response(&response), stack);
        self.transition(State::Gone);
    }

    /// The caller gave up: CANCEL, or BYE in the early dialog.
    pub(super) fn cancelled(&mut self, by: &Request, stack: &mut Stack) {
        let Some(response) = self.invite_response(487, "", stack) else {
            return;
        };
        self.refuse_waiting_offer(stack);
        self.finish_ringing(Some(&response), stack);
        self.end(EndedBy::Remote, SipCause::of_request(by, 487), stack);
        self.transition(State::Gone);
    }
}
