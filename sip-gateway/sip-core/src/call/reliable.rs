//! The callee's reliable provisional answers (RFC 3262 §3): repeated until PRACK, one at a time.

use super::{
    SipCause,
    leg::{Call, State},
    options::Reliability,
    reoffer::IncomingOffer,
    ringing::Accepting,
};
use crate::{
    EndedBy, Event, Millis,
    header::RAck,
    message::{Request, Response},
    stack::Stack,
    timers::{CallTimer, PATIENCE, T1, Timer},
    transaction::ServerId,
};

/// Provisional answers that wait for the one before to be acknowledged.
const MAX_WAITING: usize = 8;

/// The reliable answers of one INVITE.
#[derive(Default)]
pub struct Reliable {
    /// `RSeq` of the last one; 0: none yet.
    rseq: u32,
    unacked: Option<Unacked>,
    /// Codes and descriptions to be sent after that.
    waiting: Vec<(u16, Option<String>)>,
    /// The 200 waits for the PRACK of an answer with a description (§3).
    accepting: Option<Accepting>,
    /// The first offer has been answered, in one of our answers or in a PRACK.
    pub settled: bool,
}

struct Unacked {
    response: Response,
    /// When it was first sent.
    since: Millis,
    interval: Millis,
    has_sdp: bool,
    /// The description is our offer: the PRACK holds the answer.
    offers: bool,
}

impl Call {
    /// Whether the answer to this INVITE must, or by our wish shall, be reliable.
    pub(super) fn is_reliable(&self, invite: &Request) -> bool {
        let wished = match self.options.reliable {
            Reliability::Off | Reliability::Supported => false,
            Reliability::Preferred | Reliability::Required => self.peer.reliable,
        };
        cfg!(feature = "gateway") && (wished || invite.requires("100rel"))
    }

    /// Sends a provisional answer reliably, now or after the one before.
    pub(super) fn ring_reliably(&mut self, code: u16, sdp: Option<String>, stack: &mut Stack) {
        let State::Ringing(ringing) = &mut self.state else {
            return;
        };
        let reliable = &mut ringing.reliable;
        if reliable.unacked.is_some() {
            if reliable.waiting.len() < MAX_WAITING {
                reliable.waiting.push((code, sdp));
            }
            return;
        }
        let has_sdp = sdp.is_some();
        let offers = has_sdp && ringing.request.sdp().is_none() && !reliable.settled;
        // §3: any number below 2³¹; from 1 it never overflows.
        reliable.rseq += 1;
        reliable.settled |= has_sdp && !offers;
        let rseq = reliable.rseq.to_string();
        let Some(mut response) = self.provisional(code, sdp, stack) else {
            return;
        };
        response.add_header("Require", "100rel");
        response.add_header("RSeq", rseq);
        let unacked = Unacked {
            since: stack.now,
            interval: T1,
            has_sdp,
            offers,
            response,
        };
        self.send_reliable(unacked, stack);
    }

    fn send_reliable(&mut self, unacked: Unacked, stack: &mut Stack) {
        let end = unacked.since.saturating_add(PATIENCE);
        let interval = unacked.interval.min(end.saturating_sub(stack.now));
        let State::Ringing(ringing) = &mut self.state else {
            return;
        };
        stack.respond(ringing.server, &unacked.response);
        ringing.reliable.unacked = Some(unacked);
        self.set_timer(CallTimer::Reliable, interval, stack);
    }

    /// No PRACK yet: again, until 64·T1 are over (§3: then the call is refused with 5xx).
    pub(super) fn repeat_reliable(&mut self, stack: &mut Stack) {
        let State::Ringing(ringing) = &mut self.state else {
            return;
        };
        let Some(mut unacked) = ringing.reliable.unacked.take() else {
            return;
        };
        if stack.now >= unacked.since.saturating_add(PATIENCE) {
            let response = self.invite_response(504, "No PRACK", stack);
            self.finish_ringing(response.as_ref(), stack);
            self.end(EndedBy::Failure, SipCause::new(504, "No PRACK"), stack);
            self.transition(State::Gone);
            return;
        }
        unacked.interval = unacked.interval.saturating_mul(2);
        self.send_reliable(unacked, stack);
    }

