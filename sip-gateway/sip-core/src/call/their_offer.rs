//! The peer changes the session: re-INVITE, UPDATE, or an offer in PRACK (RFC 3261 §14.2,
//! RFC 3311 §5.2, RFC 3262 §5).

use super::{
    leg::{Call, State},
    reoffer::IncomingOffer,
    session::Kind,
};
use crate::{Event, message::Request, stack::Stack, transaction::ServerId};

impl Call {
    /// The peer's re-INVITE or UPDATE.
    pub(super) fn on_reoffer(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        self.peer.note_request(&request);
        if let Some(least) = self
            .options
            .timers
            .and_then(|timers| timers.too_brief(&request))
        {
            let response = self.response(&request, 422, "", stack);
            stack.respond(server, &response.with_header("Min-SE", least.to_string()));
            return;
        }
        let sdp = request.sdp();
        let is_invite = request.method == "INVITE";
        if !is_invite && sdp.is_none() {
            self.refresh(server, &request, stack);
            return;
        }
        if let Some(code) = self.clash(is_invite) {
            self.refuse_clash(server, &request, code, stack);
            return;
        }
        if is_invite {
            stack.set_server_call(server, self.handle);
            self.reply(server, &request, 100, stack);
        }
        if let Some(dialog) = self.dialog() {
            dialog.refresh_target(request.contact());
        }
        self.offers.incoming = Some(IncomingOffer { server, request });
        let call = self.handle;
        self.report(Event::ReOffer { call, sdp }, stack);
    }

    /// The code for an offer of the peer that comes at the wrong time.
    fn clash(&self, is_invite: bool) -> Option<u16> {
        // §14.2: an INVITE of the peer waits for its final answer.
        if self.offers.incoming.is_some() {
            return Some(500);
        }
        let ours = self.offers.outgoing.is_some();
        match &self.state {
            State::Talking(session) => {
                let unacknowledged = session.unacked.is_some() || session.ack_due.is_some();
                (ours || unacknowledged).then_some(491)
            }
            State::Ringing(_) if is_invite => Some(500),
            // RFC 3311 §5.2: we have not answered the peer's first offer.
            State::Ringing(ringing) if !ringing.reliable.settled => Some(500),
            State::Ringing(ringing) => {
                (ours || ringing.reliable.awaited().is_some()).then_some(491)
            }
            State::Calling(calling) => (is_invite || ours || !calling.is_settled()).then_some(491),
            State::Gone => Some(481),
        }
    }

    /// UPDATE without an offer: only Contact (or a session timer) is refreshed.
    fn refresh(&mut self, server: ServerId, request: &Request, stack: &mut Stack) {
        if let Some(dialog) = self.dialog() {
            dialog.refresh_target(request.contact());
        }
        let mut response = self.response(request, 200, "", stack);
        response.headers.push(self.contact_field());
        response.headers.extend(self.session_fields(request, stack));
        stack.respond(server, &response);
    }

    /// Refuses a request that came at the wrong time; after 500 the peer may try again (§14.2).
    pub(super) fn refuse_clash(
        &self,
        server: ServerId,
        request: &Request,
        code: u16,
        stack: &mut Stack,
    ) {
        let mut response = self.response(request, code, "", stack);
        if code == 500 {
            response.add_header("Retry-After", stack.random.between(0, 10).to_string());
        }
        stack.respond(server, &response);
    }

    /// Answers the waiting offer (with our offer if the peer asked for one).
    pub fn accept_reoffer(&mut self, sdp: &str, stack: &mut Stack) {
        let Some(offer) = self.offers.incoming.take() else {
            return;
        };
        self.offers.local = Some(sdp.to_owned());
        if offer.request.method == "INVITE" {
            let kind = Kind {
                initial: false,
                late_offer: offer.request.sdp().is_none(),
            };
            let sdp = Some(sdp.to_owned());
            self.answer_invite(offer.server, &offer.request, sdp, Vec::new(), kind, stack);
            return;
        }
        let sdp = Some(sdp.to_owned());
        let response = self.session_response(&offer.request, sdp, Vec::new(), stack);
        stack.respond(offer.server, &response);
        self.way_is_free(stack);
    }

    /// Refuses the waiting offer.
    pub fn reject_reoffer(&mut self, code: u16, reason: &str, stack: &mut Stack) {
        let Some(offer) = self.offers.incoming.take() else {
            return;
        };
        let code = if (300..700).contains(&code) {
            code
        } else {
            488
        };
        let response = self.response(&offer.request, code, reason, stack);
        stack.respond(offer.server, &response);
        self.way_is_free(stack);
    }

    /// What waited for the peer's offer to be answered.
    fn way_is_free(&mut self, stack: &mut Stack) {
        match self.state {
            State::Ringing(_) if cfg!(feature = "gateway") => self.after_prack(stack),
            State::Ringing(_) | State::Talking(_) | State::Calling(_) | State::Gone => {
                self.flush_queue(stack);
            }
        }
    }

    /// The peer takes its re-INVITE back; the shell's answer to it will have no effect.
    pub(super) fn reoffer_cancelled(&mut self, server: ServerId, stack: &mut Stack) {
        let is_it = |offer: &mut IncomingOffer| offer.server == server;
        let Some(offer) = self.offers.incoming.take_if(is_it) else {
            return;
        };
        self.reply(server, &offer.request, 487, stack);
        self.flush_queue(stack);
    }
}
