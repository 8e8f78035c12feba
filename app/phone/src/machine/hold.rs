//! Several calls at once: one is heard, the others wait with music.
//!
//! What a person wants stands in `wants_hold` at once; the view changes when the network has agreed.
//! Whatever comes between (a lost connection, an offer of the far end), the next free moment offers
//! what is still wanted.

use super::{
    Machine, MediaAction, Output,
    call::{Call, Change, Step},
};
use crate::{CallKey, quality::IncidentKind};

impl Machine {
    /// Has the other side wait, or talk on.
    pub(super) fn hold(&mut self, key: CallKey, hold: bool) {
        if !self
            .live_call(key)
            .is_some_and(|call| matches!(call.step, Step::Talking(_)))
        {
            return;
        }
        if !hold {
            self.hold_others(key);
        }
        self.want_hold(key, hold);
    }

    /// Nobody else is to hear what is said in this call.
    pub(super) fn hold_others(&mut self, key: CallKey) {
        let is_heard = |call: &&Call| {
            call.key() != key && !call.is_over() && !call.wants_hold && call.view.is_engaged()
        };
        let heard: Vec<CallKey> = self.calls.iter().filter(is_heard).map(Call::key).collect();
        for other in heard {
            self.want_hold(other, true);
        }
    }

    pub(super) fn want_hold(&mut self, key: CallKey, hold: bool) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        call.wants_hold = hold;
        // At once, whatever the far end will say: the person has turned away.
        self.outputs
            .push_back(Output::Media(key, MediaAction::SetHold(hold)));
    }

    /// Offers the far ends what is wanted and not so yet.
    pub(super) fn offer_changes(&mut self) {
        if !self.link.is_ready() {
            return;
        }
        let mut renewed = Vec::new();
        for call in &mut self.calls {
            let is_wanted = call.wants_restart || call.wants_hold != call.view.held;
            if !is_wanted || call.step != Step::Talking(Change::None) {
                continue;
            }
            call.step = Step::Talking(Change::Offering);
            call.offers_hold = call.wants_hold;
            let restart_ice = std::mem::take(&mut call.wants_restart);
            let action = MediaAction::MakeOffer { restart_ice };
            self.outputs.push_back(Output::Media(call.key(), action));
            renewed.extend(restart_ice.then(|| call.key()));
        }
        for key in renewed {
            self.note(key, IncidentKind::PathRenewed);
        }
    }

    /// The far end answered our offer.
    pub(super) fn change_answered(&mut self, key: CallKey, answer: Option<String>) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        call.step = Step::Talking(Change::None);
        call.view.held = call.offers_hold;
        if let Some(answer) = answer {
            call.remote_sdp = Some(answer.clone());
            self.outputs
                .push_back(Output::Media(key, MediaAction::ApplyAnswer(answer)));
        }
    }

    /// The far end refused our offer. A hold it does not want is given up; a lost connection is
    /// no refusal. After a refused ICE restart the deadline set with it decides.
    pub(super) fn change_refused(&mut self, key: CallKey) {
        let is_ready = self.link.is_ready();
        let Some(call) = self.live_call(key) else {
            return;
        };
        call.step = Step::Talking(Change::None);
        let held = call.view.held;
        let is_given_up =
            is_ready && call.wants_hold == call.offers_hold && held != call.wants_hold;
        self.outputs
            .push_back(Output::Media(key, MediaAction::Rollback));
        if is_given_up {
            self.want_hold(key, held);
        }
    }
}
