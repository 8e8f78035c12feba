//! Who hears what: the other side, music, a tone.

use std::time::SystemTime;

use super::{
    LegNo,
    conversation::Conversation,
    leg::Leg,
    state::{State, Third},
};
use crate::{media::Sound, ports::CallEvent};

impl Conversation {
    /// Has the media plane do what the state and the legs say. Doing it again changes nothing.
    pub(super) fn arrange(&self) {
        match self.state {
            State::Talking {
                called,
                third: Some(third),
            }
            | State::Waiting {
                called,
                third: Some(third),
                ..
            } => self.three(called, third),
            State::Talking { called, .. } => self.pair(self.caller, called, None),
            State::Waiting { called, gone, .. } => self.pair(self.caller, called, Some(gone)),
            State::Parked { called, gone, .. } => {
                if let Some(leg) = self.legs.get(&self.other_side(gone, called)) {
                    self.services.engine.part(leg.media);
                    self.services.engine.play(leg.media, Sound::Music);
                }
            }
            // They hear ringing or the network's early media, which is seen to where that begins.
            State::Routing
            | State::Ringing { .. }
            | State::Transferring { .. }
            | State::Joining { .. }
            | State::Leaving
            | State::Over => {}
        }
    }

    fn pair(&self, one: LegNo, other: LegNo, gone: Option<LegNo>) {
        let (Some(a), Some(b)) = (self.legs.get(&one), self.legs.get(&other)) else {
            return;
        };
        self.services.engine.join(a.media, b.media);
        self.entertain(a, b, gone == Some(other));
        self.entertain(b, a, gone == Some(one));
    }

    fn three(&self, called: LegNo, third: Third) {
        let other = self.other_side(third.host, called);
        let media = |number| self.legs.get(&number).map(|leg| leg.media);
        if let (Some(host), Some(other), Some(third)) =
            (media(third.host), media(other), media(third.leg))
        {
            self.services.engine.mix([host, other, third]);
        }
    }

    /// What `leg` hears when the one it talks with is on hold or gone.
    fn entertain(&self, leg: &Leg, other: &Leg, is_gone: bool) {
        let engine = &self.services.engine;
        match (other.held && !leg.held, is_gone) {
            (true, _) if other.extension.is_some() => engine.play(leg.media, Sound::Music),
            // Who holds us out there may play music of its own.
            (true, _) => engine.play_into_silence(leg.media, Sound::Music),
            (false, true) => engine.play(leg.media, Sound::Away),
            (false, false) => engine.hush(leg.media),
        }
    }

    /// The peer of a leg may have put the call on hold, or taken it off.
    pub(super) fn note_hold(&mut self, number: LegNo) {
        let Some(leg) = self.legs.get_mut(&number) else {
            return;
        };
        let held = self.services.engine.is_held(leg.media);
        if std::mem::replace(&mut leg.held, held) == held {
            return;
        }
        let by = leg.extension.clone();
        self.emit(CallEvent::CallHeld {
            id: self.id,
            at: SystemTime::now(),
            by,
            held,
        });
        self.arrange();
    }
}
