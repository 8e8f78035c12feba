//! The time left for what is to be written down after a call.

use gloo::timers::callback::Interval;
use leptos::prelude::*;

use crate::{
    components::{
        Icon,
        reactive::{When, act, text},
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        now_ms,
    },
    state::colleagues::use_colleagues,
    view::{
        format,
        wrap_up::{Wrap, wrap},
    },
};

/// How often the clock is looked at, in milliseconds.
const LOOK_MS: u32 = 250;

/// What the house's rule leaves, followed; `None`: there is no rule, or the time is over.
pub fn left() -> Memo<Option<Wrap>> {
    let colleagues = use_colleagues();
    let now = RwSignal::new(now_ms());
    let ticking = StoredValue::new_local(Some(Interval::new(LOOK_MS, move || now.set(now_ms()))));
    on_cleanup(move || {
        ticking.try_update_value(Option::take);
    });
    Memo::new(move |_| wrap(&colleagues.own(), now.get()))
}

/// `Wrap-up 0:42 of 1:30 left`, and a minute more.
#[component]
pub fn WrapClock(left: Memo<Option<Wrap>>) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || {
        left.get().map(|wrap| {
            let (left, whole) = (
                format::duration(wrap.left_ms),
                format::duration(wrap.whole_ms),
            );
            fill!(i18n, wrap.left, left = left, whole = whole)
        })
    };
    let part = move || {
        left.get()
            .map_or_else(String::new, |wrap| format!("{}%", wrap.percent()))
    };
    view! {
        <When when=move || left.with(Option::is_some)>
            <span class="soft num">{text(words)}</span>
            <button class="btn btn--quiet push call__longer" data-testid="wrap-longer" on:click=act(|_| bridge::tell(Topic::Presence, "longer"))><Icon name="plus" class="i--14"/>{tr!(i18n, wrap.minute)}</button>
            <i class="call__left" style:--v=text(part)></i>
        </When>
    }
}
