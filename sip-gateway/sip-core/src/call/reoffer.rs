//! Changing the session: re-INVITE and UPDATE (RFC 3261 §14, RFC 3311).

use super::{
    EndedBy, SipCause,
    leg::{Call, State, as_response},
    session::{Kind, Session},
};
use crate::{
    Event,
    message::{Request, Response},
    stack::Stack,
    timers::CallTimer,
    transaction::{Outcome, Owner, ServerId},
};

/// The peer's re-INVITE or UPDATE, unanswered.
pub struct IncomingOffer {
    pub server: ServerId,
    pub request: Request,
}

/// Our re-INVITE, unanswered.
pub struct OutgoingOffer {
    pub request: Request,
    sdp: String,
}

impl Session {
    /// Whether a new offer of ours must wait.
    fn is_busy(&self) -> bool {
        self.outgoing.is_some()
            || self.incoming.is_some()
            || self.unacked.is_some()
            || self.ack_due.is_some()
            || self.glare
    }

    /// The code for an offer of the peer that comes at the wrong time (§14.2, RFC 3311 §5.2).
    fn clash(&self) -> Option<u16> {
        if self.incoming.is_some() {
            return Some(500);
        }
        let ours = self.outgoing.is_some() || self.unacked.is_some() || self.ack_due.is_some();
        ours.then_some(491)
    }
}

impl Call {
    /// Offers a changed session, now or when the way is free.
    pub fn reinvite(&mut self, sdp: String, stack: &mut Stack) {
        match self.session() {
            Some(session) => {
                session.queued = Some(sdp);
                self.flush_queue(stack);
            }
            None => {
                let cause = SipCause::new(491, "The call is not answered yet");
                self.report(
                    Event::ReOfferRefused {
                        call: self.handle,
                        cause,
                    },
                    stack,
                );
            }
        }
    }

    /// Sends the queued offer if nothing stands in its way.
    pub(super) fn flush_queue(&mut self, stack: &mut Stack) {
        let (over, contact) = (self.over, self.contact_field());
        let Some(session) = self.session() else {
            return;
        };
        if over || session.is_busy() {
            return;
        }
        let Some(sdp) = session.queued.take() else {
            return;
        };
        let mut request = session.dialog.request("INVITE");
        request.headers.push(contact);
        request.headers.extend(stack.allow_field());
        let mut request = request.with_body("application/sdp", sdp.as_bytes());
        self.send(&mut request, Owner::Reinvite(self.handle), stack);
        if let Some(session) = self.session() {
            session.outgoing = Some(OutgoingOffer { request, sdp });
        }
    }

    pub(super) fn on_reinvite_outcome(&mut self, outcome: Outcome, stack: &mut Stack) {
        let timed_out = matches!(outcome, Outcome::Timeout);
        let response = as_response(outcome);
        if response.is_provisional() {
            return;
        }
        if response.is_success() {
            self.reoffer_answered(&response, stack);
            return;
        }
        let Some(offer) = self.session().and_then(|session| session.outgoing.take()) else {
            return;
        };
        match response.code {
            401 | 407 => self.offer_again(offer, &response, stack),
            491 => self.back_off(offer, stack),
            // §12.2.1.2: the peer has lost the dialog, or is gone.
            481 => self.reoffer_lost(&response, stack),
            408 if timed_out => self.reoffer_lost(&response, stack),
            _ => self.reoffer_refused(&response, stack),
        }
    }

    fn reoffer_answered(&mut self, response: &Response, stack: &mut Stack) {
        if self.acknowledged_again(response, stack) {
            return;
        }
        let Ok(cseq) = response.cseq() else { return };
        let Some(session) = self.session() else {
            return;
        };
        session.ack_due = Some(cseq.number);
        session.dialog.refresh_target(response.contact());
        self.acknowledge(None, stack);
        if let Some(session) = self.session() {
            session.outgoing = None;
        }
        let event = Event::ReOfferAnswered {
            call: self.handle,
            sdp: response.sdp(),
        };
        self.report(event, stack);
        self.flush_queue(stack);
    }

    fn offer_again(&mut self, mut offer: OutgoingOffer, response: &Response, stack: &mut Stack) {
        if self.over || !self.authorized(response, &mut offer.request, stack) {
            self.reoffer_refused(response, stack);
            return;
        }
        let (flow, owner) = (self.flow, Owner::Reinvite(self.handle));
        let Some(session) = self.session() else {
            return;
        };
        let seq = session.dialog.next_seq();
        offer.request.set_header("CSeq", format!("{seq} INVITE"));
        stack.send_request(flow, offer.request.clone(), owner);
        session.outgoing = Some(offer);
    }

