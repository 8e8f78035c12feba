//! The microphone all calls share, and the peer connection of each.

use sip_core::SipCause;

use super::{
    Machine, MediaAction, MediaEvent, Output,
    call::{Change, Step},
};
use crate::{CallKey, MicrophoneWish, Trouble, quality::IncidentKind};

/// Whether the microphone is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Microphone {
    /// Nobody needs it, or it was refused.
    Closed,
    /// The browser, and perhaps the person, is being asked.
    Opening {
        /// For what.
        wish: MicrophoneWish,
        /// What stays open until then.
        before: Option<String>,
    },
    /// Open.
    Open {
        /// What was asked for.
        wish: MicrophoneWish,
        /// What it is, in the browser's words.
        label: String,
    },
}

impl Machine {
    /// Asks for the microphone; what waits for it goes on in [`Self::microphone_answered`].
    pub(super) fn open_microphone(&mut self) {
        match self.microphone {
            Microphone::Opening { .. } => {}
            Microphone::Open { .. } => self.go_on_with_microphone(),
            Microphone::Closed => self.ask_for_microphone(self.microphone_wish(), None),
        }
    }

    pub(super) fn microphone_answered(&mut self, result: Result<String, Trouble>) {
        let Microphone::Opening { wish, before } = self.microphone.clone() else {
            return;
        };
        match result {
            Ok(label) => {
                self.gear.lost.take_if(|lost| *lost == label);
                self.microphone = Microphone::Open { wish, label };
                if std::mem::take(&mut self.microphone_was_lost) {
                    self.note_all(IncidentKind::MicrophoneBack);
                }
                self.renew_tracks();
                self.go_on_with_microphone();
            }
            // The one before goes on.
            Err(trouble) if before.is_some() => {
                let label = before.unwrap_or_default();
                self.microphone = Microphone::Open { wish, label };
                self.set_microphone_trouble(Some(&trouble));
            }
            Err(trouble) => {
                self.microphone = Microphone::Closed;
                self.set_microphone_trouble(Some(&trouble));
                self.each_waiting(Self::give_up, Self::ring_on);
            }
        }
    }

    fn go_on_with_microphone(&mut self) {
        self.set_microphone_trouble(None);
        self.each_waiting(Self::make_offer, Self::describe);
        self.offer_to_return();
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
        if matches!(self.microphone, Microphone::Open { .. }) && !self.has_live_calls() {
            self.microphone = Microphone::Closed;
            self.outputs.push_back(Output::CloseMicrophone);
        }
    }

    pub(super) fn media(&mut self, key: CallKey, event: MediaEvent) {
        match event {
            MediaEvent::LocalDescription(sdp) => self.described(key, sdp),
            MediaEvent::DescriptionFailed => self.description_failed(key),
            MediaEvent::Connected => self.media_connected(key),
            MediaEvent::Received(packets) => self.media_received(key, packets),
            MediaEvent::Heard(octets) => self.media_heard(key, octets),
            MediaEvent::Way(way) => self.media_takes(key, way),
            MediaEvent::Look(look) => self.media_looked_at(key, *look),
            MediaEvent::Disconnected => self.media_disconnected(key),
            MediaEvent::Failed => self.media_failed(key),
        }
    }

    fn described(&mut self, key: CallKey, sdp: String) {
        let now = self.now.mono;
        self.set_up_media(key);
        let Some(call) = self.live_call(key) else {
            return;
        };
        match (&mut call.step, call.leg) {
            (Step::NeedsOffer, _) => self.invite(key, sdp),
            (Step::AnswerNeedsDescription, _) => self.accept(key, sdp),
            (Step::Returning(returning), _) => {
                returning.offer = Some(sdp);
                self.return_to_calls();
            }
            (Step::Talking(Change::Answering), Some(leg)) => {
                call.step = Step::Talking(Change::None);
                self.agent.accept_reoffer(now, leg, sdp);
            }
            (Step::Talking(Change::Offering), Some(leg)) => {
                call.step = Step::Talking(Change::Offered);
                self.agent.reinvite(now, leg, sdp);
            }
            // The call went on without it.
            _ => {}
        }
    }

    /// What was wanted of the media before it was there.
    fn set_up_media(&mut self, key: CallKey) {
        let Some(call) = self.live_call(key) else {
            return;
        };
        let talks = matches!(call.step, Step::Talking(_));
        let (muted, waits) = (call.view.muted, call.wants_hold && !talks);
        if muted {
            self.outputs
                .push_back(Output::Media(key, MediaAction::SetMuted(true)));
        }
        if waits {
            self.outputs
                .push_back(Output::Media(key, MediaAction::SetHold(true)));
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
            (Step::Talking(Change::Offering | Change::Offered), _) => self.change_refused(key),
            _ => self.end_leg(key, cause(488, "Not Acceptable Here")),
        }
    }
}

/// What can be wrong with a microphone; at most one of them at a time.
const MICROPHONE_TROUBLES: [Trouble; 6] = [
    Trouble::MicrophoneWaits,
    Trouble::NoMicrophone,
    Trouble::MicrophoneDenied,
    Trouble::MicrophoneBusy,
    Trouble::InsecurePage,
    Trouble::Unsupported,
];

pub(super) fn cause(code: u16, reason: &str) -> SipCause {
    SipCause {
        code,
        reason: reason.to_owned(),
    }
}
