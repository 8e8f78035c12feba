//! The telephone's state at the top, and saying whether one takes calls.

use crate::components::reactive::{When, act, text};
use api_types::Availability;
use leptos::{html::Div, prelude::*, task::spawn_local};

use crate::{
    components::Icon,
    i18n::*,
    pages::host,
    platform::{
        bridge::{self, Topic},
        time,
    },
    state::{
        colleagues::{Colleagues, use_colleagues},
        phone::use_phone,
        toasts::use_toasts,
    },
    view::{
        people::{Doing, said},
        trouble::PhoneWords,
    },
};

/// Whether calls work, in words; a click says whether one takes them.
#[component]
pub fn PhonePill() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let colleagues = use_colleagues();
    let open = RwSignal::new(false);
    let words = Memo::new(move |_| phone.state.with(|state| PhoneWords::of(&state.connection)));
    let details = move || {
        phone.state.with(|state| match &state.connection {
            phone::Connection::Ready { round_trip_ms } => {
                fill!(i18n, phone.round_trip, ms = *round_trip_ms)
            }
            phone::Connection::Lost { retry_in_secs, .. } if *retry_in_secs > 0 => {
                fill!(i18n, phone.retry, secs = *retry_in_secs)
            }
            phone::Connection::Lost { .. }
            | phone::Connection::Off
            | phone::Connection::Connecting
            | phone::Connection::Refused { .. } => String::new(),
        })
    };
    let icon = Signal::derive(move || match words.get() {
        PhoneWords::Ready => "phone",
        PhoneWords::Connecting | PhoneWords::Lost => "phone-call",
        PhoneWords::Off | PhoneWords::Refused => "phone-off",
    });
    // What is wrong with the phone comes before what its owner said.
    let label = move || match (words.get(), own(i18n, colleagues)) {
        (PhoneWords::Ready, Some(said)) => said,
        (words, _) => words.say(i18n).to_owned(),
    };
    let wraps_up = move || colleagues.own().availability == Availability::WrapUp;
    view! {
        <When when=wraps_up>
            <button class="btn" data-testid="end-wrap-up" on:click=act(|_| bridge::tell(Topic::Presence, "available"))>{tr!(i18n, presence.end_wrap_up)}</button>
        </When>
        <div class="anchor">
            <span class="sr" role="status">{text(label)}</span>
            <button class="pill pill--phone" data-testid="phone-state" data-state=text(move || words.get().name()) title=text(details)
                aria-haspopup="menu" aria-expanded=text(move || open.get().to_string()) on:click=act(move |_| open.update(|open| *open = !*open))>
                <Icon name=icon/>
                <span>{text(label)}</span>
                <Icon name="chevron-down" class="i--14"/>
            </button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <Menu open/>
            </When>
        </div>
    }
}

/// What the owner said, unless he takes calls.
fn own(i18n: I18n, colleagues: Colleagues) -> Option<String> {
    let own = colleagues.own();
    let doing = Doing::said(own.availability);
    let what = said(doing, &own)?;
    let words = what.reason.as_deref().unwrap_or(doing.say(i18n));
    Some(match what.until {
        // A wrap-up is over before its minute is.
        Some(until) if doing != Doing::WrapUp => {
            let clock = time::clock(until, i18n.get_locale());
            fill!(i18n, presence.until, doing = words, time = clock)
        }
        _ => words.to_owned(),
    })
}

/// Where the menu stands, which the later module makes.
#[component]
fn Menu(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let place = NodeRef::<Div>::new();
    place.on_load(move |place| {
        spawn_local(async move {
            if !host::open_presence(&place).await {
                let _ = open.try_set(false);
                toasts.fail(tu_string!(i18n, failure.unreachable).to_owned());
            }
        });
    });
    bridge::hear(Topic::Presence, move |_| open.set(false));
    on_cleanup(|| bridge::tell(Topic::Presence, ""));
    view! { <div node_ref=place></div> }
}