    /// §14.1: both sides offered at once; who made the Call-ID waits longer.
    fn back_off(&mut self, offer: OutgoingOffer, stack: &mut Stack) {
        let (low, high) = if self.is_caller { (210, 400) } else { (0, 200) };
        let Some(session) = self.session() else {
            return;
        };
        session.queued.get_or_insert(offer.sdp);
        session.glare = true;
        let wait = stack.random.between(low, high) * 10;
        self.set_timer(CallTimer::Glare, wait, stack);
    }

    pub(super) fn glare_over(&mut self, stack: &mut Stack) {
        if let Some(session) = self.session() {
            session.glare = false;
        }
        self.flush_queue(stack);
    }

    fn reoffer_lost(&mut self, response: &Response, stack: &mut Stack) {
        self.end(EndedBy::Failure, SipCause::of_response(response), stack);
        self.bye(None, stack);
    }

    fn reoffer_refused(&mut self, response: &Response, stack: &mut Stack) {
        let cause = SipCause::of_response(response);
        self.report(
            Event::ReOfferRefused {
                call: self.handle,
                cause,
            },
            stack,
        );
        self.flush_queue(stack);
    }

    /// The peer's re-INVITE or UPDATE.
    pub(super) fn on_reoffer(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        let sdp = request.sdp();
        let is_invite = request.method == "INVITE";
        if !is_invite && sdp.is_none() {
            self.refresh(server, &request, stack);
            return;
        }
        // Before the answer an offer can only clash with the one the INVITE began.
        let clash = self.session().map_or(Some(491), |session| session.clash());
        if let Some(code) = clash {
            self.refuse_clash(server, &request, code, stack);
            return;
        }
        if is_invite {
            stack.set_server_call(server, self.handle);
            self.reply(server, &request, 100, stack);
        }
        if let Some(session) = self.session() {
            session.dialog.refresh_target(request.contact());
            session.incoming = Some(IncomingOffer { server, request });
        }
        self.report(
            Event::ReOffer {
                call: self.handle,
                sdp,
            },
            stack,
        );
    }

    /// UPDATE without an offer: only Contact (or a session timer) is refreshed.
    fn refresh(&mut self, server: ServerId, request: &Request, stack: &mut Stack) {
        if let Some(session) = self.session() {
            session.dialog.refresh_target(request.contact());
        }
        let mut response = self.response(request, 200, "", stack);
        response.headers.push(self.contact_field());
        stack.respond(server, &response);
    }

    fn refuse_clash(&self, server: ServerId, request: &Request, code: u16, stack: &mut Stack) {
        let mut response = self.response(request, code, "", stack);
        if code == 500 {
            response.add_header("Retry-After", stack.random.between(0, 10).to_string());
        }
        stack.respond(server, &response);
    }

    /// Answers the waiting offer (with our offer if the peer asked for one).
    pub fn accept_reoffer(&mut self, sdp: &str, stack: &mut Stack) {
        let Some(offer) = self.session().and_then(|session| session.incoming.take()) else {
            return;
        };
        if offer.request.method == "INVITE" {
            let kind = Kind {
                initial: false,
                late_offer: offer.request.sdp().is_none(),
            };
            self.answer_invite(offer.server, &offer.request, sdp, Vec::new(), kind, stack);
            return;
        }
        let response = self.session_response(&offer.request, sdp, Vec::new(), stack);
        stack.respond(offer.server, &response);
        self.flush_queue(stack);
    }

    /// Refuses the waiting offer.
    pub fn reject_reoffer(&mut self, code: u16, reason: &str, stack: &mut Stack) {
        let Some(offer) = self.session().and_then(|session| session.incoming.take()) else {
            return;
        };
        let code = if (300..700).contains(&code) {
            code
        } else {
            488
        };
        let response = self.response(&offer.request, code, reason, stack);
        stack.respond(offer.server, &response);
        self.flush_queue(stack);
    }

    /// The peer takes its re-INVITE back; the shell's answer to it will have no effect.
    pub(super) fn reoffer_cancelled(&mut self, server: ServerId, stack: &mut Stack) {
        let State::Talking(session) = &mut self.state else {
            return;
        };
        let Some(offer) = session.incoming.take_if(|offer| offer.server == server) else {
            return;
        };
        self.reply(server, &offer.request, 487, stack);
        self.flush_queue(stack);
    }
}
