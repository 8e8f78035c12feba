//! Tables the house added: a list of each, and their links in the rail.

use api_types::{Item, ItemDraft, ItemKind};
use leptos::{prelude::*, task::spawn_local};

use super::{
    item_form::{ItemForm, Target},
    list::{BulkButton, Column, List, ListBody, Spec, Words, use_deeds},
};
use crate::{
    api::use_api,
    components::{
        Icon, Tel,
        reactive::{act, changing, maybe, text},
    },
    i18n::*,
    platform::{
        address::{amend, use_address},
        time,
    },
    state::house::use_house,
};

/// The links of the rail.
pub fn links() -> AnyView {
    let (house, address) = (use_house(), use_address());
    let rows = move || {
        house.work(|work| work.tables.clone()).into_iter().map(|table| {
            let href = format!("/tables/{}", table.key);
            let (here, name) = (href.clone(), table.name.clone());
            view! { <li><a class="nav nav--extra" href=href title=name aria-current=maybe(move || address.is(|path| path == here).then_some("page"))><Icon name="table-2" class="i--18"/><span>{table.name}</span></a></li> }
        }).collect_view()
    };
    view! { <ul>{changing(rows)}</ul> }.into_any()
}

/// `/tables/{key}`; `?open=id` opens a row.
#[component]
pub fn TablePage(table: String) -> impl IntoView {
    let (i18n, house, api) = (use_i18n(), use_house(), use_api());
    let making = RwSignal::new(None::<Target>);
    let name = {
        let table = table.clone();
        text(move || {
            house.work(|work| {
                work.tables
                    .iter()
                    .find(|one| one.key == table)
                    .map(|one| one.name.clone())
            })
        })
    };
    let list = List::new(Spec {
        page: table.clone(),
        path: "/items",
        fixed: vec![
            ("kind".to_owned(), "own".to_owned()),
            ("table".to_owned(), table.clone()),
        ],
        columns: columns(table.clone()),
        filters: Signal::stored(Vec::new()),
        words: Words {
            icon: "table-2",
            empty: tr!(i18n, tables.empty),
            empty_lead: tr!(i18n, tables.empty_lead),
            search: tr!(i18n, tasks.search),
        },
        href: |row| {
            format!(
                "/tables/{}?open={}",
                row.table.as_deref().unwrap_or_default(),
                row.id
            )
        },
        testid: "table-row",
        name: |row| row.title.clone(),
    });
    let address = use_address();
    let wanted = Memo::new(move |_| address.param("open"));
    Effect::new(move |_| {
        if let Some(id) = wanted.get() {
            spawn_local(async move {
                if let Ok(row) = api.get::<Item>(&format!("/items/{id}")).await {
                    let _ = making.try_set(Some(Target::Known(row)));
                }
            });
        }
    });
    let close = move |()| {
        making.set(None);
        amend(&list.query.with_untracked(|query| query.address()));
    };
    let deeds = use_deeds(list, "/items/bulk");
    let bulk = move || view! { <BulkButton icon="trash-2" words=tr!(i18n, common.delete) testid="bulk-delete" press=move |()| deeds.set("delete", true, |i18n, count| fill!(i18n, clients.deleted_many, count = count))/> };
    let new = move |_| {
        making.set(Some(Target::New(
            ItemDraft {
                kind: ItemKind::Own,
                table: Some(table.clone()),
                ..ItemDraft::default()
            },
            None,
        )))
    };
    view! {
        <div class="lst">
            <div class="page__head"><h1 class="h1">{name}</h1><span class="push"></span><button class="btn btn--main" data-testid="add-row" on:click=act(new)><Icon name="plus"/><span class="wide">{tr!(i18n, tables.add)}</span></button></div>
            <ListBody list bulk=ViewFn::from(bulk)/>
        </div>
        {changing(move || making.get().map(|target| view! { <ItemForm target close saved=move |row: Item| if !list.replace(&row) { list.read_soon(); }/> }))}
    }
}

fn columns(table: String) -> Signal<Vec<Column<Item>>> {
    let (i18n, house) = (use_i18n(), use_house());
    Signal::derive(move || {
        let mut all = vec![
            Column::new("title", tr!(i18n, items.title), "cut", |row: &Item| {
                view! { <span class="med">{row.title.clone()}</span> }.into_any()
            })
            .sorted("title"),
            Column::new("client", tr!(i18n, items.client), "cut", |row: &Item| {
                row.contact.as_ref().map(|contact| view! { <a class="cut" tabindex="-1" href=format!("/contacts/{}", contact.id)>{contact.name.clone()}</a> }).into_any()
            }),
        ];
        let own = house.work(|work| {
            work.fields
                .iter()
                .filter(|def| def.table == table)
                .cloned()
                .collect::<Vec<_>>()
        });
        all.extend(own.into_iter().map(|def| {
            let (key, is_phone) = (def.key.clone(), def.kind == api_types::FieldKind::Phone);
            Column::new(
                &def.key,
                Signal::stored(def.label),
                "cut",
                move |row: &Item| {
                    let value = row.fields.get(&key).cloned().unwrap_or_default();
                    if is_phone && !value.is_empty() {
                        view! { <Tel number=value.clone() shown=value/> }.into_any()
                    } else {
                        value.into_any()
                    }
                },
            )
        }));
        all.push(
            Column::new(
                "created",
                tr!(i18n, clients.created),
                "num soft",
                move |row: &Item| time::short_day(row.created_at, i18n.get_locale()).into_any(),
            )
            .sorted("created"),
        );
        all
    })
}
