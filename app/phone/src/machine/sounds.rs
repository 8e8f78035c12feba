//! Which sound the page plays by itself.

use super::{Machine, Output, Sound};
use crate::{CallPhase, CallView};

impl Machine {
    /// Changes the sound if the calls ask for another one.
    pub(super) fn choose_sound(&mut self) {
        let sound = sound_for(self.calls.iter().map(|call| &call.view));
        if self.sound != sound {
            self.sound = sound;
            self.outputs.push_back(Output::Play(sound));
        }
    }
}

/// A ringing call comes first; while people talk it only knocks.
fn sound_for<'a>(calls: impl Iterator<Item = &'a CallView> + Clone) -> Sound {
    let has = |phase: CallPhase| calls.clone().any(|call| call.phase == phase);
    let is_heard = calls.clone().any(|call| {
        let sounds = matches!(
            call.phase,
            CallPhase::Talking | CallPhase::EarlyMedia | CallPhase::Answering
        );
        sounds && !call.held
    });
    match (has(CallPhase::RingingIn), is_heard) {
        (true, true) => Sound::CallWaiting,
        (true, false) => Sound::Ring,
        (false, true) => Sound::Silence,
        (false, false) if has(CallPhase::RingingOut) => Sound::Ringback,
        (false, false) => Sound::Silence,
    }
}
