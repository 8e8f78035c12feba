//! Calls that went on while the page was gone: reloaded, crashed, closed while another tab took over.
//!
//! ```text
//!  Restore ─► Returning: microphone and offer are made while the phone still connects
//!                 └─ registered ─► INVITE with Replaces (RFC 3891) ─► Talking, muted and held as before
//!             AwaitsCallBack: it rang out; the gateway calls for it with Answer-Mode: Auto (RFC 5373)
//! ```
//! The gateway keeps a leg without its page for half a minute; so long is tried.

use sip_core::{CallHandle, EndedBy, SipCause, message::Request};

use super::{
    Machine, MediaAction, Output,
    call::{Call, Step},
    party::incoming_call_id,
};
use crate::{CallKey, CallPhase, Side, quality::IncidentKind};

/// Milliseconds a call may take to come back.
const RETURN_WITHIN: u64 = 30_000;

/// A call on its way back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Returning {
    /// The dialog, as `Replaces` names it.
    pub(super) dialog: String,
    /// Ours, once the browser has made it.
    pub(super) offer: Option<String>,
    /// The browser has been asked for it.
    pub(super) is_asked: bool,
    /// The INVITE is under way.
    pub(super) is_sent: bool,
    /// The person has hung up meanwhile.
    pub(super) is_unwanted: bool,
    /// When it is given up.
    pub(super) until: u64,
}

impl Machine {
    /// Takes up the calls of the page before this one.
    pub(super) fn restore(&mut self, kept: &str) {
        for ((dialog, mut view), (slots, incidents)) in self.kept_calls(kept) {
            let until = self.now.mono + RETURN_WITHIN;
            self.next_key = self.next_key.max(view.key.0 + 1);
            view.returning = true;
            let talked = view
                .answered_at
                .map(|at| self.now.wall.saturating_sub(at))
                .map(|ms| self.now.mono.saturating_sub(ms));
            let is_early = view.phase != CallPhase::Talking;
            let wants_hold = view.held;
            let step = match dialog {
                Some(dialog) => Step::Returning(Returning {
                    dialog,
                    offer: None,
                    is_asked: false,
                    is_sent: false,
                    is_unwanted: false,
                    until,
                }),
                None => Step::AwaitsCallBack { until },
            };
            let call = self.add_view(view, step);
            call.talk_began = talked;
            call.quality.series.slots = slots;
            call.quality.series.incidents = incidents;
            call.is_early = is_early;
            call.wants_hold = wants_hold;
            call.view.held = false;
        }
        if self.has_live_calls() {
            self.open_microphone();
        }
    }

    /// The microphone is open: the browser makes the offers.
    pub(super) fn offer_to_return(&mut self) {
        for call in &mut self.calls {
            let key = call.key();
            let Step::Returning(returning) = &mut call.step else {
                continue;
            };
            if std::mem::replace(&mut returning.is_asked, true) {
                continue;
            }
            let action = MediaAction::MakeOffer { restart_ice: false };
            self.outputs.push_back(Output::Media(key, action));
        }
    }

    /// Asks for the calls whose offer is made, once the phone is registered.
    pub(super) fn return_to_calls(&mut self) {
        if !self.link.is_ready() {
            return;
        }
        let waiting: Vec<CallKey> = self.calls.iter().map(Call::key).collect();
        for key in waiting {
            self.return_to(key);
        }
    }

    fn return_to(&mut self, key: CallKey) {
        let own = self.own_address().user_or_empty().to_owned();
        let Some(call) = self.live_call(key) else {
            return;
        };
        let session = call.view.call_id.as_deref().unwrap_or_default();
        let session: String = session.chars().filter(|c| *c != '-').collect();
        let number = match call.view.number.as_str() {
            "" => own,
            number => number.to_owned(),
        };
        let Step::Returning(returning) = &mut call.step else {
            return;
        };
        let Some(offer) = returning.offer.clone().filter(|_| !returning.is_sent) else {
            return;
        };
        returning.is_sent = true;
        let dialog = returning.dialog.clone();
        let Some(mut request) = self.invite_request(&number, &session, offer) else {
            return;
        };
        request.headers.push(("Replaces".to_owned(), dialog));
        request
            .headers
            .push(("Require".to_owned(), "replaces".to_owned()));
        let leg = self.agent.invite(self.now.mono, request);
        if let Some(call) = self.live_call(key) {
            call.leg = Some(leg);
        }
    }

