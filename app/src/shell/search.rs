//! The search box over contacts and calls.

use std::time::Duration;

use crate::components::reactive::{When, act, changing, flag, text};
use api_types::{CallRecord, Contact};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::{Api, use_api},
    components::{Avatar, Icon, call_parts::client_name},
    i18n::*,
    platform::{address::go, time},
    state::phone::use_phone,
    view::{call_log::Filter, dial, outcome::DirectionSign},
};

/// Id of the field.
pub const FIELD: &str = "search-field";
/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);
/// Rows of each kind.
const ROWS: u32 = 5;

/// One row of the list.
#[derive(Clone, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "a dozen rows, made anew with each search"
)]
enum Row {
    Client(Contact),
    Call(CallRecord),
    Dial(String),
    NewContact(String),
}

/// What was found for a text.
#[derive(Clone, Default, PartialEq)]
struct Found {
    text: String,
    clients: Vec<Contact>,
    calls: Vec<CallRecord>,
}

impl Found {
    fn rows(&self) -> Vec<Row> {
        let clients = self.clients.iter().cloned().map(Row::Client);
        let calls = self.calls.iter().cloned().map(Row::Call);
        let dial = dial::number(&self.text).map(|_| Row::Dial(self.text.clone()));
        let new = (!self.text.is_empty()).then(|| Row::NewContact(self.text.clone()));
        clients.chain(calls).chain(dial).chain(new).collect()
    }
}

async fn find(api: Api, text: String) -> Found {
    let filter = Filter {
        search: text.clone(),
        ..Filter::default()
    }
    .query((None, None), ROWS, "");
    let clients = api
        .contacts(&text, ROWS, "")
        .await
        .map(|page| page.items)
        .unwrap_or_default();
    let calls = api
        .calls(&filter)
        .await
        .map(|page| page.items)
        .unwrap_or_default();
    Found {
        text,
        clients,
        calls,
    }
}

/// The field in the top bar and its popover.
#[component]
pub fn SearchBox() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let typing = RwSignal::new(String::new());
    let open = RwSignal::new(false);
    let found = RwSignal::new(Found::default());
    let chosen = RwSignal::new(0_usize);
    let rows = Memo::new(move |_| found.with(Found::rows));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        typing.set(event_target_value(&input));
        let wanted = typing.get_untracked().trim().to_owned();
        open.set(!wanted.is_empty());
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        let ask = move || {
            spawn_local(async move {
                let answer = find(api, wanted).await;
                // A later text's answer may have come first.
                if typing.with_untracked(|text| text.trim() == answer.text) {
                    chosen.set(0);
                    found.set(answer);
                }
            })
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let choose = use_row_action(open, typing);
    let on_key = move |press: leptos::ev::KeyboardEvent| match press.key().as_str() {
        "Escape" => open.set(false),
        "ArrowDown" => step(&press, chosen, rows, 1),
        "ArrowUp" => step(&press, chosen, rows, -1),
        "Enter" => {
            if let Some(row) = rows
                .with_untracked(|rows| rows.get(chosen.get_untracked()).cloned())
                .filter(|_| open.get_untracked())
            {
                choose.run(row);
            }
        }
        _ => {}
    };
    view! {
        <div class="anchor anchor--find" on:keydown=act(on_key)>
            <label class="find">
                <Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
                <input id=FIELD type="search" placeholder=tr!(i18n, search.placeholder) autocomplete="off" role="combobox" aria-controls="search-list"
                    aria-expanded=text(move || open.get().to_string()) prop:value=typing on:input=act(typed) on:focus=act(move |_| open.set(!typing.with_untracked(String::is_empty)))/>
                <kbd>"Ctrl K"</kbd>
            </label>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <Results rows chosen choose/>
            </When>
        </div>
    }
}

fn step(
    press: &leptos::ev::KeyboardEvent,
    chosen: RwSignal<usize>,
    rows: Memo<Vec<Row>>,
    by: isize,
) {
    press.prevent_default();
    let count = rows.with_untracked(Vec::len).max(1);
    chosen.update(|chosen| *chosen = chosen.saturating_add_signed(by).min(count - 1));
}

/// What choosing a row does.
fn use_row_action(open: RwSignal<bool>, text: RwSignal<String>) -> Callback<Row> {
    let phone = use_phone();
    Callback::new(move |row: Row| {
        open.set(false);
        text.set(String::new());
        match row {
            Row::Client(contact) => go(&format!("/contacts?open={}", contact.id)),
            Row::Call(call) => go(&format!("/calls?call={}", call.id)),
            Row::Dial(text) => {
                phone.dial(&text);
            }
            Row::NewContact(text) => go(&format!(
                "/contacts{}",
                crate::view::query::query(&[("new", &text)])
            )),
        }
    })
}

#[component]
fn Results(rows: Memo<Vec<Row>>, chosen: RwSignal<usize>, choose: Callback<Row>) -> impl IntoView {
    let i18n = use_i18n();
    let list = move || {
        rows.get().into_iter().enumerate().map(|(place, row)| {
            let on = move || chosen.get() == place;
            let face = row_face(i18n, &row);
            view! {
                <button role="option" class:is-on=flag(on) aria-selected=text(move || on().to_string()) on:click=act(move |_| choose.run(row.clone()))>{face}</button>
            }
        }).collect_view()
    };
    view! {
        <div class="pop menu pop--find" id="search-list" role="listbox" aria-label=tr!(i18n, search.results)>
            {changing(list)}
            <When when=move || rows.with(Vec::is_empty)><div class="pop__none mute">{tr!(i18n, common.loading)}</div></When>
        </div>
    }
}

fn row_face(i18n: I18n, row: &Row) -> AnyView {
    match row {
        Row::Client(contact) => {
            let number = contact.phones.first().map(|phone| phone.display.clone());
            view! { <Avatar name=contact.name.clone() kind="av--sm"/><span class="grow cut">{contact.name.clone()}</span><span class="num mute t12">{number}</span> }.into_any()
        }
        Row::Call(call) => {
            let sign = DirectionSign::of(call.direction, call.status).icon();
            let when = format!("{} {}", time::short_day(call.started_at, i18n.get_locale()), time::clock(call.started_at, i18n.get_locale()));
            view! { <Icon name=sign/><span class="grow cut">{client_name(i18n, call)}</span><span class="num mute t12">{when}</span> }.into_any()
        }
        Row::Dial(text) => view! { <Icon name="phone"/><span class="grow cut">{fill!(i18n, search.call, text = text.clone())}</span> }.into_any(),
        Row::NewContact(text) => view! { <Icon name="user-plus"/><span class="grow cut">{fill!(i18n, search.new, text = text.clone())}</span> }.into_any(),
    }
}
