//! To whom a call is handed on: at once or after asking, somebody added, parked.

use std::time::Duration;

use api_types::Colleague;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use phone::{CallKey, Command, wire};

use crate::{
    api::{Api, use_api},
    components::{
        Avatar, Icon,
        reactive::{When, act, changing},
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        focus_soon,
    },
    state::house::use_house,
    view::{dial, directory::sort_key},
};

/// Id of the field.
const FIELD: &str = "hand-on-field";
/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);
/// Rows of each kind.
const ROWS: usize = 5;

/// Somebody a call can go to.
#[derive(Clone, PartialEq)]
struct Choice {
    name: String,
    number: String,
    shown: String,
}

/// The panel of a call; `detail` is `key only_add`.
pub fn hand_on(detail: &str) -> AnyView {
    let (key, only_add) = detail.split_once(' ').unwrap_or_default();
    key.parse()
        .ok()
        .map(|key| view! { <Panel call=CallKey(key) only_add=only_add == "true"/> })
        .into_any()
}

/// The card takes the panel away.
fn close(call: CallKey) {
    bridge::tell(Topic::Card, &format!("handed {}", call.0));
}

/// Asks the phone for something.
fn send(command: &Command) {
    bridge::tell(Topic::Command, &wire::write(command));
}

#[component]
fn Panel(call: CallKey, only_add: bool) -> impl IntoView {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    let chosen = RwSignal::new(None::<Choice>);
    let fault = RwSignal::new(false);
    let choices = choices(typed);
    focus_soon(FIELD);
    let go = move |command: fn(CallKey, String) -> Command| {
        let number = chosen
            .get_untracked()
            .map(|choice| choice.number)
            .or_else(|| typed.with_untracked(|typed| dial::number(typed)))
            .or_else(|| first_that_fits(typed, choices));
        match number {
            Some(number) => {
                close(call);
                send(&command(call, number));
            }
            None => fault.set(true),
        }
    };
    let ask = |call, number| Command::Consult { call, number };
    let transfer = |call, number| Command::Transfer { call, number };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" {
            press.stop_propagation();
            close(call);
        }
    };
    // In the field only: a button or a row that has the focus does its own.
    let on_enter = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Enter" {
            press.prevent_default();
            go(if only_add { ask } else { transfer });
        }
    };
    let on_input = move |input| {
        typed.set(event_target_value(&input));
        chosen.set(None);
        fault.set(false);
    };
    let park = move |_| {
        close(call);
        send(&Command::Park(call));
    };
    let rows = move || {
        let all = choices.get();
        all.into_iter()
            .map(|choice| view! { <Row choice typed chosen/> })
            .collect_view()
    };
    let label = if only_add {
        tr!(i18n, hand_on.add_whom)
    } else {
        tr!(i18n, hand_on.to_whom)
    };
    view! {
        <div class="hand" role="group" aria-label=label on:keydown=act(on_key) data-testid="hand-on">
            <input id=FIELD class="input" aria-label=label placeholder=label autocomplete="off" data-testid="hand-on-input" prop:value=typed on:input=act(on_input) on:keydown=act(on_enter)/>
            <ul class="menu hand__list" aria-label=tr!(i18n, dialer.matches)>{changing(rows)}</ul>
            <When when=move || fault.get()><p class="field__error" role="alert"><Icon name="circle-x"/>{tr!(i18n, dialer.not_a_number)}</p></When>
            <div class="hand__do">
                <When when=move || only_add><button class="btn btn--main grow" data-testid="add-call" on:click=act(move |_| go(ask))><Icon name="phone"/>{tr!(i18n, dialer.call)}</button></When>
                <When when=move || !only_add>
                    <button class="btn btn--main grow" data-testid="transfer-now" on:click=act(move |_| go(transfer))><Icon name="phone-forwarded"/>{tr!(i18n, hand_on.now)}</button>
                    <button class="btn" data-testid="transfer-ask" on:click=act(move |_| go(ask))><Icon name="phone"/>{tr!(i18n, hand_on.ask)}</button>
                    <button class="btn" data-testid="park" on:click=act(park)><Icon name="pause"/>{tr!(i18n, hand_on.park)}</button>
                </When>
            </div>
        </div>
    }
}

/// The first of those listed, once something is typed: before, the list is everybody.
fn first_that_fits(typed: RwSignal<String>, choices: RwSignal<Vec<Choice>>) -> Option<String> {
    let is_typed = typed.with_untracked(|typed| !typed.trim().is_empty());
    let first = choices.with_untracked(|all| all.first().map(|one| one.number.clone()));
    first.filter(|_| is_typed)
}

#[component]
fn Row(choice: Choice, typed: RwSignal<String>, chosen: RwSignal<Option<Choice>>) -> impl IntoView {
    let Choice { name, shown, .. } = choice.clone();
    let choose = move |_| {
        typed.set(choice.name.clone());
        chosen.set(Some(choice.clone()));
        focus_soon(FIELD);
    };
    view! {
        <li><button data-testid="hand-on-row" on:click=act(choose)>
            <Avatar name=name.clone() kind="av--sm"/><span class="grow cut">{name}</span><span class="num mute t12">{shown}</span>
        </button></li>
    }
}

/// Colleagues and clients that fit what is typed; colleagues before anything is.
fn choices(typed: RwSignal<String>) -> RwSignal<Vec<Choice>> {
    let api = use_api();
    let house = use_house();
    let found = RwSignal::new(Vec::<Choice>::new());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let wanted = typed.with(|typed| sort_key(typed.trim()));
        let fits = |choice: &&Choice| {
            sort_key(&choice.name).contains(&wanted) || choice.number.starts_with(&wanted)
        };
        let near: Vec<Choice> = house
            .others()
            .into_iter()
            .map(colleague)
            .filter(|choice| fits(&choice))
            .take(ROWS)
            .collect();
        found.set(near.clone());
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if wanted.chars().count() < 2 {
            return;
        }
        let ask = move || {
            spawn_local(async move {
                let clients = clients(api, &wanted).await;
                let same = typed.try_with_untracked(|typed| sort_key(typed.trim()) == wanted);
                if same == Some(true) {
                    found.set(near.into_iter().chain(clients).collect());
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    });
    found
}

fn colleague(one: Colleague) -> Choice {
    Choice {
        name: one.name,
        shown: one.extension.clone(),
        number: one.extension,
    }
}

async fn clients(api: Api, wanted: &str) -> Vec<Choice> {
    let contacts = api.callees(wanted, ROWS as u32).await.unwrap_or_default();
    let each = contacts.into_iter().flat_map(|contact| {
        let name = contact.name;
        contact.phones.into_iter().map(move |phone| Choice {
            name: name.clone(),
            number: phone.e164,
            shown: phone.display,
        })
    });
    each.collect()
}
