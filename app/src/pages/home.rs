//! What of the agent's home is made here: missed calls to return, and one's own tasks.

use api_types::{CallRecord, Event, Item, ItemKind, Page};
use leptos::{prelude::*, task::spawn_local};

use super::desktop::short_time;
use crate::{
    api::{events::use_live, use_api},
    components::{
        Icon,
        call_parts::client_name,
        reactive::{When, act, changing, flag, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::{
        bridge::{self, Topic},
        now_ms,
    },
    state::{
        remote::{Remote, read_into},
        session::use_session,
        toasts::use_toasts,
    },
    view::missed,
};

/// Rows of each.
const ROWS: usize = 6;
/// Missed calls read: a caller may have tried several times.
const READ: u32 = 50;

/// Both lists.
pub fn home() -> AnyView {
    let i18n = use_i18n();
    let signed_in = use_session();
    let me = Memo::new(move |_| signed_in.me(|me| me.id.clone()));
    view! {
        <div class="two">
            <section aria-labelledby="missed"><Missed/></section>
            <section aria-labelledby="tasks">{changing(move || match me.get() {
                Some(me) => view! { <Tasks me/> }.into_any(),
                None => view! { <div class="sec"><h2 class="h2">{tr!(i18n, home.tasks)}</h2></div> }.into_any(),
            })}</section>
        </div>
    }
    .into_any()
}

#[component]
fn Missed() -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let list = RwSignal::new(Remote::<Vec<CallRecord>>::Loading);
    let read = move || {
        let path = format!("/calls?missed_not_returned=true&limit={READ}");
        read_into(list, async move {
            api.get::<Page<CallRecord>>(&path)
                .await
                .map(|page| page.items)
        });
    };
    read();
    use_live().follow(move |event| match event {
        Event::Call(call) => list.update(|list| {
            if let Some(list) = list.ready_mut() {
                missed::take_in(list, call);
            }
        }),
        Event::Many | Event::Resync => read(),
        _ => {}
    });
    let callers = Memo::new(move |_| {
        list.with(|list| {
            list.ready()
                .map(|list| missed::callers(list))
                .unwrap_or_default()
        })
    });
    let count = move || callers.with(Vec::len);
    let rows = move || {
        let shown = callers.get().into_iter().take(ROWS);
        shown.map(|call| view! { <Caller call/> }).collect_view()
    };
    let rows = StoredValue::new(changing(rows));
    view! {
        <div class="sec"><h2 class="h2" id="missed">{tr!(i18n, home.missed)}</h2>
            <When when=move || count() != 0><span class="count count--stop" data-testid="missed-count">{text(move || count().to_string())}</span></When>
            <a class="link push t12" href="/calls?view=missed">{tr!(i18n, home.all)}</a></div>
        <RemoteView source=list again=move |()| read()>
            <When when=move || count() != 0 otherwise=ViewFn::from(move || view! { <p class="mute two__none">{tr!(i18n, home.none_missed)}</p> })>
                <ul class="list">{rows.get_value()}</ul>
            </When>
        </RemoteView>
    }
}

#[component]
fn Caller(call: CallRecord) -> impl IntoView {
    let i18n = use_i18n();
    let name = match &call.contact {
        Some(contact) => view! { <a class="med cut" href=format!("/contacts/{}", contact.id)>{contact.name.clone()}</a> }.into_any(),
        None => {
            let number = call.number.as_ref().map(|number| number.display.clone());
            let name = number.unwrap_or_else(|| client_name(i18n, &call));
            view! { <span class="med cut num">{name}</span> }.into_any()
        }
    };
    let number = match &call.contact {
        Some(_) => call.number.as_ref().map(|number| number.display.clone()),
        None => Some(t_string!(i18n, common.unknown).to_owned()).filter(|_| call.number.is_some()),
    };
    let line = call.line.as_ref().map(|line| line.label.clone());
    let second: Vec<String> = [number, line, Some(short_time(i18n, call.started_at))]
        .into_iter()
        .flatten()
        .collect();
    let tries = (call.tries > 0).then(|| fill!(i18n, home.tries, count = call.tries));
    let deal = call.deal.is_some();
    let back = match (&call.calling_back, &call.number) {
        (Some(who), _) => view! { <span class="t12 soft" role="status" data-testid="missed-calling">{fill!(i18n, home.calling, who = who.name)}</span> }.into_any(),
        (None, Some(number)) => {
            let number = number.e164.clone();
            view! { <button class="btn" data-testid="missed-call-back" on:click=act(move |_| bridge::tell(Topic::Dial, &number))><Icon name="phone"/>{tr!(i18n, card.call_back)}</button> }.into_any()
        }
        (None, None) => ().into_any(),
    };
    view! {
        <li data-testid="missed-row" data-id=call.id><span class="dir dir--miss"><Icon name="phone-missed"/></span>
            <div class="grow"><div class="row two__name">{name}{tries.map(|tries| view! { <span class="chip chip--line">{tries}</span> })}{deal.then(|| view! { <span class="chip chip--acc">{tr!(i18n, home.deal)}</span> })}</div>
            <div class="t12 mute cut num">{second.join(" · ")}</div></div>{back}</li>
    }
}

#[component]
fn Tasks(me: String) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let list = RwSignal::new(Remote::<Vec<Item>>::Loading);
    let owner = me.clone();
    let read = move || {
        let path = format!(
            "/items?kind=task,meeting&open=true&owner={owner}&sort=due&limit={}",
            ROWS * 2
        );
        read_into(list, async move {
            api.get::<Page<Item>>(&path).await.map(|page| page.items)
        });
    };
    read();
    let again = read.clone();
    use_live().follow(move |event| match event {
        Event::Item(item) if matches!(item.kind, ItemKind::Task | ItemKind::Meeting) => {
            list.update(|list| {
                if let Some(list) = list.ready_mut() {
                    take_in(list, item, &me);
                }
            });
        }
        Event::ItemDeleted { id } => list.update(|list| {
            if let Some(list) = list.ready_mut() {
                list.retain(|known| known.id != *id);
            }
        }),
        Event::Many | Event::Resync => read(),
        _ => {}
    });
    let count = move || list.with(|list| list.ready().map_or(0, Vec::len));
    let rows = move || {
        let all = list.with(|list| list.ready().cloned().unwrap_or_default());
        all.into_iter()
            .take(ROWS)
            .map(|item| view! { <Task item list/> })
            .collect_view()
    };
    let rows = StoredValue::new(changing(rows));
    view! {
        <div class="sec"><h2 class="h2" id="tasks">{tr!(i18n, home.tasks)}</h2>
            <When when=move || count() != 0><span class="count">{text(move || count().to_string())}</span></When>
            <a class="link push t12" href="/tasks">{tr!(i18n, home.all)}</a></div>
        <RemoteView source=list again=move |()| again()>
            <When when=move || count() != 0 otherwise=ViewFn::from(move || view! { <p class="mute two__none">{tr!(i18n, home.no_tasks)}</p> })>
                <ul class="list">{rows.get_value()}</ul>
            </When>
        </RemoteView>
    }
}

