//! Changing the session from our side: re-INVITE and UPDATE (RFC 3261 §14.1, RFC 3311 §5.1).

use super::{
    EndedBy, SipCause,
    leg::{Call, State, as_response},
};
use crate::{
    Event, Millis,
    message::{Request, Response},
    stack::Stack,
    timers::CallTimer,
    transaction::{Outcome, Owner, ServerId},
};

/// How often a change is sent again after 491, 422 or 500.
const MAX_TRIES: u8 = 10;
/// A longer `Retry-After` than this, in seconds, is a refusal.
const MAX_RETRY_AFTER: Millis = 10;

/// Offers under way, ours and the peer's.
#[derive(Default)]
pub struct Offers {
    /// The peer's waits for the shell.
    pub incoming: Option<IncomingOffer>,
    /// Ours is on its way.
    pub outgoing: Option<OutgoingOffer>,
    /// Our next, for when the way is free.
    pub queued: Option<Change>,
    /// After 491 (or 500 with `Retry-After`) the queue waits for its timer.
    glare: bool,
    tries: u8,
    /// Our last description, for refreshing the session with.
    pub local: Option<String>,
}

/// The peer's re-INVITE, UPDATE or PRACK, unanswered.
pub struct IncomingOffer {
    pub server: ServerId,
    pub request: Request,
}

/// Our re-INVITE or UPDATE, unanswered.
pub struct OutgoingOffer {
    pub request: Request,
    change: Change,
}

/// What we want to change.
#[derive(Debug, Clone)]
pub enum Change {
    /// This offer, with re-INVITE.
    Offer(String),
    /// This offer, with UPDATE where the peer has that.
    Update(String),
    /// The peer is to offer.
    Ask,
    /// Nothing: the session timer runs.
    Refresh,
}

impl Call {
    /// Offers a changed session, now or when the way is free.
    pub fn reinvite(&mut self, sdp: String, stack: &mut Stack) {
        self.change(Change::Offer(sdp), stack);
    }

    /// Asks the peer for an offer.
    pub fn reinvite_for_offer(&mut self, stack: &mut Stack) {
        self.change(Change::Ask, stack);
    }

    /// Offers a changed session with UPDATE, also before the call is answered.
    pub fn update(&mut self, sdp: String, stack: &mut Stack) {
        let early = !matches!(self.state, State::Talking(_));
        if early && self.is_settled() && self.peer.update && !self.over {
            self.offers.queued = Some(Change::Update(sdp));
            self.flush_queue(stack);
        } else {
            self.change(Change::Update(sdp), stack);
        }
    }

    fn change(&mut self, change: Change, stack: &mut Stack) {
        if matches!(self.state, State::Talking(_)) {
            self.offers.queued = Some(change);
            self.flush_queue(stack);
        } else {
            let cause = SipCause::new(491, "The call is not answered yet");
            self.report_refused(cause, stack);
        }
    }

    fn report_refused(&self, cause: SipCause, stack: &mut Stack) {
        let call = self.handle;
        self.report(Event::ReOfferRefused { call, cause }, stack);
    }

    /// Whether the offer the call began with has been answered.
    pub(super) fn is_settled(&self) -> bool {
        match &self.state {
            State::Talking(_) => true,
            State::Calling(calling) => calling.is_settled(),
            State::Ringing(ringing) => ringing.reliable.settled,
            State::Gone => false,
        }
    }

    /// Whether a new offer of ours must wait.
    fn is_busy(&self) -> bool {
        let offers = &self.offers;
        let unacknowledged = match &self.state {
            State::Talking(session) => session.unacked.is_some() || session.ack_due.is_some(),
            State::Ringing(ringing) => ringing.reliable.awaited().is_some(),
            State::Calling(_) => false,
            State::Gone => true,
        };
        offers.outgoing.is_some() || offers.incoming.is_some() || offers.glare || unacknowledged
    }

    /// Sends the queued change if nothing stands in its way.
    pub(super) fn flush_queue(&mut self, stack: &mut Stack) {
        if self.over || !self.is_settled() || self.is_busy() {
            return;
        }
        if let Some(change) = self.offers.queued.take() {
            self.send_change(change, stack);
        }
    }

    fn send_change(&mut self, change: Change, stack: &mut Stack) {
        let early = !matches!(self.state, State::Talking(_));
        let by_update = early || self.peer.update;
        let (method, sdp) = match &change {
            Change::Update(sdp) if by_update => ("UPDATE", Some(sdp.clone())),
            Change::Offer(sdp) | Change::Update(sdp) => ("INVITE", Some(sdp.clone())),
            Change::Ask => ("INVITE", None),
            // RFC 4028 §7.4 prefers UPDATE: it needs no description.
            Change::Refresh if by_update => ("UPDATE", None),
            Change::Refresh => ("INVITE", self.offers.local.clone()),
        };
        let Some(dialog) = self.dialog() else {
            return;
        };
        let mut request = dialog.request(method);
        request.headers.push(self.contact_field());
        request.headers.extend(stack.allow_field());
        if !early {
            request.headers.extend(self.extension_fields());
        }
        if let Some(sdp) = sdp {
            request = request.with_body("application/sdp", sdp);
        }
        self.send(&mut request, Owner::Reinvite(self.handle), stack);
        self.offers.outgoing = Some(OutgoingOffer { request, change });
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
        let Some(offer) = self.offers.outgoing.take() else {
            return;
        };
        let refreshes = matches!(offer.change, Change::Refresh);
        match response.code {
            401 | 407 => self.offer_again(offer, &response, stack),
            491 => self.back_off(offer, self.glare_time(stack), &response, stack),
            422 if self.raise_interval(&offer.request, &response) => {
                self.back_off(offer, 0, &response, stack);
            }
            500 if retry_after(&response).is_some() => {
                let wait = retry_after(&response).unwrap_or_default();
                self.back_off(offer, wait, &response, stack);
            }
            // The peer announced UPDATE and has none.
            405 | 501 if offer.request.method == "UPDATE" && self.is_talking() => {
                self.peer.update = false;
                self.back_off(offer, 0, &response, stack);
            }
            // §12.2.1.2: the peer has lost the dialog, or is gone.
            481 => self.reoffer_lost(&response, stack),
            // RFC 4028 §10: the same goes for a refresh that a proxy could not deliver.
            408 if timed_out || refreshes => self.reoffer_lost(&response, stack),
            _ => self.reoffer_refused(&offer.change, &response, stack),
        }
    }

