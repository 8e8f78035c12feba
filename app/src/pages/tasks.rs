//! Tasks and meetings: mine or everybody's; late, today, later, done.

use api_types::{Item, ItemKind};
use leptos::{prelude::*, task::spawn_local};

use super::{
    item_form::{ItemForm, Target, use_clicks},
    list::{BulkButton, BulkSelect, Column, Filter, List, ListBody, Spec, Words, use_deeds},
};
use crate::{
    api::use_api,
    components::{
        Icon,
        form::IconButton,
        reactive::{act, changing, text},
    },
    i18n::*,
    platform::{
        address::{amend, use_address},
        now_ms, time,
    },
    state::house::{House, use_house},
    view::item_draft,
};

/// Parts of the day's work, as the address names them.
const WHEN: [&str; 5] = ["", "late", "today", "later", "done"];

fn when_words(i18n: I18n, when: &str) -> &'static str {
    match when {
        "late" => t_string!(i18n, tasks.are_late),
        "today" => t_string!(i18n, tasks.today),
        "later" => t_string!(i18n, tasks.later),
        "done" => t_string!(i18n, tasks.are_done),
        _ => t_string!(i18n, tasks.open),
    }
}

/// `/tasks`; `?open=id` opens one.
#[component]
pub fn TasksPage() -> impl IntoView {
    let (i18n, house, api) = (use_i18n(), use_house(), use_api());
    let making = RwSignal::new(None::<Target>);
    let list = List::new(Spec {
        page: "tasks".to_owned(),
        path: "/items",
        fixed: [
            ("kind", "task,meeting"),
            ("open", "true"),
            ("owner", "me"),
            ("sort", "due"),
        ]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .to_vec(),
        columns: columns(i18n, house),
        filters: Signal::stored(vec![kinds(i18n), whose(i18n, house)]),
        words: Words {
            icon: "list-checks",
            empty: tr!(i18n, tasks.empty),
            empty_lead: tr!(i18n, tasks.empty_lead),
            search: tr!(i18n, tasks.search),
        },
        href: |task| format!("/tasks?open={}", task.id),
        testid: "task-row",
        name: |task| task.title.clone(),
    });
    let address = use_address();
    let wanted = Memo::new(move |_| address.param("open"));
    Effect::new(move |_| {
        if let Some(id) = wanted.get() {
            spawn_local(async move {
                if let Ok(task) = api.get::<Item>(&format!("/items/{id}")).await {
                    let _ = making.try_set(Some(Target::Known(task)));
                }
            });
        }
    });
    let close = move |()| {
        making.set(None);
        amend(&list.query.with_untracked(|query| query.address()));
    };
    let when = Memo::new(move |_| {
        list.query
            .with(|query| query.filters.get("when").cloned().unwrap_or_default())
    });
    let tabs = WHEN.into_iter().map(|one| view! { <button data-testid=format!("tasks-{one}") aria-pressed=text(move || when.get() == one) on:click=act(move |_| list.query.update(|query| query.set("when", one.to_owned())))>{text(move || when_words(i18n, one))}</button> }).collect_view();
    let deeds = use_deeds(list, "/items/bulk");
    let bulk = move || {
        view! {
            <BulkButton icon="check" words=tr!(i18n, tasks.finish_all) testid="bulk-done" press=move |()| deeds.set("state", "done", |i18n, count| fill!(i18n, tasks.done_many, count = count))/>
            <BulkSelect id="bulk-owner" label=tr!(i18n, items.assignee) options=house.people(tr!(i18n, clients.nobody)) choose=move |id: String| deeds.set("owner", id, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            <BulkButton icon="trash-2" words=tr!(i18n, common.delete) testid="bulk-delete" press=move |()| deeds.set("delete", true, |i18n, count| fill!(i18n, clients.deleted_many, count = count))/>
        }
    };
    let new = move |kind| making.set(Some(Target::New(item_draft::new(kind, None, None), None)));
    let actions: super::list::Cell<Item> =
        std::sync::Arc::new(move |task: &Item| done_button(i18n, list, task));
    view! {
        <div class="lst">
            <div class="page__head"><h1 class="h1">{tr!(i18n, nav.tasks)}</h1><div class="seg" role="group" aria-label=tr!(i18n, tasks.when)>{tabs}</div><span class="push"></span>
                <button class="btn" data-testid="add-meeting" on:click=act(move |_| new(ItemKind::Meeting))><Icon name="calendar"/><span class="wide">{tr!(i18n, kind.meeting)}</span></button>
                <button class="btn btn--main" data-testid="add-task" on:click=act(move |_| new(ItemKind::Task))><Icon name="plus"/><span class="wide">{tr!(i18n, clients.new_task)}</span></button></div>
            <ListBody list bulk=ViewFn::from(bulk) actions/>
        </div>
        {changing(move || making.get().map(|target| view! { <ItemForm target close saved=move |item: Item| if !list.replace(&item) { list.read_soon(); }/> }))}
    }
}

fn done_button(i18n: I18n, list: List<Item>, task: &Item) -> AnyView {
    let (clicks, task) = (use_clicks(), task.clone());
    let is_open = task.is_open;
    let label = if is_open {
        fill_now!(i18n, tasks.finish, title = task.title)
    } else {
        fill_now!(i18n, tasks.again, title = task.title)
    };
    let press = move |()| {
        let (state, say) = if is_open {
            ("done", fill_now!(i18n, tasks.done, title = task.title))
        } else {
            ("open", fill_now!(i18n, tasks.again, title = task.title))
        };
        clicks.state(
            task.clone(),
            state,
            say,
            Callback::new(move |now: Item| {
                if list.rows.try_get_untracked().is_some() && !list.replace(&now) {
                    list.read_soon();
                }
            }),
        );
    };
    view! { <IconButton icon=if is_open { "circle-check" } else { "undo-2" } label=Signal::stored(label) press testid="finish-task"/> }.into_any()
}

fn kinds(i18n: I18n) -> Filter {
    let options = Signal::derive(move || {
        vec![
            ("task".to_owned(), t_string!(i18n, nav.tasks).to_owned()),
            (
                "meeting".to_owned(),
                t_string!(i18n, tasks.meetings).to_owned(),
            ),
        ]
    });
    Filter {
        key: "kind".to_owned(),
        label: tr!(i18n, tasks.kinds),
        options,
    }
}

fn whose(i18n: I18n, house: House) -> Filter {
    let people = house.people(Signal::stored(String::new()));
    let options = Signal::derive(move || {
        let mut all = vec![(
            "all".to_owned(),
            t_string!(i18n, deals.everybody).to_owned(),
        )];
        all.extend(people.get().into_iter().skip(1));
        all
    });
    Filter {
        key: "owner".to_owned(),
        label: tr!(i18n, tasks.mine),
        options,
    }
}

fn columns(i18n: I18n, house: House) -> Signal<Vec<Column<Item>>> {
    Signal::stored(vec![
        Column::new("title", tr!(i18n, items.title), "cut", move |task: &Item| {
            let icon = crate::view::work::KindName::of(task.kind).icon();
            view! { <div class="row" class:is-done=!task.is_open><Icon name=icon class="i--14"/><span class="med cut task__t">{task.title.clone()}</span></div> }.into_any()
        }).sorted("title"),
        Column::new("due", tr!(i18n, items.due), "num", move |task: &Item| {
            let is_late = task.is_open && task.due_at.is_some_and(|due| due < now_ms());
            task.due_at.map(|due| view! { <span class:late=is_late>{text(move || time::near(due, now_ms(), i18n.get_locale()))}{is_late.then(|| view! { <span class="sr">" "{tr!(i18n, tasks.late)}</span> })}</span> }).into_any()
        }).sorted("due"),
        Column::new("client", tr!(i18n, items.client), "cut", |task: &Item| task.contact.as_ref().map(|contact| view! { <a class="cut" tabindex="-1" href=format!("/contacts/{}", contact.id)>{contact.name.clone()}</a> }).into_any()),
        Column::new("deal", tr!(i18n, kind.deal), "cut c-wide", |task: &Item| task.deal.as_ref().map(|deal| view! { <a class="cut" tabindex="-1" href=format!("/deals/{}", deal.id)>{deal.title.clone()}</a> }).into_any()),
        Column::new("owner", tr!(i18n, items.assignee), "soft c-mid", move |task: &Item| {
            let owner = task.owner.clone();
            text(move || house.person(owner.as_deref())).into_any()
        }),
        Column::new("place", tr!(i18n, items.place), "cut soft c-wide", |task: &Item| task.place.clone().into_any()),
        Column::new("call", tr!(i18n, common.call), "", move |task: &Item| task.call.as_ref().map(|call| view! { <a class="link" tabindex="-1" href=format!("/calls?call={call}")>{tr!(i18n, tasks.its_call)}</a> }).into_any()),
    ])
}
