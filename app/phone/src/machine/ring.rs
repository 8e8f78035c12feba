//! Being called.

use sip_core::IncomingInvite;

use super::{
    Machine, MediaAction, Output,
    call::Step,
    party::{caller_of, incoming_call_id, line_of},
};
use crate::{CallKey, CallPhase, Rejection, Side};

/// `Reason` of a call that is rejected for now.
const WILL_CALL_BACK: &str = "Busy, will call back";

impl Machine {
    /// INVITE: the call rings until somebody decides.
    pub(super) fn invited(&mut self, invite: IncomingInvite) {
        let IncomingInvite {
            call: leg,
            request,
            from,
            sdp: offer,
            ..
        } = invite;
        if self.is_called_back(leg, &request, &offer) {
            return;
        }
        let caller = caller_of(&request, &from);
        let call = self.add_call(Side::Incoming, caller.number, Step::Ringing { offer });
        call.leg = Some(leg);
        call.view.display_name = caller.name;
        call.view.call_id = incoming_call_id(&request);
        call.view.line = line_of(&request);
        self.agent.ring(self.now.mono, leg, 180, None);
    }

    /// The person answers: first the microphone, then 200. Whoever was heard waits, so that no two
    /// clients hear the same words.
    pub(super) fn answer(&mut self, key: CallKey) {
        if !self
            .live_call(key)
            .is_some_and(|call| matches!(call.step, Step::Ringing { .. }))
        {
            return;
        }
        self.hold_others(key);
        let Some(call) = self.live_call(key) else {
            return;
        };
        let Step::Ringing { offer } = &mut call.step else {
            return;
        };
        let offer = offer.take();
        call.step = Step::AnswerNeedsMicrophone { offer };
        call.view.phase = CallPhase::Answering;
        self.open_microphone();
    }

    /// The microphone is open: the browser makes our description.
    pub(super) fn describe(&mut self, key: CallKey) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let Step::AnswerNeedsMicrophone { offer } = &call.step else {
            return;
        };
        let action = offer.clone().map_or(
            MediaAction::MakeOffer { restart_ice: false },
            MediaAction::AnswerOffer,
        );
        call.remote_sdp.clone_from(offer);
        call.step = Step::AnswerNeedsDescription;
        self.outputs.push_back(Output::Media(key, action));
    }

    /// The call cannot be answered without a microphone; it rings on.
    pub(super) fn ring_on(&mut self, key: CallKey) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        // One that is taken up again waits for the microphone, not for a decision.
        if call.is_early {
            return;
        }
        if let Step::AnswerNeedsMicrophone { offer } = &mut call.step {
            let offer = offer.take();
            call.step = Step::Ringing { offer };
            call.view.phase = CallPhase::RingingIn;
        }
    }

    /// Our description is there: 200.
    pub(super) fn accept(&mut self, key: CallKey, sdp: String) {
        let contact = self.contact();
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        let Some(leg) = call.leg else { return };
        call.step = Step::AwaitingAck;
        self.agent.accept(now, leg, contact, sdp, Vec::new());
    }

    /// ACK. It carries the answer if the 200 held the offer (RFC 3261 §13.2.1).
    pub(super) fn confirmed(&mut self, key: CallKey, answer: Option<String>) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        if let Some(answer) = answer {
            call.remote_sdp = Some(answer.clone());
            self.outputs
                .push_back(Output::Media(key, MediaAction::ApplyAnswer(answer)));
        }
        if self
            .live_call(key)
            .is_some_and(|call| call.step == Step::AwaitingAck)
        {
            self.talk_begins(key);
        }
    }

    /// The person does not take the call.
    pub(super) fn reject(&mut self, key: CallKey, rejection: Rejection) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let is_ringing = matches!(
            call.step,
            Step::Ringing { .. }
                | Step::AnswerNeedsMicrophone { .. }
                | Step::AnswerNeedsDescription
        );
        if let (true, Some(leg)) = (is_ringing, call.leg) {
            let (code, reason) = match rejection {
                Rejection::Busy | Rejection::CallBack => (486, "Busy Here"),
                Rejection::Decline => (603, "Decline"),
            };
            // RFC 3326: words for whoever called.
            let says = (rejection == Rejection::CallBack).then(|| {
                let value = format!("SIP;cause={code};text=\"{WILL_CALL_BACK}\"");
                ("Reason".to_owned(), value)
            });
            self.agent
                .reject(self.now.mono, leg, code, reason, says.into_iter().collect());
            self.end_call(key, true, Some(code), reason);
        }
    }
}
