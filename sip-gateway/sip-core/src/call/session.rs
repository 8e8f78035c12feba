//! An answered call: 2xx and ACK, and requests inside the dialog (RFC 3261 §12.2, §13).

use super::{
    SipCause,
    leg::{Call, State, remote_tag},
};
use crate::{
    EndedBy, Event, Millis,
    dialog::Dialog,
    message::{Fields, Request, Response},
    stack::Stack,
    timers::{CallTimer, PATIENCE, T1, T2, Timer},
    transaction::ServerId,
};

/// What an answered call knows.
pub struct Session {
    pub dialog: Dialog,
    /// Caller: the INVITE, for dialogs with other forks.
    pub invite: Option<Request>,
    /// A 2xx of this number waits for our ACK.
    pub ack_due: Option<u32>,
    /// Our 2xx waits for the peer's ACK.
    pub unacked: Option<Unacked>,
    /// `RSeq` of a provisional answer whose PRACK may still come.
    pub awaited_prack: Option<u32>,
    pub bye: Bye,
}

/// Our BYE.
pub enum Bye {
    No,
    /// To be sent with this `Reason` when the ACK to our 2xx has come (§15).
    Wanted(Option<String>),
    Sent(Box<Request>),
}

/// Our 2xx on its way.
pub struct Unacked {
    seq: u32,
    bytes: Vec<u8>,
    interval: Millis,
    pub kind: Kind,
}

/// Which INVITE a 2xx answers.
#[derive(Clone, Copy)]
pub struct Kind {
    /// The one that began the call.
    pub initial: bool,
    /// It had no offer: ours is in the 2xx, the answer comes in the ACK.
    pub late_offer: bool,
}

impl Session {
    pub fn new(dialog: Dialog, invite: Option<Request>) -> Self {
        Self {
            dialog,
            invite,
            ack_due: None,
            unacked: None,
            awaited_prack: None,
            bye: Bye::No,
        }
    }
}

impl Call {
    pub(super) fn session(&mut self) -> Option<&mut Session> {
        match &mut self.state {
            State::Talking(session) => Some(session),
            State::Calling(_) | State::Ringing(_) | State::Gone => None,
        }
    }

    /// Sends the ACK that is due, with the answer if the 2xx held the offer.
    pub(super) fn acknowledge(&mut self, sdp: Option<String>, stack: &mut Stack) {
        let flow = self.flow;
        let outgoing = &self.offers.outgoing;
        let State::Talking(session) = &mut self.state else {
            return;
        };
        let Some(seq) = session.ack_due.take() else {
            return;
        };
        let mut ack = session.dialog.ack(seq);
        let invite = outgoing.as_ref().map(|offer| &offer.request);
        // §22.1: the ACK repeats the credentials of its INVITE.
        if let Some(invite) = invite.or(session.invite.as_ref()) {
            let is_credential = |name: &str| name.ends_with("Authorization");
            let fields = invite
                .headers
                .iter()
                .filter(|(name, _)| is_credential(name));
            ack.headers.extend(fields.cloned());
        }
        if let Some(sdp) = sdp {
            ack = ack.with_body("application/sdp", sdp);
        }
        let tag = session.dialog.remote_tag().to_owned();
        let bytes = stack.send_ack(flow, ack);
        self.remember_ack(seq, &tag, bytes);
    }

    /// Whether this 2xx repeats one whose ACK waits for the shell's answer.
    pub(super) fn holds_ack(&self, response: &Response) -> bool {
        let State::Talking(session) = &self.state else {
            return false;
        };
        let seq = response.cseq().ok().map(|cseq| cseq.number);
        session.ack_due.is_some()
            && session.ack_due == seq
            && session.dialog.remote_tag() == remote_tag(response)
    }

    /// The answer to the offer in a 2xx.
    pub fn answer_late_offer(&mut self, sdp: String, stack: &mut Stack) {
        let due = self
            .session()
            .is_some_and(|session| session.ack_due.is_some());
        if due {
            self.offers.local = Some(sdp.clone());
        }
        self.acknowledge(Some(sdp), stack);
        self.flush_queue(stack);
    }

