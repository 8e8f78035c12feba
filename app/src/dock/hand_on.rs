//! Handing a call on: to whom, at once or after asking, three at once, parked; and how that goes.

use std::time::Duration;

use crate::components::reactive::{When, act, changing, flag, text};
use api_types::Colleague;
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use phone::{CallKey, Command};

use super::card::CardModel;
use crate::{
    api::{Api, use_api},
    components::{Avatar, Icon},
    i18n::*,
    platform::focus_soon,
    state::{colleagues::use_colleagues, phone::use_phone},
    view::{
        card::{HandOnWords, target},
        dial,
        directory::sort_key,
    },
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

/// The other answered call of the person, which this one can be put together with.
pub fn partner(model: CardModel) -> Memo<Option<CallKey>> {
    let phone = use_phone();
    Memo::new(move |_| {
        let call = model.call.get().filter(|call| call.is_talking())?;
        phone
            .state
            .with(|state| target::partner(&state.calls, &call).map(|other| other.key))
    })
}

/// How a transfer goes, while the call is on the screen.
#[component]
pub fn Progress(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let said = Memo::new(move |_| {
        let transfer = model.call.with(|call| call.as_ref()?.transfer.clone());
        transfer.map(|transfer| (HandOnWords::of(&transfer).0, sentence(i18n, &transfer)))
    });
    let is_failure = move || said.get().is_some_and(|(words, _)| words.is_failure());
    view! {
        <When when=move || said.get().is_some()>
            <div class="call__why row" class:stop=flag(is_failure) role="status" data-testid="hand-on-state">
                <Icon name="phone-forwarded"/><span class="grow">{text(move || said.get().map(|(_, words)| words))}</span>
            </div>
        </When>
    }
}

/// What becomes of a transfer, in a sentence.
pub fn sentence(i18n: I18n, transfer: &phone::Transfer) -> String {
    let (words, slot) = HandOnWords::of(transfer);
    crate::view::format::fill(
        words.say(i18n),
        &[
            ("to", &transfer.to),
            ("slot", slot.as_deref().unwrap_or_default()),
        ],
    )
}

/// Two answered calls: connect them and leave, or talk all three.
#[component]
pub fn Together(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let other = partner(model);
    let both = move || {
        let call = model
            .call
            .with_untracked(|call| call.as_ref().map(|call| call.key))?;
        Some((call, other.get_untracked()?))
    };
    // Who waits is handed over to whoever is heard.
    let connect = move |_| {
        if let Some((to, call)) = both() {
            phone.send(Command::Connect { call, to });
        }
    };
    let join = move |_| {
        if let Some((other, call)) = both() {
            phone.send(Command::Join { call, other });
        }
    };
    view! {
        <When when=move || other.get().is_some()>
            <div class="call__act">
                <button class="btn" data-testid="connect" on:click=act(connect)><Icon name="phone-forwarded"/>{tr!(i18n, hand_on.connect)}</button>
                <button class="btn" data-testid="join" on:click=act(join)><Icon name="merge"/>{tr!(i18n, hand_on.join)}</button>
            </div>
        </When>
    }
}

/// The panel, while it is open for this call.
#[component]
pub fn HandOn(model: CardModel) -> impl IntoView {
    let phone = use_phone();
    let open = Memo::new(move |_| {
        let call = model.call.get().filter(|call| call.is_talking())?;
        phone.hand_on.get().filter(|(key, _)| *key == call.key)
    });
    changing(move || {
        open.get()
            .map(|(call, only_add)| view! { <Panel call only_add/> })
    })
}

#[component]
fn Panel(call: CallKey, only_add: bool) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
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
                phone.hand_on.set(None);
                phone.send(command(call, number));
            }
            None => fault.set(true),
        }
    };
    let ask = |call, number| Command::Consult { call, number };
    let transfer = |call, number| Command::Transfer { call, number };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" {
            press.stop_propagation();
            phone.hand_on.set(None);
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
        phone.hand_on.set(None);
        phone.send(Command::Park(call));
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
    let colleagues = use_colleagues();
    let found = RwSignal::new(Vec::<Choice>::new());
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let wanted = typed.with(|typed| sort_key(typed.trim()));
        let fits = |choice: &&Choice| {
            sort_key(&choice.name).contains(&wanted) || choice.number.starts_with(&wanted)
        };
        let near: Vec<Choice> = colleagues
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
    let page = api.contacts(wanted, ROWS as u32, "").await;
    let contacts = page.map(|page| page.items).unwrap_or_default();
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