/// By when they are due; those without a time last.
fn take_in(list: &mut Vec<Item>, item: &Item, me: &str) {
    list.retain(|known| known.id != item.id);
    if item.is_open && item.owner.as_deref() == Some(me) {
        let due = |item: &Item| item.due_at.unwrap_or(i64::MAX);
        let at = list.partition_point(|known| due(known) <= due(item));
        list.insert(at, item.clone());
    }
}

#[component]
fn Task(item: Item, list: RwSignal<Remote<Vec<Item>>>) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let is_late = item.due_at.is_some_and(|due| due < now_ms());
    let when = item.due_at.map(|due| {
        let when = short_time(i18n, due);
        if is_late {
            fill!(i18n, home.late, time = when)
        } else {
            when
        }
    });
    let client = item.contact.as_ref().map(|contact| contact.name.clone());
    let title = item.title.clone();
    let label = title.clone();
    let set = move |id: String, state: &'static str| async move {
        let body = serde_json::json!({ "state": state });
        api.patch::<Item>(&format!("/items/{id}"), &body).await
    };
    let done = move |_| {
        let (item, id) = (item.clone(), item.id.clone());
        list.update(|list| {
            if let Some(list) = list.ready_mut() {
                list.retain(|known| known.id != id);
            }
        });
        spawn_local(async move {
            match set(id.clone(), "done").await {
                Ok(_) => {
                    let undo = move || {
                        let id = id.clone();
                        spawn_local(async move { drop(set(id, "open").await) });
                    };
                    let words = fill_now!(i18n, home.done, title = item.title);
                    toasts.say_with(words, tu_string!(i18n, common.undo), undo);
                }
                Err(failure) => {
                    list.update(|list| {
                        if let Some(list) = list.ready_mut() {
                            list.insert(0, item);
                        }
                    });
                    toasts.fail(say_failure_now(i18n, &failure));
                }
            }
        });
    };
    view! {
        <li data-testid="home-task"><input class="cb" type="checkbox" aria-label=label on:change=act(done)/><div class="grow"><div class="cut">{title}</div><div class="t12 mute cut">{client}</div></div>
            <span class="num t12" class:wait=flag(move || is_late) class:med=flag(move || is_late) class:soft=flag(move || !is_late)>{when}</span></li>
    }
}
