//! The phone as the later module sees it: its state as the desk tells it, commands sent back.

use std::time::Duration;

use leptos::prelude::*;
use phone::{CallKey, CallView, Choices, Command, PhoneState, Processing, wire};

use crate::platform::bridge::{self, Topic};

/// The phone's state, followed.
#[derive(Clone, Copy)]
pub struct Mirror {
    state: RwSignal<PhoneState>,
    /// What was asked for and has not come back yet: the next switch changes this, for the phone, which
    /// may be another tab's, tells of each one by one.
    asked: RwSignal<Option<Processing>>,
}

/// What the phone does not confirm within this time it does not do.
const UNCONFIRMED: Duration = Duration::from_secs(3);

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
        let asked = RwSignal::new(None);
        Effect::new(move |_| {
            let is = state.with(|state| state.devices.processing);
            if asked.get() == Some(is) {
                asked.set(None);
            }
        });
        Self { state, asked }
    }

    /// A call, followed.
    pub fn call<T>(self, key: CallKey, read: impl FnOnce(&CallView) -> T) -> Option<T> {
        self.state
            .with(|state| state.calls.iter().find(|call| call.key == key).map(read))
    }

    /// The chosen devices, followed.
    pub fn devices<T>(self, read: impl FnOnce(&Choices) -> T) -> T {
        self.state.with(|state| read(&state.devices))
    }

    /// The chosen devices now.
    pub fn devices_now<T>(self, read: impl FnOnce(&Choices) -> T) -> T {
        self.state.with_untracked(|state| read(&state.devices))
    }

    /// What the browser does to the voice, as it is or was asked for; followed.
    pub fn processing(self) -> Processing {
        let is = self.devices(|devices| devices.processing);
        self.asked.get().unwrap_or(is)
    }

    /// The same now.
    pub fn processing_now(self) -> Processing {
        untrack(|| self.processing())
    }

    /// Asks for other processing.
    pub fn process(self, wanted: Processing) {
        self.asked.set(Some(wanted));
        self.send(&Command::Process(wanted));
        let asked = self.asked;
        set_timeout(
            move || {
                if asked.try_get_untracked().flatten() == Some(wanted) {
                    asked.set(None);
                }
            },
            UNCONFIRMED,
        );
    }

    /// Asks the phone for something.
    pub fn send(self, command: &Command) {
        bridge::tell(Topic::Command, &wire::write(command));
    }
}
