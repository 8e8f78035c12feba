//! What one can say of oneself: states, the house's own reasons, for how long.

use api_types::{Availability, Presence, PresenceReason, SetPresence};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{http, use_api},
    components::{
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        now_ms,
    },
    state::toasts::use_toasts,
    view::people::{CHOICES, Doing},
};

/// How long an absence may be told to last, minutes; none: until one says so.
const LASTS: [Option<u32>; 3] = [Some(30), Some(60), None];

/// The menu; it closes itself over the bridge.
#[component]
pub fn PresenceMenu() -> impl IntoView {
    let i18n = use_i18n();
    let menu = Menu::new(i18n);
    let reasons = RwSignal::new(Vec::<PresenceReason>::new());
    let api = use_api();
    spawn_local(async move {
        if let Ok(own) = api.get("/me/presence").await {
            let _ = menu.own.try_set(own);
        }
    });
    spawn_local(async move {
        if let Ok(listed) = api.get("/presence-reasons").await {
            let _ = reasons.try_set(listed);
        }
    });
    let is_away = move || {
        let said = menu.own.with(|own| own.availability);
        !matches!(said, Availability::Available | Availability::WrapUp)
    };
    // What ends by itself has no "until I change it".
    let ends = Memo::new(move |_| {
        let own = menu.own.get();
        reasons.with(|all| all.iter().any(|one| is(&own, one) && one.minutes.is_some()))
    });
    view! {
        <div class="pop menu pop--right says" role="menu" aria-label=tr!(i18n, presence.menu)>
            {CHOICES.map(|availability| view! { <Choice menu availability/> }).collect_view()}
            {changing(move || reasons.get().into_iter().map(|reason| view! { <Own menu reason/> }).collect_view())}
            <When when=is_away>
                <hr/>
                <div class="says__lasts" role="group" aria-label=tr!(i18n, presence.lasts)>
                    {LASTS.map(|minutes| view! { <When when=move || minutes.is_some() || !ends.get()><Lasts menu minutes/></When> }).collect_view()}
                </div>
            </When>
        </div>
    }
}

#[derive(Clone, Copy)]
struct Menu {
    own: RwSignal<Presence>,
    say: Callback<SetPresence>,
}

impl Menu {
    /// What is said is shown at once, and taken back if the server refuses.
    fn new(i18n: I18n) -> Self {
        let (api, toasts) = (use_api(), use_toasts());
        let own = RwSignal::new(Presence::default());
        let say = Callback::new(move |wanted: SetPresence| {
            let before = own.get_untracked();
            if let Some(availability) = wanted.availability {
                own.update(|own| {
                    own.availability = availability;
                    own.reason = None;
                });
            }
            spawn_local(async move {
                let now = match api.put::<Presence>("/me/presence", &wanted).await {
                    Ok(now) => now,
                    Err(failure) => {
                        toasts.fail(say_failure_now(i18n, &failure));
                        before
                    }
                };
                let _ = own.try_set(now);
            });
        });
        Self { own, say }
    }
}

fn close() {
    bridge::tell(Topic::Presence, "");
}

/// Whether this reason is what was said.
fn is(own: &Presence, reason: &PresenceReason) -> bool {
    own.reason.as_ref().is_some_and(|said| said.id == reason.id)
}

/// Ends a wrap-up. Should it fail, the clock does.
pub async fn be_available() {
    say(Availability::Available, None).await;
}

/// Ends a wrap-up if there is one: who is away stays away.
pub async fn end_wrap_up() {
    let me = http::request("GET", "/me/presence", None).await;
    let own = me
        .ok()
        .and_then(|text| serde_json::from_str::<Presence>(&text).ok());
    if own.is_some_and(|own| own.availability == Availability::WrapUp) {
        be_available().await;
    }
}

/// No calls after the wrap-up either.
pub async fn be_away() {
    say(Availability::Away, None).await;
}

/// A minute more than is left, or a little more: presence is said in whole minutes.
pub async fn wrap_up_longer() {
    let me = http::request("GET", "/me/presence", None).await;
    let own = me
        .ok()
        .and_then(|text| serde_json::from_str::<Presence>(&text).ok());
    let left = own
        .and_then(|own| own.until)
        .map_or(0, |until| until - now_ms());
    let minutes = u32::try_from((left.max(0) + 119_999) / 60_000).unwrap_or(1);
    say(Availability::WrapUp, Some(minutes)).await;
}

async fn say(availability: Availability, minutes: Option<u32>) {
    let wanted = SetPresence {
        availability: Some(availability),
        minutes,
        ..SetPresence::default()
    };
    if let Ok(body) = serde_json::to_string(&wanted) {
        let _ = http::request("PUT", "/me/presence", Some(body)).await;
    }
}

#[component]
fn Choice(menu: Menu, availability: Availability) -> impl IntoView {
    let i18n = use_i18n();
    let doing = Doing::said(availability);
    let chosen = move || {
        let own = menu.own.read();
        own.availability == availability && own.reason.is_none()
    };
    let choose = move |_| {
        menu.say.run(SetPresence {
            availability: Some(availability),
            ..SetPresence::default()
        });
        if availability == Availability::Available {
            close();
        }
    };
    view! {
        <button role="menuitemradio" tabindex="-1" data-testid=format!("say-{}", doing.key().rsplit('.').next().unwrap_or_default())
            aria-checked=text(move || chosen().to_string()) class:is-on=flag(chosen) on:click=act(choose)>
            <i class=doing.dot()></i>{text(move || doing.say(i18n))}
        </button>
    }
}

#[component]
fn Own(menu: Menu, reason: PresenceReason) -> impl IntoView {
    let dot = Doing::said(reason.availability).dot();
    let name = reason.name.clone();
    let wanted = SetPresence {
        reason: Some(reason.id.clone()),
        ..SetPresence::default()
    };
    let chosen = Memo::new(move |_| menu.own.with(|own| is(own, &reason)));
    view! {
        <button role="menuitemradio" tabindex="-1" data-testid="say-reason" aria-checked=text(move || chosen.get().to_string())
            class:is-on=flag(move || chosen.get()) on:click=act(move |_| menu.say.run(wanted.clone()))>
            <i class=dot></i><span class="cut">{name}</span>
        </button>
    }
}

#[component]
fn Lasts(menu: Menu, minutes: Option<u32>) -> impl IntoView {
    let i18n = use_i18n();
    let words = move || match minutes {
        Some(minutes) => fill!(i18n, presence.minutes, count = minutes),
        None => t_string!(i18n, presence.no_end).to_owned(),
    };
    let last = move |_| {
        let own = menu.own.get_untracked();
        menu.say.run(SetPresence {
            availability: Some(own.availability).filter(|_| own.reason.is_none()),
            reason: own.reason.map(|reason| reason.id),
            minutes,
        });
        close();
    };
    view! { <button role="menuitem" tabindex="-1" class="btn btn--quiet" data-testid=format!("lasts-{}", minutes.unwrap_or(0)) on:click=act(last)>{text(words)}</button> }
}
