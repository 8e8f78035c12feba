//! What the page itself knows: clocks, its identity, whether it is seen and on line.

use gloo::events::EventListener;
use web_sys::{Document, Storage, Window, window};

use super::Feed;
use crate::machine::{Identity, Input, Moment, fresh_uuid};

/// Where the browser keeps the instance id of its phone, whichever tab has that.
const INSTANCE: &str = "trubka.phone.instance";
/// Where the running calls are kept for the page that comes after.
const CALLS: &str = "trubka.phone.calls";

/// Where the choices of devices are kept.
const DEVICES: &str = "trubka.phone.devices";

/// Both clocks now.
pub(super) fn now() -> Moment {
    let mono = window()
        .and_then(|window| window.performance())
        .map_or(0.0, |clock| clock.now());
    Moment {
        mono: mono as u64,
        wall: js_sys::Date::now() as u64,
    }
}

/// Who this browser's phone is.
pub(super) fn identity() -> Identity {
    let mut seed = [0; 32];
    // Without a source of randomness the clock has to do: nothing secret follows from the seed.
    if getrandom::fill(&mut seed).is_err() {
        seed[..8].copy_from_slice(&js_sys::Date::now().to_bits().to_le_bytes());
    }
    Identity {
        product: concat!("Trubka/", env!("CARGO_PKG_VERSION")).to_owned(),
        instance: instance(&seed),
        seed,
    }
}

fn instance(seed: &[u8; 32]) -> String {
    let storage = storage();
    let known = storage
        .as_ref()
        .and_then(|storage| storage.get_item(INSTANCE).ok().flatten());
    known.filter(|id| id.len() == 36).unwrap_or_else(|| {
        let id = fresh_uuid(seed);
        if let Some(storage) = storage {
            // A full or forbidden storage only means another id after a reload.
            let _ = storage.set_item(INSTANCE, &id);
        }
        id
    })
}

fn storage() -> Option<Storage> {
    window().and_then(|window| window.local_storage().ok().flatten())
}

/// Keeps the running calls for the page that comes after; nothing, if there are none.
pub(super) fn keep(calls: &str) {
    // A full or forbidden storage only means that a reload loses them.
    let _ = storage().map(|storage| match calls {
        "" => storage.remove_item(CALLS),
        calls => storage.set_item(CALLS, calls),
    });
}

/// What the page before kept.
pub(super) fn kept() -> String {
    storage()
        .and_then(|storage| storage.get_item(CALLS).ok().flatten())
        .unwrap_or_default()
}

/// Keeps the choices of devices.
pub(super) fn keep_devices(choices: &str) {
    let _ = storage().map(|storage| storage.set_item(DEVICES, choices));
}

/// The choices this browser kept.
pub(super) fn kept_devices() -> String {
    storage()
        .and_then(|storage| storage.get_item(DEVICES).ok().flatten())
        .unwrap_or_default()
}

/// Listeners on the page; they go with it.
pub(super) struct Page {
    _listeners: Vec<EventListener>,
}

impl Page {
    /// `leave` is called when the page goes away.
    pub(super) fn new(feed: Feed, leave: impl Fn() + 'static) -> Self {
        let listeners = window()
            .map(|window| listen(&window, &feed, leave))
            .unwrap_or_default();
        Self {
            _listeners: listeners,
        }
    }
}

fn listen(window: &Window, feed: &Feed, leave: impl Fn() + 'static) -> Vec<EventListener> {
    let on = |name: &'static str, online: bool| {
        let feed = feed.clone();
        EventListener::new(window, name, move |_| feed(Input::Network(online)))
    };
    let mut listeners = vec![on("online", true), on("offline", false)];
    listeners.push(EventListener::new(window, "pagehide", move |_| leave()));
    if let Some(document) = window.document() {
        listeners.push(watch_visibility(&document, feed.clone()));
    }
    listeners
}

fn watch_visibility(document: &Document, feed: Feed) -> EventListener {
    let seen = document.clone();
    EventListener::new(document, "visibilitychange", move |_| {
        feed(Input::Visible(!seen.hidden()));
    })
}