    /// The caller acknowledges a reliable answer.
    pub(super) fn on_prack(&mut self, server: ServerId, request: Request, stack: &mut Stack) {
        let rack: Option<RAck> = request.header("RAck").and_then(|rack| rack.parse().ok());
        let Some(rack) = rack else {
            self.reply(server, &request, 400, stack);
            return;
        };
        let State::Ringing(ringing) = &mut self.state else {
            self.late_prack(server, &request, &rack, stack);
            return;
        };
        let awaited = rack.rseq == ringing.reliable.rseq && ringing.request.cseq() == Ok(rack.cseq);
        match ringing.reliable.unacked.take_if(|_| awaited) {
            Some(unacked) => {
                let timer = Timer::Call(self.handle, CallTimer::Reliable);
                stack.timers.cancel(timer);
                self.acknowledged_reliable(&unacked, server, request, stack);
            }
            None => self.reply(server, &request, 481, stack),
        }
    }

    /// After the 200 a PRACK may still be on its way (§3).
    fn late_prack(&self, server: ServerId, request: &Request, rack: &RAck, stack: &mut Stack) {
        let awaited = match &self.state {
            State::Talking(session) => session.awaited_prack == Some(rack.rseq),
            State::Calling(_) | State::Ringing(_) | State::Gone => false,
        };
        self.reply(server, request, if awaited { 200 } else { 481 }, stack);
    }

    fn acknowledged_reliable(
        &mut self,
        unacked: &Unacked,
        server: ServerId,
        request: Request,
        stack: &mut Stack,
    ) {
        match request.sdp() {
            Some(sdp) if unacked.offers => {
                if let State::Ringing(ringing) = &mut self.state {
                    ringing.reliable.settled = true;
                }
                self.reply(server, &request, 200, stack);
                let call = self.handle;
                self.report(Event::EarlyAnswer { call, sdp }, stack);
            }
            // §5: a second offer of the caller; the 200 to the PRACK holds our answer.
            Some(sdp) if self.is_settled() => {
                self.offers.incoming = Some(IncomingOffer { server, request });
                let (call, sdp) = (self.handle, Some(sdp));
                self.report(Event::ReOffer { call, sdp }, stack);
            }
            Some(_) | None => self.reply(server, &request, 200, stack),
        }
        self.after_prack(stack);
    }

    /// What waited for the PRACK goes out.
    pub(super) fn after_prack(&mut self, stack: &mut Stack) {
        if self.offers.incoming.is_some() {
            return;
        }
        let State::Ringing(ringing) = &mut self.state else {
            return;
        };
        let reliable = &mut ringing.reliable;
        if let Some(accepting) = reliable.accepting.take() {
            self.accept_now(accepting, stack);
        } else if !reliable.waiting.is_empty() {
            let (code, sdp) = reliable.waiting.remove(0);
            self.ring_reliably(code, sdp, stack);
        } else {
            self.flush_queue(stack);
        }
    }

    /// Whether the 200 must wait: a description of ours has not been acknowledged, or an offer in
    /// a PRACK is not answered. Keeps it then.
    pub(super) fn holds_back(&mut self, accepting: Accepting) -> Option<Accepting> {
        let waits_for_shell = self.offers.incoming.is_some();
        let State::Ringing(ringing) = &mut self.state else {
            return None;
        };
        let reliable = &mut ringing.reliable;
        let unacked = reliable.unacked.as_ref();
        if waits_for_shell || unacked.is_some_and(|unacked| unacked.has_sdp) {
            reliable.accepting = Some(accepting);
            return None;
        }
        Some(accepting)
    }
}

impl Reliable {
    /// `RSeq` of an answer whose PRACK may still come.
    pub fn awaited(&self) -> Option<u32> {
        self.unacked.as_ref().map(|_| self.rseq)
    }
}
