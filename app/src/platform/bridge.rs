//! How the two modules of the app talk: the desk (`bin/app`), which has phone and events, and the
//! pages (`bin/pages`), which are fetched later. Each is a WebAssembly program with a memory of
//! its own; what one says is an event of the window that both hear.

use std::cell::Cell;

use gloo::events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CustomEvent, CustomEventInit};

/// What is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// The address changed.
    Address,
    /// An event of the server, as it came; empty: some were missed.
    Live,
    /// A number to be called.
    Dial,
    /// Who is signed in, or what is known of them, changed.
    Session,
    /// Language or theme was chosen.
    Appearance,
    /// Another telephone server was chosen.
    Server,
    /// From the desk: whether this tab has the phone (`1` or `0`), then the phone's state.
    Phone,
    /// Empty: the menu of what one says of oneself closes. From the desk also `available`: one says so.
    Presence,
    /// Of a call's card: `show ID`, and with the phone's key of the call `close KEY` (what stands in
    /// its slot), `handed KEY` (the panel of handing on), `hold KEY` and `free KEY` (it may not go, it may), `ask KEY` (why not).
    Card,
    /// A file was added somewhere; its id.
    File,
    /// How the card opens was set otherwise.
    PopUp,
    /// To the desk: a command for the phone; empty: the state is wanted.
    Command,
}

impl Topic {
    fn name(self) -> &'static str {
        match self {
            Self::Address => "trubka-address",
            Self::Live => "trubka-live",
            Self::Dial => "trubka-dial",
            Self::Session => "trubka-session",
            Self::Appearance => "trubka-appearance",
            Self::Server => "trubka-server",
            Self::Phone => "trubka-phone",
            Self::Presence => "trubka-presence",
            Self::Card => "trubka-card",
            Self::File => "trubka-file",
            Self::PopUp => "trubka-popup",
            Self::Command => "trubka-command",
        }
    }
}

thread_local! {
    static IS_PAGES: Cell<bool> = const { Cell::new(false) };
}

/// This program is the later one.
pub fn be_pages() {
    IS_PAGES.set(true);
}

/// This program's name.
pub fn module() -> &'static str {
    if IS_PAGES.get() { "pages" } else { "desk" }
}

/// Says something to both modules.
pub fn tell(topic: Topic, detail: &str) {
    let options = CustomEventInit::new();
    options.set_detail(&JsValue::from_str(detail));
    if let Ok(event) = CustomEvent::new_with_event_init_dict(topic.name(), &options) {
        let _ = window().dispatch_event(&event);
    }
}

/// Hears what either module says, until the component goes.
pub fn hear(topic: Topic, heard: impl Fn(String) + 'static) {
    keep(listen(topic, heard));
}

/// Hears what either module says, as long as the listener is kept.
pub fn listen(topic: Topic, heard: impl Fn(String) + 'static) -> EventListener {
    EventListener::new(&window(), topic.name(), move |event| {
        let said = event.dyn_ref::<CustomEvent>().map(CustomEvent::detail);
        heard(said.and_then(|said| said.as_string()).unwrap_or_default());
    })
}

/// Keeps a listener as long as the component.
pub fn keep(listener: EventListener) {
    let listener = StoredValue::new_local(Some(listener));
    on_cleanup(move || {
        listener.try_update_value(Option::take);
    });
}
