//! The microphone all calls share, and the peer connection of each.

use sip_core::SipCause;

use super::{
    Machine, MediaAction, MediaEvent, Output,
    call::{Change, Step},
};
use crate::{CallKey, Trouble};

/// Milliseconds a failed medium may take to come back before the call is ended.
const REPAIR_WITHIN: u64 = 20_000;

/// Whether the microphone is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Microphone {
    /// Nobody needs it, or it was refused.
    Closed,
    /// The browser, and perhaps the person, is being asked.
    Opening,
    /// Open.
    Open,
}

impl Machine {
    /// Asks for the microphone; what waits for it goes on in [`Self::microphone_answered`].
    pub(super) fn open_microphone(&mut self) {
        match self.microphone {
            Microphone::Opening => {}
            Microphone::Open => self.microphone_answered(Ok(())),
            Microphone::Closed => {
                self.microphone = Microphone::Opening;
                self.outputs.push_back(Output::OpenMicrophone);
            }
        }
    }

    pub(super) fn microphone_answered(&mut self, result: Result<(), Trouble>) {
        match result {
            Ok(()) => {
                self.microphone = Microphone::Open;
                self.set_microphone_trouble(None);
                self.each_waiting(Self::make_offer, Self::describe);
            }
            Err(trouble) => {
                self.microphone = Microphone::Closed;
                self.set_microphone_trouble(Some(&trouble));
                self.each_waiting(Self::give_up, Self::ring_on);
            }
        }
    }

    fn set_microphone_trouble(&mut self, trouble: Option<&Trouble>) {
        for known in MICROPHONE_TROUBLES {
            let present = trouble == Some(&known);
            self.set_trouble(known, present);
        }
    }

    fn each_waiting(&mut self, outgoing: fn(&mut Self, CallKey), incoming: fn(&mut Self, CallKey)) {
        let waiting: Vec<_> = self
            .calls
            .iter()
            .map(|call| (call.key(), call.step.clone()))
            .collect();
        for (key, step) in waiting {
            match step {
                Step::NeedsMicrophone => outgoing(self, key),
                Step::AnswerNeedsMicrophone { .. } => incoming(self, key),
                _ => {}
            }
        }
    }

    /// Code 0: nothing was sent. The trouble on the screen says why.
    fn give_up(&mut self, key: CallKey) {
        self.end_call(key, false, Some(0), "No microphone");
    }

    /// Lets the microphone go when the last call is over.
    pub(super) fn release_microphone(&mut self) {
        if self.microphone == Microphone::Open && !self.has_live_calls() {
            self.microphone = Microphone::Closed;
            self.outputs.push_back(Output::CloseMicrophone);
        }
    }

    pub(super) fn media(&mut self, key: CallKey, event: MediaEvent) {
        match event {
            MediaEvent::LocalDescription(sdp) => self.described(key, sdp),
            MediaEvent::DescriptionFailed => self.description_failed(key),
            MediaEvent::Connected => self.media_connected(key),
            MediaEvent::Failed => self.media_failed(key),
        }
    }

    fn described(&mut self, key: CallKey, sdp: String) {
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        if call.view.muted {
            self.outputs
                .push_back(Output::Media(key, MediaAction::SetMuted(true)));
        }
        let Some(call) = self.live_call(key) else {
            return;
        };
        match (&call.step, call.leg) {
            (Step::NeedsOffer, _) => self.invite(key, sdp),
            (Step::AnswerNeedsDescription, _) => self.accept(key, sdp),
            (Step::Talking(Change::Answering), Some(leg)) => {
                call.step = Step::Talking(Change::None);
                self.agent.accept_reoffer(now, leg, sdp);
            }
            (Step::Talking(Change::Restarting), Some(leg)) => {
                call.step = Step::Talking(Change::RestartOffered);
                self.agent.reinvite(now, leg, sdp);
            }
            // The call went on without it.
            _ => {}
        }
    }

    /// RFC 3261 §21.4.26: 488 where the far end offered, and the end of the call where it answered.
    fn description_failed(&mut self, key: CallKey) {
        let now = self.now.mono;
        let Some(call) = self.live_call(key) else {
            return;
        };
        match (&call.step, call.leg) {
            (Step::Talking(Change::Answering), Some(leg)) => {
                call.step = Step::Talking(Change::None);
                self.agent
                    .reject_reoffer(now, leg, 488, "Not Acceptable Here");
                self.outputs
                    .push_back(Output::Media(key, MediaAction::Rollback));
            }
            (Step::Talking(Change::Restarting | Change::RestartOffered), _) => {
                call.step = Step::Talking(Change::None);
            }
            _ => self.end_leg(key, cause(488, "Not Acceptable Here")),
        }
    }

    fn media_connected(&mut self, key: CallKey) {
        self.set_trouble(Trouble::NoMedia, false);
        if let Some(call) = self.live_call(key) {
            call.was_restarted = false;
            call.media_deadline = None;
        }
    }

    /// Healthy signalling with bad media: one ICE restart, then the end.
    fn media_failed(&mut self, key: CallKey) {
        let deadline = self.now.mono + REPAIR_WITHIN;
        let Some(call) = self.live_call(key) else {
            return;
        };
        if call.was_restarted || call.talk_began.is_none() {
            return self.no_media(key);
        }
        call.media_deadline.get_or_insert(deadline);
        self.restart_failed_media();
    }

    /// Begins the ICE restart of every call that needs one, if there is a way to tell the far end.
    pub(super) fn restart_failed_media(&mut self) {
        if self.link.flow().is_none() {
            return;
        }
        for call in &mut self.calls {
            let is_idle = call.step == Step::Talking(Change::None);
            if is_idle && call.media_deadline.is_some() && !call.was_restarted {
                call.was_restarted = true;
                call.step = Step::Talking(Change::Restarting);
                let action = MediaAction::MakeOffer { restart_ice: true };
                self.outputs.push_back(Output::Media(call.key(), action));
            }
        }
    }

    pub(super) fn media_timeout(&mut self) {
        let now = self.now.mono;
        let due = |call: &&super::Call| call.media_deadline.is_some_and(|deadline| deadline <= now);
        let keys: Vec<CallKey> = self
            .calls
            .iter()
            .filter(due)
            .map(super::Call::key)
            .collect();
        keys.into_iter().for_each(|key| self.no_media(key));
    }

    fn no_media(&mut self, key: CallKey) {
        self.set_trouble(Trouble::NoMedia, true);
        self.end_leg(key, cause(500, "No media"));
    }
}

/// What can be wrong with a microphone; at most one of them at a time.
const MICROPHONE_TROUBLES: [Trouble; 5] = [
    Trouble::NoMicrophone,
    Trouble::MicrophoneDenied,
    Trouble::MicrophoneBusy,
    Trouble::InsecurePage,
    Trouble::Unsupported,
];

fn cause(code: u16, reason: &str) -> SipCause {
    SipCause {
        code,
        reason: reason.to_owned(),
    }
}
