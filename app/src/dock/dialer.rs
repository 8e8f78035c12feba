//! The number field: a bar at rest, a dial pad when used.

use std::time::Duration;

use crate::components::reactive::{When, act, changing, flag, text};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{Avatar, Icon},
    i18n::*,
    pages::host,
    platform::focus_soon,
    state::phone::{PhoneLink, use_phone},
    view::{callee::Callee, dial},
};

/// Id of the field.
pub const FIELD: &str = "dial-field";
/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);
/// Matches shown.
const ROWS: u32 = 4;

/// The bar and the pad are one element, so that the field keeps the focus when the pad opens.
#[component]
pub fn Dialer() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let open = phone.pad_open;
    let matches = RwSignal::new(Vec::<Callee>::new());
    let fault = RwSignal::new(false);
    look_up(phone, matches);
    let call = Callback::new(move |()| {
        let first = matches.with_untracked(|matches| {
            matches
                .first()
                .and_then(|contact| contact.phones.first())
                .map(|phone| phone.e164.clone())
        });
        let typed = phone.number.get_untracked();
        // Redial: the last number stands in the field first.
        if typed.trim().is_empty() {
            return phone.number.set(phone.last_number());
        }
        fault.set(!phone.dial(&typed) && !first.is_some_and(|number| phone.dial(&number)));
    });
    let typed = move |input| {
        phone.number.set(event_target_value(&input));
        fault.set(false);
        open.set(true);
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| match press.key().as_str() {
        "Enter" => {
            press.prevent_default();
            call.run(());
        }
        "Escape" => open.set(false),
        _ => {}
    };
    let toggle = move |_| {
        open.update(|open| *open = !*open);
        focus_soon(FIELD);
    };
    let toggle_words = move || {
        if open.get() {
            t_string!(i18n, dialer.close)
        } else {
            t_string!(i18n, dialer.pad)
        }
    };
    view! {
        <section class="dialer" class:dialer--open=flag(move || open.get()) aria-label=tr!(i18n, dialer.pad)>
            <div class="dialer__bar">
                <Icon name="phone" class="dialer__sign"/>
                <input id=FIELD class="num" aria-label=tr!(i18n, dialer.field) placeholder=tr!(i18n, dialer.field) autocomplete="off" data-testid="dial-input"
                    prop:value=phone.number on:input=act(typed) on:keydown=act(on_key)/>
                <When when=move || !open.get()><kbd>"Alt C"</kbd></When>
                <When when=move || open.get() && !phone.number.with(String::is_empty)>
                    <button class="btn btn--quiet btn--icon" aria-label=tr!(i18n, dialer.erase) on:click=act(move |_| erase(phone))><Icon name="delete"/></button>
                </When>
                <button class="btn btn--quiet btn--icon" data-testid="open-sound" aria-label=tr!(i18n, devices.title) title=tr!(i18n, devices.title) on:click=act(move |_| host::open_sound())><Icon name="volume-2"/></button>
                <button class="btn btn--quiet btn--icon" data-testid="dial-toggle" aria-label=text(toggle_words) title=text(toggle_words) aria-expanded=text(move || open.get().to_string()) on:click=act(toggle)><Icon name="grip"/></button>
            </div>
            <When when=move || open.get()><Pad matches fault call/></When>
        </section>
    }
}

fn erase(phone: PhoneLink) {
    phone.number.update(|number| {
        number.pop();
    });
    focus_soon(FIELD);
}

/// Contacts that fit what is typed.
fn look_up(phone: PhoneLink, matches: RwSignal<Vec<Callee>>) {
    let api = use_api();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let wanted = phone.number.with(|number| number.trim().to_owned());
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if wanted.chars().count() < 2 {
            return matches.set(Vec::new());
        }
        let ask = move || {
            spawn_local(async move {
                let found = api.callees(&wanted, ROWS).await.unwrap_or_default();
                if phone
                    .number
                    .with_untracked(|number| number.trim() == wanted)
                {
                    matches.set(found);
                }
            })
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    });
}

#[component]
fn Pad(matches: RwSignal<Vec<Callee>>, fault: RwSignal<bool>, call: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let press = move |digit: char| {
        phone.number.update(|number| number.push(digit));
        focus_soon(FIELD);
    };
    let keys = dial::PAD.map(|(digit, letters)| view! { <button tabindex="-1" on:click=act(move |_| press(digit))>{digit}<small>{letters}</small></button> });
    let rows = move || {
        matches
            .get()
            .into_iter()
            .flat_map(|contact| {
                contact
                    .phones
                    .clone()
                    .into_iter()
                    .map(move |number| view! { <Match name=contact.name.clone() number/> })
            })
            .collect_view()
    };
    view! {
        <When when=move || !matches.with(Vec::is_empty)><ul class="menu dialer__matches" aria-label=tr!(i18n, dialer.matches)>{changing(rows)}</ul></When>
        <When when=move || fault.get()><p class="field__error dialer__fault" role="alert"><Icon name="circle-x"/>{tr!(i18n, dialer.not_a_number)}</p></When>
        <div class="pad dialer__pad">{keys.into_iter().collect_view()}</div>
        <CallFrom/>
        <div class="dialer__call">
            <button class="btn btn--lg btn--main grow" data-testid="dial-button" on:click=act(move |_| call.run(()))><Icon name="phone" class="i--18"/>{tr!(i18n, dialer.call)}</button>
        </div>
    }
}

/// The line and number calls go out by, where there is a choice.
#[component]
fn CallFrom() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    phone.read_lines();
    let choice = move || {
        let lines = phone.lines.get();
        let mut options = Vec::new();
        for line in &lines {
            for number in &line.numbers {
                let value = dial::call_from(&line.id, &number.e164);
                let chosen = phone.call_from.with_untracked(|chosen| *chosen == value);
                let words = [line.label.as_str(), &number.display].join(" ");
                options.push(view! { <option value=value selected=chosen>{words}</option> });
            }
        }
        (options.len() > 1).then(|| {
            view! {
                <label class="dialer__from"><span class="t12 soft">{tr!(i18n, dialer.from)}</span>
                    <select class="select" data-testid="call-from" on:change=act(move |change| phone.choose_line(event_target_value(&change)))>
                        <option value="">{tr!(i18n, dialer.automatic)}</option>{options}
                    </select></label>
            }
        })
    };
    changing(choice)
}

#[component]
fn Match(name: String, number: api_types::PhoneNumber) -> impl IntoView {
    let phone = use_phone();
    view! {
        <li><button on:click=act(move |_| { phone.dial(&number.e164); })>
            <Avatar name=name.clone() kind="av--sm"/><span class="grow cut">{name.clone()}</span><span class="num mute t12">{number.display.clone()}</span>
        </button></li>
    }
}
