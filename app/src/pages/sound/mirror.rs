//! The phone as the later module sees it: its state as the desk tells it, commands sent back.

use leptos::prelude::*;
use phone::{Choices, Command, PhoneState, wire};

use crate::platform::bridge::{self, Topic};

/// The phone's state, followed.
#[derive(Clone, Copy)]
pub struct Mirror {
    state: RwSignal<PhoneState>,
}

impl Mirror {
    /// Follows until the component goes.
    pub fn new() -> Self {
        let state = RwSignal::new(PhoneState::default());
        bridge::hear(Topic::Phone, move |text| {
            let told = text.get(1..).and_then(wire::read);
            if let Some(told) = told.filter(|told| state.with_untracked(|known| known != told)) {
                state.set(told);
            }
        });
        bridge::tell(Topic::Command, "");
        Self { state }
    }

    /// The chosen devices, followed.
    pub fn devices<T>(self, read: impl FnOnce(&Choices) -> T) -> T {
        self.state.with(|state| read(&state.devices))
    }

    /// The chosen devices now.
    pub fn devices_now<T>(self, read: impl FnOnce(&Choices) -> T) -> T {
        self.state.with_untracked(|state| read(&state.devices))
    }

    /// Asks the phone for something.
    pub fn send(self, command: &Command) {
        bridge::tell(Topic::Command, &wire::write(command));
    }
}
