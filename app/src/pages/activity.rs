//! Signs of life: keyboard and mouse in this page, told to the server as often as it asks.

use std::cell::Cell;

use api_types::{Activity, ActivityWanted};
use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

use crate::{
    api::http,
    platform::{
        bridge::{self, Topic},
        now_ms,
    },
};

/// What a person does with a page.
const SIGNS: [&str; 5] = [
    "keydown",
    "pointerdown",
    "pointermove",
    "wheel",
    "touchstart",
];
/// How an event begins that says that something was missed or is set otherwise.
const RESYNC: &str = r#"{"type":"resync""#;

thread_local! {
    /// The last sign of life, ms since 1970.
    static SEEN: Cell<i64> = const { Cell::new(0) };
    /// When it was last told, ms since 1970.
    static TOLD: Cell<i64> = const { Cell::new(0) };
    /// How often it is asked for, seconds.
    static EVERY: Cell<Option<u32>> = const { Cell::new(None) };
    /// Where the pointer stood.
    static POINTER: Cell<(i32, i32)> = const { Cell::new((-1, -1)) };
}

/// Begins, and goes on as long as the page.
pub fn watch() {
    SEEN.set(now_ms());
    tell();
    for sign in SIGNS {
        let options = EventListenerOptions::run_in_capture_phase();
        EventListener::new_with_options(&window(), sign, options, |event| {
            if is_life(event) {
                seen();
            }
        })
        .forget();
    }
    bridge::listen(Topic::Live, |event| {
        if event.is_empty() || event.starts_with(RESYNC) {
            tell();
        }
    })
    .forget();
    bridge::listen(Topic::Session, |_| tell()).forget();
}

/// Browsers also say that the pointer moved when the page moved under it.
fn is_life(event: &web_sys::Event) -> bool {
    let moved = event
        .dyn_ref::<web_sys::MouseEvent>()
        .filter(|event| event.type_() == "pointermove");
    moved.is_none_or(|event| {
        let now = (event.screen_x(), event.screen_y());
        POINTER.replace(now) != now
    })
}

fn seen() {
    let now = now_ms();
    SEEN.set(now);
    if let Some(every) = EVERY.get()
        && now - TOLD.get() >= i64::from(every) * 1000
    {
        tell();
    }
}

/// Says when the last sign of life was.
fn tell() {
    let now = now_ms();
    TOLD.set(now);
    let idle_secs = u32::try_from((now - SEEN.get()) / 1000).unwrap_or_default();
    spawn_local(async move {
        let Ok(body) = serde_json::to_string(&Activity { idle_secs }) else {
            return;
        };
        let answer = http::request("POST", "/me/activity", Some(body)).await;
        if let Ok(wanted) = answer.map(|text| serde_json::from_str::<ActivityWanted>(&text)) {
            EVERY.set(wanted.ok().and_then(|wanted| wanted.every_secs));
        }
    });
}
