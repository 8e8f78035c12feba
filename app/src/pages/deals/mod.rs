//! Deals: the board by stages, the list, and one deal with everything that belongs to it.

mod board;
mod deal;

use api_types::{Item, ItemKind};
use leptos::prelude::*;

use super::{
    client::sum_of,
    item_form::{ItemForm, Target},
    list::{BulkButton, BulkSelect, Column, Filter, List, ListBody, Spec, Words, use_deeds},
};
use crate::{
    components::{
        Icon,
        form::{Bound, Options, Select},
        reactive::{act, changing, text},
    },
    i18n::*,
    platform::{
        address::{go, use_address},
        time,
    },
    state::house::{House, use_house},
    view::{choice, item_draft, query::query},
};
pub use deal::DealPage;

/// `/deals`: the board; with `?view=list` the list.
#[component]
pub fn DealsPage() -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let address = use_address();
    let is_list = Memo::new(move |_| address.param("view").as_deref() == Some("list"));
    let pipeline = Memo::new(move |_| address.param("pipeline").unwrap_or_default());
    let owner = Memo::new(move |_| address.param("owner").unwrap_or_default());
    let making = RwSignal::new(None::<Target>);
    let show = move |view: &str, pipeline: &str, owner: &str| {
        go(&format!(
            "/deals{}",
            query(&[("view", view), ("pipeline", pipeline), ("owner", owner)])
        ))
    };
    let view_now = move || if is_list.get_untracked() { "list" } else { "" };
    let pipelines = Bound::new(
        move || pipeline.get(),
        move |key: String| show(view_now(), &key, &owner.get_untracked()),
    );
    let owners = Bound::new(
        move || owner.get(),
        move |id: String| show(view_now(), &pipeline.get_untracked(), &id),
    );
    let several = move || {
        (!is_list.get() && house.work(|work| work.pipelines.len()) > 1).then(|| view! { <Select bound=pipelines options=pipeline_options(i18n, house) label=tr!(i18n, items.pipeline) class="select select--chip"/> })
    };
    let whose = move || {
        (!is_list.get()).then(|| view! { <Select bound=owners options=house.people(tr!(i18n, deals.everybody)) label=tr!(i18n, clients.responsible) class="select select--chip"/> })
    };
    let new = move |_| {
        let mut draft = item_draft::new(ItemKind::Deal, None, None);
        draft.pipeline = Some(pipeline.get_untracked()).filter(|key| !key.is_empty());
        making.set(Some(Target::New(draft, None)));
    };
    let tab = move |list: bool, icon: &'static str, words: Signal<String>, testid: &'static str| view! { <button data-testid=testid aria-pressed=text(move || is_list.get() == list) on:click=act(move |_| show(if list { "list" } else { "" }, &pipeline.get_untracked(), ""))><Icon name=icon/>{words}</button> };
    let body = move || {
        if is_list.get() {
            view! { <DealList/> }.into_any()
        } else {
            view! { <board::Board pipeline=pipeline.get() owner=owner.get()/> }.into_any()
        }
    };
    view! {
        <div class="lst brd">
            <div class="page__head"><h1 class="h1">{tr!(i18n, nav.deals)}</h1>
                <div class="seg" role="group" aria-label=tr!(i18n, deals.view)>{tab(false, "square-kanban", tr!(i18n, deals.board), "deals-board")}{tab(true, "list", tr!(i18n, deals.list), "deals-list")}</div>
                {changing(several)}{changing(whose)}<span class="push"></span>
                <button class="btn btn--main" data-testid="add-deal" on:click=act(new)><Icon name="plus"/><span class="wide">{tr!(i18n, clients.new_deal)}</span></button></div>
            {changing(body)}
        </div>
        {changing(move || making.get().map(|target| view! { <ItemForm target close=move |()| making.set(None) saved=move |_| ()/> }))}
    }
}

fn pipeline_options(i18n: I18n, house: House) -> Options {
    Signal::derive(move || {
        let named = |place: usize, one: &api_types::Pipeline| {
            (
                if place == 0 {
                    String::new()
                } else {
                    one.key.clone()
                },
                choice::say(i18n, &one.name, &one.key),
            )
        };
        house.work(|work| {
            work.pipelines
                .iter()
                .enumerate()
                .map(|(place, one)| named(place, one))
                .collect()
        })
    })
}