    pub(super) fn is_talking(&self) -> bool {
        matches!(self.state, State::Talking(_))
    }

    fn reoffer_answered(&mut self, response: &Response, stack: &mut Stack) {
        let Ok(cseq) = response.cseq() else { return };
        let by_invite = cseq.method == "INVITE";
        if by_invite && (self.acknowledged_again(response, stack) || self.holds_ack(response)) {
            return;
        }
        self.peer.note_response(response);
        if let Some(dialog) = self.dialog() {
            dialog.refresh_target(response.contact());
        }
        if by_invite && let Some(session) = self.session() {
            session.ack_due = Some(cseq.number);
        }
        let Some(offer) = &self.offers.outgoing else {
            self.acknowledge(None, stack);
            return;
        };
        let change = offer.change.clone();
        // The ACK to an offer of the peer waits for our answer.
        let held = matches!(change, Change::Ask) && response.sdp().is_some() && !self.over;
        if !held {
            self.acknowledge(None, stack);
        }
        self.offers.outgoing = None;
        self.offers.tries = 0;
        if self.is_talking() {
            self.timer_answered(response, stack);
        }
        self.report_answer(change, response.sdp(), by_invite, stack);
        self.flush_queue(stack);
    }

    fn report_answer(
        &mut self,
        change: Change,
        sdp: Option<String>,
        by_invite: bool,
        stack: &mut Stack,
    ) {
        let call = self.handle;
        let event = match (change, sdp) {
            (Change::Offer(local) | Change::Update(local), sdp) => {
                self.offers.local = Some(local);
                Event::ReOfferAnswered { call, sdp }
            }
            (Change::Ask, Some(sdp)) => Event::LateOffer { call, sdp },
            // A 200 without the offer we asked for: nothing changes.
            (Change::Ask, None) => Event::ReOfferRefused {
                call,
                cause: SipCause::new(488, "The peer made no offer"),
            },
            (Change::Refresh, sdp) if by_invite => Event::Refreshed { call, sdp },
            (Change::Refresh, _) => return,
        };
        self.report(event, stack);
    }

    fn offer_again(&mut self, mut offer: OutgoingOffer, response: &Response, stack: &mut Stack) {
        if self.over || !self.authorized(response, &mut offer.request, stack) {
            self.reoffer_refused(&offer.change, response, stack);
            return;
        }
        let (flow, owner) = (self.flow, Owner::Reinvite(self.handle));
        let Some(dialog) = self.dialog() else {
            return;
        };
        let seq = dialog.next_seq();
        let method = offer.request.method.clone();
        offer.request.set_header("CSeq", format!("{seq} {method}"));
        stack.send_request(flow, offer.request.clone(), owner);
        self.offers.outgoing = Some(offer);
    }

    /// §14.1: both sides offered at once; who made the Call-ID waits longer. In milliseconds.
    fn glare_time(&self, stack: &mut Stack) -> Millis {
        let (low, high) = if self.is_caller { (210, 400) } else { (0, 200) };
        stack.random.between(low, high) * 10
    }

    /// Sends the change again after `wait` milliseconds, unless the shell wants another by then.
    fn back_off(
        &mut self,
        offer: OutgoingOffer,
        wait: Millis,
        response: &Response,
        stack: &mut Stack,
    ) {
        let offers = &mut self.offers;
        offers.tries += 1;
        if offers.tries > MAX_TRIES {
            self.reoffer_refused(&offer.change, response, stack);
            return;
        }
        offers.queued.get_or_insert(offer.change);
        offers.glare = true;
        self.set_timer(CallTimer::Glare, wait, stack);
    }

    pub(super) fn glare_over(&mut self, stack: &mut Stack) {
        self.offers.glare = false;
        self.flush_queue(stack);
    }

    fn reoffer_lost(&mut self, response: &Response, stack: &mut Stack) {
        self.end(EndedBy::Failure, SipCause::of_response(response), stack);
        self.bye(None, stack);
    }

    fn reoffer_refused(&mut self, change: &Change, response: &Response, stack: &mut Stack) {
        self.offers.tries = 0;
        match change {
            Change::Refresh => self.refresh_refused(stack),
            Change::Offer(_) | Change::Update(_) | Change::Ask => {
                self.report_refused(SipCause::of_response(response), stack);
            }
        }
        self.flush_queue(stack);
    }
}

/// Milliseconds of a short `Retry-After`.
fn retry_after(response: &Response) -> Option<Millis> {
    let text = response.header("Retry-After")?;
    let digits = text.split(|c: char| !c.is_ascii_digit()).next()?;
    let secs: Millis = digits.parse().ok()?;
    (secs <= MAX_RETRY_AFTER).then_some(secs * 1000)
}