    /// Whether a leg that ended was one on its way back and will be tried again.
    pub(super) fn return_failed(&mut self, key: CallKey, by: EndedBy, cause: &SipCause) -> bool {
        let now = self.now.mono;
        if by == EndedBy::Failure && self.awaits_call_back(key) {
            return true;
        }
        let Some(call) = self.live_call(key) else {
            return false;
        };
        let Step::Returning(returning) = &mut call.step else {
            return false;
        };
        let may_pass = by == EndedBy::Failure || matches!(cause.code, 408 | 500 | 503);
        if !may_pass || returning.until <= now {
            return false;
        }
        // Again with the next registration.
        returning.is_sent = false;
        call.leg = None;
        true
    }

    /// The connection broke while a call rang out: the gateway rings on and calls for it when the
    /// phone is back.
    fn awaits_call_back(&mut self, key: CallKey) -> bool {
        let until = self.now.mono + RETURN_WITHIN;
        if self.link.is_ready() || self.link.config.is_none() {
            return false;
        }
        let Some(call) = self
            .live_call(key)
            .filter(|call| call.step == Step::Inviting)
        else {
            return false;
        };
        call.step = Step::AwaitsCallBack { until };
        call.view.returning = true;
        call.is_early = true;
        (call.leg, call.remote_sdp) = (None, None);
        // What was agreed on is nothing any more.
        self.outputs
            .push_back(Output::Media(key, MediaAction::Close));
        true
    }

    /// The person does not want the call any more before it is back: it is ended once it is.
    pub(super) fn is_unwanted(&mut self, key: CallKey) -> bool {
        let Some(call) = self.live_call(key) else {
            return false;
        };
        match &mut call.step {
            Step::Returning(returning) => {
                returning.is_unwanted = true;
                true
            }
            _ => false,
        }
    }

    /// The gateway has given the call back.
    pub(super) fn returned(&mut self, key: CallKey) {
        let is_unwanted = self.live_call(key).is_some_and(
            |call| matches!(&call.step, Step::Returning(returning) if returning.is_unwanted),
        );
        let was_gone = self
            .live_call(key)
            .is_some_and(|call| matches!(call.step, Step::Returning(_)));
        self.talk_begins(key);
        if was_gone {
            self.note(key, IncidentKind::PageBack);
        }
        if is_unwanted {
            self.hang_up(key);
        }
    }

    /// Calls that did not come back in time.
    pub(super) fn return_timeout(&mut self) {
        let now = self.now.mono;
        let is_late = |call: &&Call| match &call.step {
            Step::Returning(returning) => returning.until <= now,
            Step::AwaitsCallBack { until } => *until <= now,
            _ => false,
        };
        let late: Vec<CallKey> = self.calls.iter().filter(is_late).map(Call::key).collect();
        for key in late {
            if let Some(leg) = self.live_call(key).and_then(|call| call.leg) {
                self.agent.hang_up(now, leg, None);
            }
            self.end_call(key, false, Some(481), "The call did not come back");
        }
    }

    /// Whether this INVITE is the gateway's for a call that rang out when the page went.
    pub(super) fn is_called_back(
        &mut self,
        leg: CallHandle,
        request: &Request,
        offer: &Option<String>,
    ) -> bool {
        let is_auto = request
            .header("Answer-Mode")
            .is_some_and(|mode| mode.trim_start().starts_with("Auto"));
        let id = incoming_call_id(request);
        let is_it = |call: &&mut Call| call.view.side == Side::Outgoing && call.view.call_id == id;
        let Some(call) = self
            .calls
            .iter_mut()
            .find(is_it)
            .filter(|_| is_auto && id.is_some())
        else {
            return false;
        };
        match call.step {
            Step::AwaitsCallBack { .. } => {
                let offer = offer.clone();
                call.leg = Some(leg);
                call.step = Step::AnswerNeedsMicrophone { offer };
                self.open_microphone();
            }
            // Given up meanwhile.
            Step::Over => {
                let now = self.now.mono;
                self.agent.reject(now, leg, 603, "Decline", Vec::new());
            }
            _ => return false,
        }
        true
    }
}
