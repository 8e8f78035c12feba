//! What happens while people talk, and how they stop.

use sip_core::SipCause;

use super::{
    Machine, MediaAction, Output,
    call::{Change, Step},
};
use crate::CallKey;

impl Machine {
    pub(super) fn mute(&mut self, key: CallKey, muted: bool) {
        if let Some(call) = self.live_call(key) {
            call.view.muted = muted;
            self.outputs
                .push_back(Output::Media(key, MediaAction::SetMuted(muted)));
        }
    }

    /// Digits go out while people talk or the network speaks before the answer.
    pub(super) fn send_digits(&mut self, key: CallKey, digits: &str) {
        let is_digit = |c: &char| c.is_ascii_digit() || matches!(c, '*' | '#' | 'A'..='D');
        let digits: String = digits
            .to_ascii_uppercase()
            .chars()
            .filter(is_digit)
            .collect();
        let Some(call) = self.live_call(key) else {
            return;
        };
        let is_heard = call.remote_sdp.is_some() && !matches!(call.step, Step::Ringing { .. });
        if is_heard && !digits.is_empty() {
            call.view.digits.push_str(&digits);
            self.outputs
                .push_back(Output::Media(key, MediaAction::SendDigits(digits)));
        }
    }

    /// Ends a call in any phase: nothing, CANCEL, 603 or BYE, whichever fits.
    pub(super) fn hang_up(&mut self, key: CallKey) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        if let Some(leg) = call.leg {
            self.agent.hang_up(self.now.mono, leg, None);
        }
        self.end_call(key, true, None, "");
    }

    /// Ends whatever call the person is in.
    pub(super) fn end_conversation(&mut self) {
        let engaged = self.calls.iter().filter(|call| call.view.is_engaged());
        let keys: Vec<CallKey> = engaged.map(super::Call::key).collect();
        keys.into_iter().for_each(|key| self.hang_up(key));
    }

    pub(super) fn hang_up_all(&mut self) {
        let keys: Vec<CallKey> = self.calls.iter().map(super::Call::key).collect();
        keys.into_iter().for_each(|key| self.hang_up(key));
    }

    /// Ends a call for a reason of ours that is nobody's wish.
    pub(super) fn end_leg(&mut self, key: CallKey, cause: SipCause) {
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        let is_unanswered = matches!(
            call.step,
            Step::Ringing { .. }
                | Step::AnswerNeedsMicrophone { .. }
                | Step::AnswerNeedsDescription
        );
        match call.leg {
            Some(leg) if is_unanswered => {
                self.agent
                    .reject(now, leg, cause.code, &cause.reason, Vec::new());
            }
            // RFC 3326
            Some(leg) => {
                let reason = format!("SIP;cause={};text=\"{}\"", cause.code, cause.reason);
                self.agent.hang_up(now, leg, Some(reason));
            }
            None => {}
        }
        self.end_call(key, false, Some(cause.code), &cause.reason);
    }

    /// The far end changes the session, or asks for our offer to change it.
    pub(super) fn reoffered(&mut self, key: CallKey, offer: Option<String>) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        call.step = Step::Talking(Change::Answering);
        let action = match offer {
            Some(offer) => {
                call.remote_sdp = Some(offer.clone());
                MediaAction::AnswerOffer(offer)
            }
            None => MediaAction::MakeOffer { restart_ice: false },
        };
        self.outputs.push_back(Output::Media(key, action));
    }

    /// The far end answered our ICE restart.
    pub(super) fn restart_answered(&mut self, key: CallKey, answer: Option<String>) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        call.step = Step::Talking(Change::None);
        if let Some(answer) = answer {
            call.remote_sdp = Some(answer.clone());
            self.outputs
                .push_back(Output::Media(key, MediaAction::ApplyAnswer(answer)));
        }
    }

    /// The far end refused our ICE restart; the deadline set with it decides what becomes of the
    /// call.
    pub(super) fn restart_refused(&mut self, key: CallKey) {
        if let Some(call) = self.live_call(key) {
            call.step = Step::Talking(Change::None);
            self.outputs
                .push_back(Output::Media(key, MediaAction::Rollback));
        }
    }

    /// The running calls go on over the connection that has just been registered.
    pub(super) fn move_calls(&mut self) {
        let Some(flow) = self.link.flow() else { return };
        let legs = self
            .calls
            .iter()
            .filter(|call| !call.is_over())
            .filter_map(|call| call.leg);
        for leg in legs {
            self.agent.move_call(self.now.mono, leg, flow);
        }
        self.repair_now();
    }
}
