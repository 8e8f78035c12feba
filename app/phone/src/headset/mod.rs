//! Buttons and lights of headsets that speak HID's telephony page, whoever made them. Pure.
//!
//! HID Usage Tables 1.5: telephony device page (0x0B), LED page (0x08). Where the buttons and lights
//! are in the reports is read from what the device says of itself.

mod layout;
#[cfg(test)]
mod tests;

pub use layout::{Item, Layout, Report};

use crate::{CallKey, CallPhase, Command, PhoneState, Rejection};
use layout::{Input, Nature};

/// Telephony device page.
const TELEPHONY: u32 = 0x0b << 16;
/// LED page.
const LED: u32 = 0x08 << 16;

/// What can be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    /// Hook switch: answers and ends.
    Hook,
    /// Has the other side wait.
    Flash,
    /// Ends or rejects.
    Drop,
    /// Microphone off and on.
    Mute,
}

impl Button {
    fn of(usage: u32) -> Option<Self> {
        match usage {
            usage if usage == TELEPHONY | 0x20 => Some(Self::Hook),
            usage if usage == TELEPHONY | 0x21 => Some(Self::Flash),
            usage if usage == TELEPHONY | 0x26 => Some(Self::Drop),
            usage if usage == TELEPHONY | 0x2f => Some(Self::Mute),
            _ => None,
        }
    }
}

/// What a headset is to know of the calls.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Situation {
    /// The call that rings here.
    ringing: Option<CallKey>,
    /// The call the person hears, calls or has waiting.
    engaged: Option<CallKey>,
    muted: bool,
    held: bool,
}

impl Situation {
    /// Of a phone.
    #[must_use]
    pub fn of(phone: &PhoneState) -> Self {
        let mut calls = phone.calls.iter();
        let ringing = calls.find(|call| call.phase == CallPhase::RingingIn);
        let held = || phone.calls.iter().find(|call| call.is_engaged());
        let engaged = phone.engaged().or_else(held);
        Self {
            ringing: ringing.map(|call| call.key),
            engaged: engaged.map(|call| call.key),
            muted: engaged.is_some_and(|call| call.muted),
            held: engaged.is_some_and(|call| call.held),
        }
    }

    /// Whether a call rings or goes on.
    #[must_use]
    pub fn has_call(&self) -> bool {
        self.ringing.is_some() || self.engaged.is_some()
    }

    /// Whether the person is to be heard.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.engaged.is_some() && !self.muted
    }

    /// What a key that means yes asks for: answer, or the microphone off and on.
    #[must_use]
    pub fn yes(&self) -> Option<Command> {
        let answer = self.ringing.map(Command::Answer);
        answer.or_else(|| self.mute())
    }

    /// What a key for the microphone asks for.
    #[must_use]
    pub fn mute(&self) -> Option<Command> {
        self.engaged.map(|call| Command::Mute(call, !self.muted))
    }

    /// What a key that ends asks for.
    #[must_use]
    pub fn no(&self) -> Option<Command> {
        command(Wish::Drop, self)
    }

    /// Whether a light is on; `None`: not one of ours.
    fn light(&self, usage: u32) -> Option<bool> {
        match usage {
            // Some mute by the light of the microphone, others by that of muting.
            usage if usage == LED | 0x09 || usage == LED | 0x21 => Some(self.muted),
            usage if usage == LED | 0x17 => Some(self.engaged.is_some()),
            usage if usage == LED | 0x18 => Some(self.ringing.is_some()),
            usage if usage == LED | 0x20 => Some(self.held),
            _ => None,
        }
    }
}

/// A headset: what its buttons last said and its lights last showed.
pub struct Headset {
    layout: Layout,
    pressed: Vec<i32>,
    shown: Vec<(u8, Vec<u8>)>,
}

impl Headset {
    /// A headset with these reports; `None`: nothing of it is of use.
    #[must_use]
    pub fn new(inputs: &[Report], outputs: &[Report]) -> Option<Self> {
        let layout = Layout::new(inputs, outputs);
        (!layout.inputs.is_empty()).then(|| Self {
            pressed: vec![0; layout.inputs.len()],
            layout,
            shown: Vec::new(),
        })
    }

    /// The reports that change its lights, to be sent in this order.
    pub fn lights(&mut self, now: &Situation) -> Vec<(u8, Vec<u8>)> {
        let wanted = self.layout.output(|usage| now.light(usage));
        let changed = wanted
            .iter()
            .filter(|report| !self.shown.contains(report))
            .cloned()
            .collect();
        self.shown = wanted;
        changed
    }

    /// What a report of the headset asks for.
    pub fn pressed(&mut self, id: u8, data: &[u8], now: &Situation) -> Option<Command> {
        let mut asked = None;
        for (input, known) in self.layout.inputs.iter().zip(&mut self.pressed) {
            if input.report != id {
                continue;
            }
            let value = input.value(data);
            let before = std::mem::replace(known, value);
            if let Some(wish) = wish(input, before, value) {
                let command = command(wish, now);
                asked = asked.or(command);
            }
        }
        asked
    }
}

/// What a button wants, whatever goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    OffHook,
    OnHook,
    /// One key for both.
    Hook,
    Flash,
    Drop,
    MuteToggle,
}

/// HID Usage Tables §3.4.1.2: an on/off control tells a state, is pressed and let go, or tells the
/// direction.
fn wish(input: &Input, before: i32, value: i32) -> Option<Wish> {
    let is_press = before <= 0 && value > 0;
    let is_let_go = before > 0 && value <= 0;
    match (input.button, input.nature) {
        (Button::Hook, Nature::State) if is_press => Some(Wish::OffHook),
        (Button::Hook, Nature::State) if is_let_go => Some(Wish::OnHook),
        (Button::Hook, Nature::Press) if is_press => Some(Wish::Hook),
        // Headsets that say mute is a state press it all the same.
        (Button::Mute, _) if is_press => Some(Wish::MuteToggle),
        (Button::Flash, _) if is_press => Some(Wish::Flash),
        (Button::Drop, _) if is_press => Some(Wish::Drop),
        _ => None,
    }
}

fn command(wish: Wish, now: &Situation) -> Option<Command> {
    match (wish, now.ringing, now.engaged) {
        (Wish::OffHook | Wish::Hook, Some(call), _) => Some(Command::Answer(call)),
        // Some ring with the hook on: to press it then is to take the call, not to end the other.
        (Wish::OnHook, Some(call), None) => Some(Command::Answer(call)),
        (Wish::OnHook | Wish::Hook, _, Some(call)) => Some(Command::HangUp(call)),
        (Wish::Drop, Some(call), _) => Some(Command::Reject(call, Rejection::Busy)),
        (Wish::Drop, None, Some(call)) => Some(Command::HangUp(call)),
        (Wish::Flash, Some(call), _) => Some(Command::Answer(call)),
        (Wish::Flash, None, Some(call)) => Some(Command::Hold(call, !now.held)),
        (Wish::MuteToggle, _, Some(call)) => Some(Command::Mute(call, !now.muted)),
        // What the headset says back when its light goes on or off.
        (Wish::OffHook | Wish::OnHook | Wish::Hook, ..) => None,
        (Wish::Drop | Wish::Flash | Wish::MuteToggle, ..) => None,
    }
}
