//! The telephone's state at the top, and saying whether one takes calls.

use crate::components::reactive::{When, act, flag, text};
use api_types::Availability;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    components::{Icon, say_failure_now},
    i18n::*,
    platform::time,
    state::{
        colleagues::{Colleagues, use_colleagues},
        phone::use_phone,
        toasts::use_toasts,
    },
    view::{
        people::{CHOICES, Doing, back_at},
        trouble::PhoneWords,
    },
};

/// How long an absence may be told to last, minutes; none: until one says so.
const LASTS: [Option<u32>; 3] = [Some(30), Some(60), None];

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
    let said = move || match (words.get(), own(i18n, colleagues)) {
        (PhoneWords::Ready, Some(said)) => said,
        (words, _) => words.say(i18n).to_owned(),
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" && open.get_untracked() {
            press.stop_propagation();
            open.set(false);
        }
    };
    view! {
        <div class="anchor" on:keydown=act(on_key)>
            <span class="sr" role="status">{text(said)}</span>
            <button class="pill pill--phone" data-testid="phone-state" data-state=text(move || words.get().name()) title=text(details)
                aria-haspopup="true" aria-expanded=text(move || open.get().to_string()) on:click=act(move |_| open.update(|open| *open = !*open))>
                <Icon name=icon/>
                <span>{text(said)}</span>
                <Icon name="chevron-down" class="i--14"/>
            </button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <Choices open/>
            </When>
        </div>
    }
}

/// What the owner said, unless he takes calls.
fn own(i18n: I18n, colleagues: Colleagues) -> Option<String> {
    let own = colleagues.own();
    let doing = Doing::said(own.availability);
    (doing != Doing::Available).then(|| match back_at(doing, &own) {
        Some(until) => {
            let clock = time::clock(until, i18n.get_locale());
            fill!(i18n, presence.until, doing = doing.say(i18n), time = clock)
        }
        None => doing.say(i18n).to_owned(),
    })
}

#[component]
fn Choices(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let colleagues = use_colleagues();
    let toasts = use_toasts();
    let own = Memo::new(move |_| colleagues.own());
    let is_away = move || own.get().availability != Availability::Available;
    let say = move |availability, minutes| {
        spawn_local(async move {
            if let Err(failure) = colleagues.say(availability, minutes).await {
                toasts.say(say_failure_now(i18n, &failure));
            }
        });
    };
    let choice = move |availability: Availability| {
        let doing = Doing::said(availability);
        let chosen = move || own.get().availability == availability;
        let choose = move |_| {
            say(availability, None);
            if availability == Availability::Available {
                open.set(false);
            }
        };
        view! {
            <button role="menuitemradio" data-testid=format!("say-{}", doing.key().rsplit('.').next().unwrap_or_default())
                aria-checked=text(move || chosen().to_string()) class:is-on=flag(chosen) on:click=act(choose)>
                <i class=doing.dot()></i>{text(move || doing.say(i18n))}
            </button>
        }
    };
    let lasts = move |minutes: Option<u32>| {
        let words = move || match minutes {
            Some(minutes) => fill!(i18n, presence.minutes, count = minutes),
            None => t_string!(i18n, presence.no_end).to_owned(),
        };
        let last = move |_| {
            say(own.get_untracked().availability, minutes);
            open.set(false);
        };
        view! { <button class="btn btn--quiet" data-testid=format!("lasts-{}", minutes.unwrap_or(0)) on:click=act(last)>{text(words)}</button> }
    };
    view! {
        <div class="pop menu pop--right says" role="menu" aria-label=tr!(i18n, presence.menu)>
            {CHOICES.map(choice).collect_view()}
            <When when=is_away>
                <hr/>
                <div class="says__lasts" role="group" aria-label=tr!(i18n, presence.lasts)>{LASTS.map(lasts).collect_view()}</div>
            </When>
        </div>
    }
}
