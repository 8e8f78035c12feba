//! The note of a call while it is typed: kept in this browser with every letter and on the server at
//! every pause, so that neither a reload nor a lost network takes a word of it.

use std::time::Duration;

use gloo::storage::{LocalStorage as Kept, Storage};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::{Api, use_api},
    view::{failure::Failure, stack::plain_id},
};

/// Pause in typing before the server is told.
const PAUSE: Duration = Duration::from_millis(600);
/// Wait before the server is asked again when it did not answer.
const AGAIN: Duration = Duration::from_secs(3);
/// What the names of drafts begin with.
const PREFIX: &str = "trubka.note.";

/// How much of a note the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Nothing was typed here.
    #[default]
    Untouched,
    /// Not all of it yet.
    Typing,
    /// All of it.
    Saved,
    /// The server does not answer; what was typed waits in this browser.
    Waits,
    /// The server will not have it.
    Refused,
}

/// A note that is being typed.
#[derive(Clone, Copy)]
pub struct CallNote {
    /// As typed.
    pub text: RwSignal<String>,
    /// How much of it the server has.
    pub standing: RwSignal<Standing>,
    id: StoredValue<String>,
    timer: StoredValue<Option<TimeoutHandle>>,
    api: Api,
}

impl CallNote {
    /// Of this call; the text is what was left here, else what the server has.
    pub fn of(id: &str, on_server: &str) -> Self {
        let left = draft(id);
        let note = Self {
            standing: RwSignal::new(match left {
                Some(_) => Standing::Typing,
                None => Standing::Untouched,
            }),
            text: RwSignal::new(left.clone().unwrap_or_else(|| on_server.to_owned())),
            id: StoredValue::new(id.to_owned()),
            timer: StoredValue::new(None),
            api: use_api(),
        };
        if left.is_some() {
            note.save();
        }
        note
    }

    /// What the field holds now.
    pub fn typed(self, text: String) {
        self.id.with_value(|id| {
            let _ = Kept::set(key(id), &text);
        });
        self.text.set(text);
        self.standing.set(Standing::Typing);
        self.save_after(PAUSE);
    }

    /// Another page or tab wrote; what is typed here goes before.
    pub fn changed(self, on_server: &str) {
        let is_ours = matches!(
            self.standing.get_untracked(),
            Standing::Untouched | Standing::Saved
        );
        if is_ours && self.text.with_untracked(|text| text != on_server) {
            self.text.set(on_server.to_owned());
        }
    }

    /// Tells the server now.
    pub fn save(self) {
        self.stop_waiting();
        let (id, text) = (self.id.get_value(), self.text.get_untracked());
        spawn_local(async move {
            let standing = send(self.api, &id, text).await;
            if standing == Standing::Waits {
                self.save_after(AGAIN);
            }
            // Letters typed meanwhile are on their way themselves.
            if draft(&id).is_none() || standing != Standing::Saved {
                let _ = self.standing.try_set(standing);
            }
        });
    }

    fn save_after(self, pause: Duration) {
        self.stop_waiting();
        let timer = set_timeout_with_handle(move || self.save(), pause).ok();
        let _ = self.timer.try_set_value(timer);
    }

    fn stop_waiting(self) {
        let timer = self.timer.try_update_value(Option::take);
        if let Some(timer) = timer.flatten() {
            timer.clear();
        }
    }
}

/// Sends what was left here by a page that is gone or a network that was away.
pub fn send_left(api: Api) {
    let kept = Kept::raw();
    let names: Vec<String> = (0..kept.length().unwrap_or(0))
        .filter_map(|at| kept.key(at).ok().flatten())
        .collect();
    for id in names.iter().filter_map(|name| name.strip_prefix(PREFIX)) {
        let id = id.to_owned();
        let Some(text) = draft(&id) else { continue };
        spawn_local(async move {
            send(api, &id, text).await;
        });
    }
}

async fn send(api: Api, id: &str, text: String) -> Standing {
    match api.save_note(id, text.clone()).await {
        Ok(_) => {
            forget(id, &text);
            Standing::Saved
        }
        // Nobody is signed in: it goes out once somebody is.
        Err(Failure::Unreachable | Failure::SignedOut) => Standing::Waits,
        Err(Failure::Refused { status: 500.., .. }) => Standing::Waits,
        Err(_) => {
            forget(id, &text);
            Standing::Refused
        }
    }
}

/// The server has this text, or will never have it; a later one stays.
fn forget(id: &str, text: &str) {
    if draft(id).is_some_and(|kept| kept == text) {
        Kept::delete(key(id));
    }
}

fn draft(id: &str) -> Option<String> {
    Kept::get(key(id)).ok()
}

fn key(id: &str) -> String {
    format!("{PREFIX}{}", plain_id(id))
}
