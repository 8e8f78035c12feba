//! What the search field of the top bar finds, over everything: groups, marks, keys, what was opened lately.
//! The field is the desk's; this hangs on to it.

use std::time::Duration;

use api_types::{Found, Item, ItemKind};
use gloo::{
    events::{EventListener, EventListenerOptions},
    storage::{LocalStorage, Storage},
};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, KeyboardEvent};

use crate::{
    api::use_api,
    components::{
        Icon,
        call_parts::client_name,
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    platform::{
        address::go,
        bridge::{self, Topic},
        now_ms, time,
    },
    state::house::{House, use_house},
    view::{
        dial,
        outcome::DirectionSign,
        query::query,
        search::{Recent, marks, remember},
        work::KindName,
    },
};

/// Id of the field.
pub const FIELD: &str = "search-field";
/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(100);
/// Until the list goes after the field lost the focus.
const LET_GO: Duration = Duration::from_millis(250);
/// Rows of a group.
const ROWS: &str = "5";
const KEPT: &str = "trubka.searches";

/// A group of rows.
#[derive(Clone, Copy, PartialEq)]
enum Group {
    Recent,
    Contacts,
    Companies,
    Work,
    Calls,
    Do,
}

/// What choosing a row does.
#[derive(Clone, PartialEq)]
enum Deed {
    Open(String),
    Dial(String),
}

/// A row.
#[derive(Clone, PartialEq)]
struct Row {
    group: Group,
    icon: &'static str,
    title: String,
    detail: String,
    deed: Deed,
}

fn of_item(house: House, item: Item) -> Row {
    let href = match item.kind {
        ItemKind::Deal => format!("/deals/{}", item.id),
        ItemKind::Task | ItemKind::Meeting => format!("/tasks?open={}", item.id),
        ItemKind::Unsorted => "/unsorted".to_owned(),
        _ => match (&item.deal, &item.contact) {
            (Some(deal), _) => format!("/deals/{}", deal.id),
            (None, Some(contact)) => format!("/contacts/{}", contact.id),
            (None, None) => format!("/tasks?open={}", item.id),
        },
    };
    let client = item.contact.as_ref().map(|contact| contact.name.clone());
    let state = untrack(|| house.state(&item));
    let detail: Vec<String> = client
        .into_iter()
        .chain((!state.is_empty()).then_some(state))
        .collect();
    let title = if item.title.is_empty() {
        item.text.chars().take(80).collect()
    } else {
        item.title
    };
    Row {
        group: Group::Work,
        icon: KindName::of(item.kind).icon(),
        title,
        detail: detail.join(" · "),
        deed: Deed::Open(href),
    }
}

fn rows(i18n: I18n, house: House, found: Found, typed: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let groups = [
        (Group::Contacts, found.contacts, "user"),
        (Group::Companies, found.companies, "building-2"),
    ];
    for (group, contacts, icon) in groups {
        rows.extend(contacts.into_iter().map(|contact| {
            // The number that was looked for, else the first.
            let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
            let phone = contact
                .phones
                .iter()
                .find(|phone| digits.len() > 1 && phone.e164.contains(&digits))
                .or(contact.phones.first());
            let company = contact.company.as_ref().map(|company| company.name.clone());
            let detail: Vec<String> = company
                .into_iter()
                .chain(phone.map(|phone| phone.display.clone()))
                .collect();
            Row {
                group,
                icon,
                title: contact.name,
                detail: detail.join(" · "),
                deed: Deed::Open(format!("/contacts/{}", contact.id)),
            }
        }));
    }
    rows.extend(found.items.into_iter().map(|item| of_item(house, item)));
    rows.extend(found.calls.into_iter().map(|call| {
        let at = untrack(|| time::near(call.started_at, now_ms(), i18n.get_locale()));
        let number = call
            .number
            .as_ref()
            .map(|number| number.display.clone())
            .unwrap_or_default();
        Row {
            group: Group::Calls,
            icon: DirectionSign::of(call.direction, call.status).icon(),
            title: untrack(|| client_name(i18n, &call)),
            detail: format!("{number} · {at}"),
            deed: Deed::Open(format!("/calls?call={}", call.id)),
        }
    }));
    let act = |icon, title: String, deed| Row {
        group: Group::Do,
        icon,
        title,
        detail: String::new(),
        deed,
    };
    if dial::number(typed).is_some() {
        rows.push(act(
            "phone",
            fill_now!(i18n, search.call, text = typed),
            Deed::Dial(typed.to_owned()),
        ));
    }
    if !typed.is_empty() {
        rows.push(act(
            "user-plus",
            fill_now!(i18n, search.new, text = typed),
            Deed::Open(format!("/contacts{}", query(&[("new", typed)]))),
        ));
    }
    rows
}

fn recent() -> Vec<Row> {
    let list: Vec<Recent> = LocalStorage::get(KEPT).unwrap_or_default();
    let icon = |name: &str| {
        [
            "user",
            "building-2",
            "square-kanban",
            "list-checks",
            "phone",
        ]
        .into_iter()
        .find(|known| *known == name)
        .unwrap_or("history")
    };
    list.into_iter()
        .map(|one| Row {
            group: Group::Recent,
            icon: icon(&one.icon),
            title: one.title,
            detail: String::new(),
            deed: Deed::Open(one.href),
        })
        .collect()
}

/// The popover under the field.
pub fn search() -> AnyView {
    view! { <Results/> }.into_any()
}

#[component]
fn Results() -> impl IntoView {
    let (i18n, api, house) = (use_i18n(), use_api(), use_house());
    let Some(field) = document()
        .get_element_by_id(FIELD)
        .and_then(|field| field.dyn_into::<HtmlInputElement>().ok())
    else {
        return ().into_any();
    };
    let kept = StoredValue::new_local(field.clone());
    let typed = RwSignal::new(String::new());
    let (open, chosen) = (RwSignal::new(false), RwSignal::new(0_usize));
    let list = RwSignal::new(Vec::<Row>::new());
    let busy = RwSignal::new(false);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let ask = move || {
        let wanted = typed.get_untracked();
        spawn_local(async move {
            let answer = api
                .get::<Found>(&format!(
                    "/search{}",
                    query(&[("q", &wanted), ("limit", ROWS)])
                ))
                .await;
            // A later text's answer may have come first.
            if typed.try_with_untracked(|now| *now == wanted) == Some(true) {
                busy.set(false);
                chosen.set(0);
                list.set(rows(i18n, house, answer.unwrap_or_default(), &wanted));
            }
        });
    };
    let look = move || {
        let now = kept.with_value(HtmlInputElement::value).trim().to_owned();
        if let Some(Some(timer)) = timer.try_get_value() {
            timer.clear();
        }
        typed.set(now.clone());
        if now.is_empty() {
            chosen.set(0);
            busy.set(false);
            list.set(recent());
            open.set(list.with_untracked(|list| !list.is_empty()));
        } else {
            open.set(true);
            busy.set(true);
            timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
        }
    };
    let choose = Callback::new(move |row: Row| {
        open.set(false);
        kept.with_value(|field| {
            field.set_value("");
            let _ = field.blur();
        });
        match row.deed {
            Deed::Dial(number) => bridge::tell(Topic::Dial, &number),
            Deed::Open(href) => {
                if row.group != Group::Do {
                    let mut all: Vec<Recent> = LocalStorage::get(KEPT).unwrap_or_default();
                    remember(
                        &mut all,
                        Recent {
                            href: href.clone(),
                            title: row.title,
                            icon: row.icon.to_owned(),
                        },
                    );
                    let _ = LocalStorage::set(KEPT, &all);
                }
                go(&href);
            }
        }
    });
    let step = move |by: isize| {
        let last = list.with_untracked(Vec::len).saturating_sub(1);
        chosen.update(|chosen| *chosen = chosen.saturating_add_signed(by).min(last));
        request_animation_frame(|| {
            if let Ok(Some(row)) = document().query_selector("#search-list .is-on") {
                row.scroll_into_view_with_bool(false);
            }
        });
    };
    let on_key = move |event: &web_sys::Event| {
        let Some(press) = event.dyn_ref::<KeyboardEvent>() else {
            return;
        };
        match press.key().as_str() {
            "Escape" if open.get_untracked() => open.set(false),
            "ArrowDown" if !open.get_untracked() => look(),
            "ArrowDown" => step(1),
            "ArrowUp" => step(-1),
            "Enter" if open.get_untracked() => {
                let row = list.with_untracked(|list| list.get(chosen.get_untracked()).cloned());
                if let Some(row) = row.filter(|_| !busy.get_untracked()) {
                    choose.run(row);
                }
            }
            _ => return,
        }
        press.prevent_default();
    };
    let options = EventListenerOptions::enable_prevent_default();
    bridge::keep(EventListener::new_with_options(
        &field, "keydown", options, on_key,
    ));
    bridge::keep(EventListener::new(&field, "input", move |_| look()));
    bridge::keep(EventListener::new(&field, "focus", move |_| look()));
    // A press on a row takes the focus first: the row has to be there until it is let go.
    bridge::keep(EventListener::new(&field, "blur", move |_| {
        set_timeout(
            move || {
                let field = kept.try_with_value(|field| field.clone().into());
                if field.is_some_and(|field: web_sys::Element| {
                    document().active_element() != Some(field)
                }) {
                    let _ = open.try_set(false);
                }
            },
            LET_GO,
        );
    }));
    Effect::new(move |_| {
        let is_open = open.get();
        kept.with_value(|field| {
            let _ = field.set_attribute("aria-expanded", if is_open { "true" } else { "false" });
        });
    });
    // What was typed before this was here.
    if document().active_element().as_ref() == Some(field.as_ref()) {
        look();
    }
    let nothing =
        move || list.with(|list| list.iter().all(|row| row.group == Group::Do)) && !busy.get();
    view! {
        <When when=move || open.get()>
            <div class="veil" on:click=act(move |_| open.set(false))></div>
            <div class="pop menu pop--find" id="search-list" role="listbox" aria-label=tr!(i18n, search.results)>
                <When when=nothing><div class="pop__none mute">{tr!(i18n, search.nothing)}</div></When>
                {changing(move || list.get().into_iter().enumerate().map(|(place, row)| face(list, place, row, typed, chosen, choose)).collect_view())}
                <When when=move || busy.get() && list.with(Vec::is_empty)><div class="pop__none mute">{tr!(i18n, common.loading)}</div></When>
            </div>
        </When>
    }
    .into_any()
}

fn face(
    list: RwSignal<Vec<Row>>,
    place: usize,
    row: Row,
    typed: RwSignal<String>,
    chosen: RwSignal<usize>,
    choose: Callback<Row>,
) -> AnyView {
    let i18n = use_i18n();
    let is_first = list.with_untracked(|list| {
        place == 0
            || list
                .get(place - 1)
                .is_some_and(|before| before.group != row.group)
    });
    let words = match row.group {
        Group::Recent => tr!(i18n, search.recent),
        Group::Contacts => tr!(i18n, nav.contacts),
        Group::Companies => tr!(i18n, nav.companies),
        Group::Work => tr!(i18n, search.work),
        Group::Calls => tr!(i18n, nav.calls),
        Group::Do => tr!(i18n, search.actions),
    };
    let on = move || chosen.get() == place;
    let query = typed.get_untracked();
    let query = if row.group == Group::Do {
        String::new()
    } else {
        query
    };
    let mark = |text: &str| {
        marks(text, &query)
            .into_iter()
            .map(|(is_marked, part)| {
                if is_marked {
                    view! { <mark>{part}</mark> }.into_any()
                } else {
                    part.into_any()
                }
            })
            .collect_view()
    };
    let (title, detail, icon) = (mark(&row.title), mark(&row.detail), row.icon);
    view! {
        {is_first.then(|| view! { <div class="eyebrow find__g" role="presentation">{words}</div> })}
        <button role="option" tabindex="-1" data-testid="found" class:is-on=flag(on) aria-selected=text(move || on().to_string()) on:click=act(move |_| choose.run(row.clone()))><Icon name=icon/><span class="grow cut">{title}</span><span class="num mute t12 cut">{detail}</span></button>
    }
    .into_any()
}