    /// Answers an INVITE or re-INVITE with 200, repeated until ACK on every transport
    /// (§13.3.1.4).
    pub(super) fn answer_invite(
        &mut self,
        server: ServerId,
        request: &Request,
        sdp: Option<String>,
        headers: Vec<(String, String)>,
        kind: Kind,
        stack: &mut Stack,
    ) {
        if sdp.is_some() {
            self.offers.local.clone_from(&sdp);
        }
        let response = self.session_response(request, sdp, headers, stack);
        stack.respond(server, &response);
        let seq = request.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let unacked = Unacked {
            seq,
            bytes: response.to_bytes(),
            interval: T1,
            kind,
        };
        if let Some(session) = self.session() {
            session.unacked = Some(unacked);
        }
        self.set_timer(CallTimer::Answer, T1, stack);
        self.set_timer(CallTimer::AckMissing, PATIENCE, stack);
    }

    /// A 200 with a session description.
    pub(super) fn session_response(
        &mut self,
        request: &Request,
        sdp: Option<String>,
        headers: Vec<(String, String)>,
        stack: &mut Stack,
    ) -> Response {
        let mut response = self.response(request, 200, "", stack);
        response.headers.push(self.contact_field());
        response.headers.extend(self.session_fields(request, stack));
        response.headers.extend(headers);
        match sdp {
            Some(sdp) => response.with_body("application/sdp", sdp),
            None => response,
        }
    }

    /// What a 2xx to INVITE or UPDATE says of us. PRACK, and anything before the answer, says
    /// nothing of session timers.
    pub(super) fn session_fields(&mut self, request: &Request, stack: &mut Stack) -> Fields {
        let mut fields: Fields = stack.allow_field().into_iter().collect();
        let talking = matches!(self.state, State::Talking(_));
        if talking && request.method != "PRACK" {
            fields.extend(self.timer_fields(request, stack));
        }
        fields
    }

    pub(super) fn repeat_answer(&mut self, stack: &mut Stack) {
        let flow = self.flow;
        let Some(unacked) = self.session().and_then(|session| session.unacked.as_mut()) else {
            return;
        };
        unacked.interval = (unacked.interval * 2).min(T2);
        let (bytes, interval) = (unacked.bytes.clone(), unacked.interval);
        stack.transmit(flow, bytes);
        self.set_timer(CallTimer::Answer, interval, stack);
    }

    fn stop_repeating(&mut self, stack: &mut Stack) -> Option<Unacked> {
        for timer in [CallTimer::Answer, CallTimer::AckMissing] {
            stack.timers.cancel(Timer::Call(self.handle, timer));
        }
        self.session().and_then(|session| session.unacked.take())
    }

    /// §13.3.1.4: no ACK in 64·T1: the dialog is confirmed all the same, and ended.
    pub(super) fn ack_missing(&mut self, stack: &mut Stack) {
        self.stop_repeating(stack);
        self.end(EndedBy::Failure, SipCause::new(408, "No ACK"), stack);
        self.bye(None, stack);
    }

    /// The ACK to a 2xx of ours.
    pub fn on_ack(&mut self, ack: &Request, stack: &mut Stack) {
        let seq = ack.cseq().map(|cseq| cseq.number).unwrap_or_default();
        let awaited = self
            .session()
            .and_then(|session| session.unacked.as_ref())
            .is_some_and(|unacked| unacked.seq == seq);
        if !awaited {
            return;
        }
        let Some(unacked) = self.stop_repeating(stack) else {
            return;
        };
        let sdp = if unacked.kind.late_offer {
            ack.sdp()
        } else {
            None
        };
        if unacked.kind.initial || sdp.is_some() {
            self.report(
                Event::Confirmed {
                    call: self.handle,
                    sdp,
                },
                stack,
            );
        }
        self.send_wanted_bye(stack);
        self.flush_queue(stack);
    }
}