#[component]
fn DealList() -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let list = List::new(Spec {
        page: "deals".to_owned(),
        path: "/items",
        fixed: [("kind", "deal"), ("sort", "-created"), ("view", "")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .to_vec(),
        columns: columns(i18n, house),
        filters: Signal::stored(filters(i18n, house)),
        words: Words {
            icon: "square-kanban",
            empty: tr!(i18n, deals.empty),
            empty_lead: tr!(i18n, deals.empty_lead),
            search: tr!(i18n, deals.search),
        },
        href: |deal| format!("/deals/{}", deal.id),
        testid: "deal",
        name: |deal| deal.title.clone(),
    });
    let deeds = use_deeds(list, "/items/bulk");
    let bulk = move || {
        view! {
            <BulkSelect id="bulk-owner" label=tr!(i18n, clients.responsible) options=house.people(tr!(i18n, clients.nobody)) choose=move |id: String| deeds.set("owner", id, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            <BulkSelect id="bulk-state" label=tr!(i18n, items.stage) options=stages(i18n, house) choose=move |key: String| deeds.set("state", key, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            <BulkButton icon="trash-2" words=tr!(i18n, common.delete) testid="bulk-delete" press=move |()| deeds.set("delete", true, |i18n, count| fill!(i18n, clients.deleted_many, count = count))/>
        }
    };
    view! { <ListBody list bulk=ViewFn::from(bulk)/> }
}

/// Stages of every pipeline.
fn stages(i18n: I18n, house: House) -> Options {
    Signal::derive(move || {
        let mut all: Vec<(String, String)> = Vec::new();
        house.work(|work| {
            for stage in work.pipelines.iter().flat_map(|pipeline| &pipeline.stages) {
                if all.iter().all(|(key, _)| *key != stage.key) {
                    all.push((
                        stage.key.clone(),
                        choice::say(i18n, &stage.name, &stage.key),
                    ));
                }
            }
        });
        all
    })
}

fn filters(i18n: I18n, house: House) -> Vec<Filter> {
    let people = house.people(Signal::stored(String::new()));
    let people = Signal::derive(move || people.get().into_iter().skip(1).collect());
    let open = Signal::derive(move || {
        vec![
            ("true".to_owned(), t_string!(i18n, deals.open).to_owned()),
            ("false".to_owned(), t_string!(i18n, deals.over).to_owned()),
        ]
    });
    vec![
        Filter {
            key: "state".to_owned(),
            label: tr!(i18n, items.stage),
            options: stages(i18n, house),
        },
        Filter {
            key: "owner".to_owned(),
            label: tr!(i18n, clients.responsible),
            options: people,
        },
        Filter {
            key: "open".to_owned(),
            label: tr!(i18n, deals.open_or_over),
            options: open,
        },
    ]
}

fn columns(i18n: I18n, house: House) -> Signal<Vec<Column<Item>>> {
    Signal::stored(vec![
        Column::new("title", tr!(i18n, items.title), "cut", |deal: &Item| view! { <a class="med cut" tabindex="-1" href=format!("/deals/{}", deal.id)>{deal.title.clone()}</a> }.into_any()).sorted("title"),
        Column::new("client", tr!(i18n, items.client), "cut", |deal: &Item| deal.contact.as_ref().map(|contact| view! { <a class="cut" tabindex="-1" href=format!("/contacts/{}", contact.id)>{contact.name.clone()}</a> }).into_any()),
        Column::new("state", tr!(i18n, items.stage), "", move |deal: &Item| {
            let deal = deal.clone();
            view! { <span class="chip">{text(move || house.state(&deal))}</span> }.into_any()
        }).sorted("state"),
        Column::new("amount", tr!(i18n, items.sum), "num r", move |deal: &Item| sum_of(house, deal).into_any()).sorted("amount"),
        Column::new("owner", tr!(i18n, clients.responsible), "soft c-mid", move |deal: &Item| {
            let owner = deal.owner.clone();
            text(move || house.person(owner.as_deref())).into_any()
        }),
        Column::new("due", tr!(i18n, items.due), "num soft c-wide", move |deal: &Item| deal.due_at.map(|due| time::short_day(due, i18n.get_locale())).into_any()).sorted("due"),
        Column::new("created", tr!(i18n, clients.created), "num soft c-wide", move |deal: &Item| time::short_day(deal.created_at, i18n.get_locale()).into_any()).sorted("created"),
        Column::new("updated", tr!(i18n, clients.updated), "num soft", move |deal: &Item| time::short_day(deal.updated_at, i18n.get_locale()).into_any()).sorted("updated").rare(),
    ])
}
