//! Calling a number, and the line calls go out by.

use api_types::CallableLine;
use gloo::storage::{LocalStorage as Kept, Storage};
use leptos::{prelude::*, task::spawn_local};
use phone::{CallFrom, CallKey, CallPhase, Command};

use super::PhoneLink;
use crate::view::dial;

/// Where the last number called is kept.
pub(super) const LAST: &str = "trubka.phone.last";

impl PhoneLink {
    /// Calls a number in any spelling. False: that is no number.
    pub fn dial(self, text: &str) -> bool {
        let Some(number) = dial::number(text) else {
            return false;
        };
        if self
            .state
            .with_untracked(|state| state.dialling().is_some())
        {
            self.busy.run(());
            return true;
        }
        let _ = Kept::set(LAST, &number);
        self.number.set(String::new());
        self.pad_open.set(false);
        self.dismiss_ended();
        self.send(Command::Dial { number });
        true
    }

    /// The number called last; empty: none.
    pub fn last_number(self) -> String {
        Kept::get(LAST).unwrap_or_default()
    }

    /// Reads anew which lines one may call by. A choice that is none any more is dropped.
    pub fn read_lines(self) {
        spawn_local(async move {
            let Ok(lines) = self.api.get::<Vec<CallableLine>>("/phone/lines").await else {
                return;
            };
            let chosen = self.chosen_line();
            let known = lines.iter().any(|line| {
                let mut numbers = line.numbers.iter();
                numbers.any(|number| dial::call_from(&line.id, &number.e164) == chosen)
            });
            if !known && !chosen.is_empty() {
                self.choose_line(String::new());
            } else {
                self.call_from.set(chosen);
            }
            self.lines.set(lines);
        });
    }

    /// Calls go out by this line and number from now on, also after the next start.
    pub fn choose_line(self, chosen: String) {
        if let Some(key) = self.memory() {
            let _ = Kept::set(key, &chosen);
        }
        self.call_by(chosen);
    }

    pub(super) fn call_by(self, chosen: String) {
        let from = chosen.split_once(' ').map(|(line, number)| CallFrom {
            line: line.to_owned(),
            number: number.to_owned(),
        });
        self.send(Command::CallFrom(from));
        self.call_from.set(chosen);
    }

    pub(super) fn chosen_line(self) -> String {
        let remembered = self.memory().and_then(|key| Kept::get(key).ok());
        remembered.unwrap_or_default()
    }

    /// Where the choice of whoever is signed in is remembered.
    pub(super) fn memory(self) -> Option<String> {
        Some(format!("trubka.line.{}", self.own_extension()?))
    }

    pub(super) fn dismiss_ended(self) {
        let ended: Vec<CallKey> = self.state.with_untracked(|state| {
            state
                .calls
                .iter()
                .filter(|call| matches!(call.phase, CallPhase::Ended(_)))
                .map(|call| call.key)
                .collect()
        });
        for key in ended {
            self.send(Command::Dismiss(key));
        }
    }
}
