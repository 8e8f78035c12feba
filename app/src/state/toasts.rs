//! Short messages at the bottom centre, with Undo where something can be undone.

use gloo::timers::callback::Timeout;
use leptos::prelude::*;

/// One line.
#[derive(Clone)]
pub struct Toast {
    /// Names it.
    pub id: u64,
    /// Its words.
    pub text: String,
    /// Stays until closed.
    pub is_error: bool,
    /// Undo or Again.
    pub action: Option<(String, Callback<()>)>,
}

/// The toasts, in the context.
#[derive(Clone, Copy)]
pub struct Toasts {
    list: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

/// From the context.
pub fn use_toasts() -> Toasts {
    expect_context()
}

/// How long a toast stays, in milliseconds.
const STAY_MS: u32 = 6_000;
/// How many at most.
const MOST: usize = 3;

impl Toasts {
    /// None yet.
    pub fn provide() -> Self {
        let toasts = Self {
            list: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// The list, oldest first.
    pub fn list(self) -> Vec<Toast> {
        self.list.get()
    }

    /// Says something.
    pub fn say(self, text: String) {
        self.add(text, false, None);
    }

    /// Says something that can be undone.
    pub fn say_with(self, text: String, label: &str, action: impl Fn() + Send + Sync + 'static) {
        self.add(
            text,
            false,
            Some((label.to_owned(), Callback::new(move |()| action()))),
        );
    }

    /// Says what failed.
    pub fn fail(self, text: String) {
        self.add(text, true, None);
    }

    /// Takes one away.
    pub fn close(self, id: u64) {
        self.list.update(|list| list.retain(|toast| toast.id != id));
    }

    /// Takes one away later, unless it was an error.
    pub fn close_later(self, id: u64) {
        Timeout::new(STAY_MS, move || self.close(id)).forget();
    }

    fn add(self, text: String, is_error: bool, action: Option<(String, Callback<()>)>) {
        let id = self.next.with_value(|next| next + 1);
        self.next.set_value(id);
        self.list.update(|list| {
            list.push(Toast {
                id,
                text,
                is_error,
                action,
            });
            if list.len() > MOST {
                list.remove(0);
            }
        });
        if !is_error {
            self.close_later(id);
        }
    }
}
