//! What happens while people talk, and how they stop.

use sip_core::{OutgoingHandle, SipCause, message::Response};

use super::{
    Machine, MediaAction, Output,
    call::{Call, Change, Step},
    media::cause,
};
use crate::{CallKey, quality::IncidentKind};

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
        if self.is_unwanted(key) {
            return;
        }
        let Some(leg) = self.live_call(key).map(|call| call.leg) else {
            return;
        };
        match leg {
            // Without a connection BYE would be lost, and the other side would wait for us.
            Some(leg) if !self.link.is_ready() && self.link.config.is_some() => {
                self.farewells.push(leg);
            }
            Some(leg) => self.agent.hang_up(self.now.mono, leg, None),
            None => {}
        }
        self.end_call(key, true, None, "");
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
        match (&call.step, call.leg) {
            // RFC 3261 §14.2: we are about to offer ourselves; they try again.
            (Step::Talking(Change::Offering), Some(leg)) => {
                return self
                    .agent
                    .reject_reoffer(self.now.mono, leg, 491, "Request Pending");
            }
            (Step::Talking(_), _) => call.step = Step::Talking(Change::Answering),
            _ => return,
        }
        let action = match offer {
            Some(offer) => {
                call.remote_sdp = Some(offer.clone());
                MediaAction::AnswerOffer(offer)
            }
            None => MediaAction::MakeOffer { restart_ice: false },
        };
        self.outputs.push_back(Output::Media(key, action));
    }

    /// The running calls go on over the connection that has just been registered.
    pub(super) fn move_calls(&mut self) {
        let Some(flow) = self.link.flow() else { return };
        // Those that are over too: their BYE may have been lost.
        for leg in self.calls.iter().filter_map(|call| call.leg) {
            self.agent.move_call(self.now.mono, leg, flow);
        }
        for leg in std::mem::take(&mut self.farewells) {
            self.agent.move_call(self.now.mono, leg, flow);
            self.agent.hang_up(self.now.mono, leg, None);
        }
        self.repair_now();
        if let Some(lost_at) = self.link.lost_at.take() {
            self.note_all_at(lost_at, IncidentKind::ConnectionLost);
            self.note_all(IncidentKind::ConnectionBack);
            self.check_media();
            self.ask_after_calls();
        }
        self.return_to_calls();
    }

    /// A server that was started anew knows nothing of the calls: better to hear that at once.
    fn ask_after_calls(&mut self) {
        let talks = |call: &&Call| matches!(call.step, Step::Talking(_));
        let legs: Vec<_> = self
            .calls
            .iter()
            .filter(talks)
            .filter_map(|call| Some((call.key(), call.leg?)))
            .collect();
        for (key, leg) in legs {
            let asked = self
                .agent
                .call_request(self.now.mono, leg, "OPTIONS", Vec::new(), None);
            self.questions.push((asked, key));
        }
    }

    /// The answer to a request inside a call.
    pub(super) fn responded(&mut self, handle: OutgoingHandle, response: &Response) {
        let asked = self
            .questions
            .iter()
            .position(|(known, _)| *known == handle);
        match asked {
            Some(at) => {
                let (_, key) = self.questions.swap_remove(at);
                if response.code == 481 {
                    self.end_leg(key, cause(481, "The server was started anew"));
                }
            }
            None => self.refer_answered(handle, response),
        }
    }
}
