//! What tabs tell each other of the phone, and what the later module is told.

use leptos::{prelude::*, task::spawn_local};
use phone::{PhoneState, Trouble, wire};

use super::PhoneLink;
use crate::{
    api::events,
    platform::bridge::{self, Topic},
};

/// What tabs tell each other of the phone.
pub(super) mod topic {
    /// To the leading tab: a command.
    pub const COMMAND: &str = "command";
    /// From the leading tab: the phone's state.
    pub const STATE: &str = "state";
    /// To the leading tab: somebody wants to know the state.
    pub const HELLO: &str = "hello";
    /// Somebody signed in.
    pub const IN: &str = "in";
    /// They left.
    pub const OUT: &str = "out";
    /// To the leading tab: another server was chosen.
    pub const SERVER: &str = "server";
}

impl PhoneLink {
    /// Another tab said something.
    pub(super) fn told(self, topic: &str, text: &str) {
        let leads = self.phone.with_value(Option::is_some);
        match topic {
            topic::COMMAND if leads => {
                if let Some(command) = wire::read(text) {
                    self.send(command);
                }
            }
            topic::HELLO if leads => self.tell_tabs(),
            topic::SERVER if leads => self.fetch_credentials(),
            topic::STATE if !leads => {
                if let Some(state) = wire::read::<PhoneState>(text) {
                    self.follow(state);
                }
            }
            topic::IN if !self.session.is_in_now() => spawn_local(self.session.ask_again()),
            topic::OUT => spawn_local(async move {
                self.session.ask_again().await;
                if !self.session.is_in_now() {
                    self.tabs.leave();
                }
            }),
            events::TOPIC => bridge::tell(Topic::Live, text),
            _ => {}
        }
    }

    pub(super) fn follow(self, state: PhoneState) {
        // A tab that is looked at gets the microphone which the leading one waits for.
        let waits = state.troubles.contains(&Trouble::MicrophoneWaits);
        if waits && document().has_focus().unwrap_or(false) {
            self.tabs.take_over();
        }
        self.tell_pages(&wire::write(&state));
        self.state.set(state);
        self.restack();
    }

    /// Tells the tabs that stand at the sign-in page.
    pub fn tell_signed_in(self) {
        self.tabs.say(topic::IN, "");
    }

    /// Tells the other tabs that nobody is signed in any more.
    pub fn tell_signed_out(self) {
        self.tabs.leave();
        self.tabs.say(topic::OUT, "");
    }

    pub(super) fn tell_tabs(self) {
        let state = self.state.with_untracked(wire::write);
        self.tabs.say(topic::STATE, &state);
        self.tell_pages(&state);
    }

    /// The later module shows and handles devices.
    pub(super) fn tell_pages(self, state: &str) {
        let leads = if self.phone.with_value(Option::is_some) {
            "1"
        } else {
            "0"
        };
        bridge::tell(Topic::Phone, &[leads, state].concat());
    }

    /// Whether this tab has the phone; the others show it.
    pub fn leads(self) -> bool {
        self.tabs.leads.get()
    }

    /// This tab has the phone from now on.
    pub fn take_over(self) {
        self.tabs.take_over();
    }
}
