//! BYE both ways (RFC 3261 §15).

use super::{
    EndedBy, SipCause,
    leg::{Call, State, as_response},
    session::Bye,
};
use crate::{
    message::Request,
    stack::Stack,
    transaction::{Outcome, Owner, ServerId},
};

impl Call {
    /// Sends BYE, or as soon as the ACK to our 2xx has come: §15 forbids the callee an earlier one.
    pub(super) fn bye(&mut self, reason: Option<String>, stack: &mut Stack) {
        self.acknowledge(None, stack);
        self.refuse_waiting_offer(stack);
        let Some(session) = self.session() else {
            return;
        };
        if !matches!(session.bye, Bye::No) {
            return;
        }
        session.bye = Bye::Wanted(reason);
        if session
            .unacked
            .as_ref()
            .is_none_or(|unacked| !unacked.kind.initial)
        {
            self.send_wanted_bye(stack);
        }
    }

    /// The call has another connection; a BYE that was lost with the one before goes over it.
    pub(super) fn repeat_bye(&mut self, stack: &mut Stack) {
        let over = self.over;
        let may_go = |session: &&mut super::session::Session| {
            let waits = session.unacked.as_ref();
            over && waits.is_none_or(|unacked| !unacked.kind.initial)
        };
        if self.session().filter(may_go).is_some() {
            self.send_wanted_bye(stack);
        }
    }

    pub(super) fn send_wanted_bye(&mut self, stack: &mut Stack) {
        let owner = Owner::Bye(self.handle);
        let Some(session) = self.session() else {
            return;
        };
        let Bye::Wanted(reason) = &mut session.bye else {
            return;
        };
        let reason = reason.take();
        let mut request = session.dialog.request("BYE");
        if let Some(reason) = reason {
            request.add_header("Reason", reason);
        }
        self.send(&mut request, owner, stack);
        if let Some(session) = self.session() {
            session.bye = Bye::Sent(Box::new(request));
        }
        self.linger(stack);
    }

    pub(super) fn on_bye_outcome(&mut self, outcome: Outcome, stack: &mut Stack) {
        let is_lost = matches!(outcome, Outcome::FlowClosed);
        let response = as_response(outcome);
        let Some(session) = self.session() else {
            return;
        };
        let Bye::Sent(request) = &session.bye else {
            return;
        };
        if is_lost {
            // The connection went with it: it is sent again when the call has another.
            let reason = request.header("Reason").map(str::to_owned);
            session.bye = Bye::Wanted(reason);
            return;
        }
        let mut request = (**request).clone();
        if !self.authorized(&response, &mut request, stack) {
            return;
        }
        let Some(session) = self.session() else {
            return;
        };
        let seq = session.dialog.next_seq();
        request.set_header("CSeq", format!("{seq} BYE"));
        session.bye = Bye::Sent(Box::new(request.clone()));
        stack.send_request(self.flow, request, Owner::Bye(self.handle));
    }

    /// The peer hangs up.
    pub(super) fn on_bye(&mut self, server: ServerId, request: &Request, stack: &mut Stack) {
        self.reply(server, request, 200, stack);
        match self.state {
            State::Ringing(_) => self.cancelled(request, stack),
            State::Talking(_) => {
                // §15.1.2: pending requests of the peer are answered 487.
                self.refuse_waiting_offer(stack);
                if let Some(session) = self.session() {
                    session.unacked = None;
                }
                self.end(EndedBy::Remote, SipCause::of_request(request, 200), stack);
                self.linger(stack);
            }
            State::Calling(_) | State::Gone => {}
        }
    }

    /// The call ends while the shell thinks about an offer.
    pub(super) fn refuse_waiting_offer(&mut self, stack: &mut Stack) {
        let Some(offer) = self.offers.incoming.take() else {
            return;
        };
        self.reply(offer.server, &offer.request, 487, stack);
    }
}
