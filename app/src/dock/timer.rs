//! Time that goes on while a card stands.

use gloo::timers::callback::Interval;
use leptos::prelude::*;

use crate::{platform::now_ms, view::format};

/// How often the time is looked at, in milliseconds; the text changes once a second.
const LOOK_MS: u32 = 200;

/// Time since a moment (ms since 1970) as `4:12`, until the component goes.
pub fn since(moment: Signal<Option<i64>>) -> Memo<String> {
    let now = RwSignal::new(now_ms());
    let ticking = StoredValue::new_local(Some(Interval::new(LOOK_MS, move || now.set(now_ms()))));
    on_cleanup(move || {
        ticking.try_update_value(Option::take);
    });
    Memo::new(move |_| {
        moment
            .get()
            .map(|moment| format::duration(format::elapsed(moment, now.get())))
            .unwrap_or_else(|| "0:00".to_owned())
    })
}
