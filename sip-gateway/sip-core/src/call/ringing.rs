//! The callee's side until the answer (RFC 3261 §13.3, §9.2).

use super::{
    CallHandle, EndedBy, IncomingInvite, SipCause,
    leg::{Call, State},
    session::Session,
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
    /// Our last provisional answer.
    last: Option<Response>,
}

impl Call {
    /// Answers a new INVITE with 100 and reports it. `None`: its From or To cannot be read.
    pub fn receive(
        handle: CallHandle,
        flow: Flow,
        server: ServerId,
        request: Request,
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
        })));
        Some(Self {
            handle,
            flow,
            contact: request.uri.clone(),
            auth: None,
            is_caller: false,
            call_id: dialog.call_id.clone(),
            local_tag,
            state: State::Ringing(Box::new(Ringing {
                server,
                request,
                dialog,
                last: None,
            })),
            over: false,
            acks: Vec::new(),
            requests: crate::map::Map::new(),
        })
    }

    /// Whether this is the call another copy of `invite` began (§8.2.2.2: the request was forked
    /// on its way and both copies met here).
    pub fn is_merged(&self, invite: &Request) -> bool {
        let State::Ringing(ringing) = &self.state else {
            return false;
        };
        ringing.request.call_id() == invite.call_id()
            && ringing.request.header("CSeq") == invite.header("CSeq")
            && ringing.request.header("From") == invite.header("From")
    }

    /// Answers provisionally.
    pub fn ring(&mut self, code: u16, sdp: Option<String>, stack: &mut Stack) {
        let State::Ringing(ringing) = &self.state else {
            return;
        };
        let mut response = self.response(&ringing.request, code.clamp(101, 199), "", stack);
        response.headers.push(self.contact_field());
        if let Some(sdp) = sdp {
            response = response.with_body("application/sdp", sdp);
        }
        stack.respond(ringing.server, &response);
        if let State::Ringing(ringing) = &mut self.state {
            ringing.last = Some(response);
        }
        self.set_timer(CallTimer::StillRinging, STILL_RINGING, stack);
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

    /// Answers with 200.
    pub fn accept(
        &mut self,
        contact: SipUri,
        sdp: String,
        headers: Vec<(String, String)>,
        stack: &mut Stack,
    ) {
        let ringing = match self.take_state() {
            State::Ringing(ringing) => ringing,
            other => {
                self.transition(other);
                return;
            }
        };
        stack
            .timers
            .cancel(Timer::Call(self.handle, CallTimer::StillRinging));
        let Ringing {
            server,
            request,
            dialog,
            ..
        } = *ringing;
        self.contact = contact;
        let late_offer = request.sdp().is_none();
        self.transition(State::Talking(Box::new(Session::new(dialog, None))));
        self.answer_invite(
            server,
            &request,
            &sdp,
            headers,
            super::session::Kind {
                initial: true,
                late_offer,
            },
            stack,
        );
    }

    /// Answers with a final code of 300 or above.
    pub fn reject(
        &mut self,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
        stack: &mut Stack,
    ) {
        let State::Ringing(ringing) = &self.state else {
            return;
        };
        let code = if (300..700).contains(&code) {
            code
        } else {
            480
        };
        let mut response = self.response(&ringing.request, code, reason, stack);
        response.headers.extend(headers);
        stack.respond(ringing.server, &response);
        self.end(EndedBy::Local, SipCause::of_response(&response), stack);
        self.transition(State::Gone);
    }

    /// The caller gave up: CANCEL, or BYE in the early dialog.
    pub(super) fn cancelled(&mut self, by: &Request, stack: &mut Stack) {
        let State::Ringing(ringing) = &self.state else {
            return;
        };
        let response = self.response(&ringing.request, 487, "", stack);
        stack.respond(ringing.server, &response);
        self.end(EndedBy::Remote, SipCause::of_request(by, 487), stack);
        self.transition(State::Gone);
    }
}
