//! Fields and tables of the house's own; what the card shows; where a caller is looked up.

use std::sync::Arc;

use api_types::{FieldDef, FieldKind, TableDef, WorkSettings};
use leptos::prelude::*;

use super::{Draft, line_buttons, new_key, text_of, use_draft};
use crate::{
    components::{
        Empty, Icon,
        form::{Bound, Cell, Flag, PickList, Places, Select, TextField},
        reactive::{When, act, changing, flag},
    },
    i18n::*,
};

const TABLES: [&str; 6] = [
    "contacts",
    "companies",
    "deals",
    "orders",
    "requests",
    "tasks",
];
const KINDS: [(&str, FieldKind); 7] = [
    ("text", FieldKind::Text),
    ("number", FieldKind::Number),
    ("date", FieldKind::Date),
    ("choice", FieldKind::Choice),
    ("flag", FieldKind::Flag),
    ("link", FieldKind::Link),
    ("phone", FieldKind::Phone),
];

fn table_name(i18n: I18n, key: &str) -> Option<&'static str> {
    Some(match key {
        "contacts" => t_string!(i18n, nav.contacts),
        "companies" => t_string!(i18n, nav.companies),
        "deals" => t_string!(i18n, nav.deals),
        "orders" => t_string!(i18n, timeline.orders),
        "requests" => t_string!(i18n, clients.requests),
        "tasks" => t_string!(i18n, nav.tasks),
        _ => return None,
    })
}

fn kind_name(i18n: I18n, key: &str) -> &'static str {
    match key {
        "number" => t_string!(i18n, work_set.kind_number),
        "date" => t_string!(i18n, work_set.kind_date),
        "choice" => t_string!(i18n, work_set.kind_choice),
        "flag" => t_string!(i18n, work_set.kind_flag),
        "link" => t_string!(i18n, work_set.kind_link),
        "phone" => t_string!(i18n, work_set.kind_phone),
        _ => t_string!(i18n, work_set.kind_text),
    }
}

#[component]
pub fn Fields() -> impl IntoView {
    let (i18n, draft) = (use_i18n(), use_draft());
    let count = Memo::new(move |_| draft.now.with(|work| work.fields.len()));
    let add = move |_| {
        draft.change(|work| {
            work.fields.push(FieldDef {
                key: new_key("field"),
                table: "contacts".to_owned(),
                label: String::new(),
                kind: FieldKind::Text,
                choices: Vec::new(),
                required: false,
            })
        })
    };
    let tables = Memo::new(move |_| draft.now.with(|work| work.tables.len()));
    let add_table = move |_| {
        draft.change(|work| {
            work.tables.push(TableDef {
                key: new_key("table"),
                name: String::new(),
            })
        })
    };
    let none = move || view! { <Empty icon="sliders-horizontal" title=tr!(i18n, work_set.no_fields) lead=tr!(i18n, work_set.no_fields_lead)/> };
    let card = Signal::derive(move || draft.now.with(|work| work.card_fields.clone()));
    let card_names = Signal::derive(move || {
        let mut names: Vec<(String, String)> = [
            ("company", t_string!(i18n, clients.company)),
            ("status", t_string!(i18n, clients.status)),
            ("email", t_string!(i18n, clients.email)),
            ("manager", t_string!(i18n, clients.responsible)),
            ("position", t_string!(i18n, clients.position)),
            ("address", t_string!(i18n, clients.address)),
        ]
        .map(|(key, name)| (key.to_owned(), name.to_owned()))
        .to_vec();
        draft.now.with(|work| {
            names.extend(
                work.fields
                    .iter()
                    .filter(|def| def.table == "contacts")
                    .map(|def| (def.key.clone(), def.label.clone())),
            )
        });
        names
    });
    let orders = text_of(
        draft,
        |work| work.card_orders.to_string(),
        |work, text| work.card_orders = text.trim().parse().unwrap_or_default(),
    );
    let lookup = Signal::derive(move || draft.now.with(|work| work.lookup.clone()));
    let lookup_names = Signal::derive(move || {
        let mut names = ["contacts", "companies"]
            .map(|key| {
                let name = table_name(i18n, key).unwrap_or_default();
                (key.to_owned(), name.to_owned())
            })
            .to_vec();
        draft.now.with(|work| {
            let has_phone = |table: &&TableDef| {
                let is_phone =
                    |def: &FieldDef| def.table == table.key && def.kind == FieldKind::Phone;
                work.fields.iter().any(is_phone)
            };
            let own = work.tables.iter().filter(has_phone);
            names.extend(own.map(|table| (table.key.clone(), table.name.clone())));
        });
        names
    });
    view! {
        <section><div class="sec"><h3 class="h2">{tr!(i18n, work_set.fields)}</h3></div>
            <When when=move || count.get() != 0 otherwise=ViewFn::from(none)><Places count row=move |place| field(draft, place)/></When>
            <button type="button" class="btn btn--acc" data-testid="add-field" on:click=act(add)><Icon name="plus"/>{tr!(i18n, work_set.add_field)}</button></section>
        <section><div class="sec"><h3 class="h2">{tr!(i18n, work_set.tables)}</h3><span class="soft t12">{tr!(i18n, work_set.tables_lead)}</span></div>
            <Places count=tables row=move |place| table(draft, place)/>
            <button type="button" class="btn btn--acc" data-testid="add-table" on:click=act(add_table)><Icon name="plus"/>{tr!(i18n, work_set.add_table)}</button></section>
        <section><div class="sec"><h3 class="h2">{tr!(i18n, work_set.card)}</h3><span class="soft t12">{tr!(i18n, work_set.card_lead)}</span></div>
            <PickList chosen=card write=Callback::new(move |list| draft.change(|work| work.card_fields = list)) names=card_names add=tr!(i18n, work_set.add_field) testid="card-fields"/>
            <div class="wk__cur"><TextField id="card-orders" label=tr!(i18n, work_set.card_orders) bound=orders hint=tr!(i18n, work_set.card_orders_hint)/></div></section>
        <section><div class="sec"><h3 class="h2">{tr!(i18n, work_set.lookup)}</h3><span class="soft t12">{tr!(i18n, work_set.lookup_lead)}</span></div>
            <PickList chosen=lookup write=Callback::new(move |list| draft.change(|work| work.lookup = list)) names=lookup_names add=tr!(i18n, work_set.add_table) testid="lookup"/></section>
    }
}

fn field(draft: Draft, place: usize) -> AnyView {
    let i18n = use_i18n();
    let read = move |work: &WorkSettings| work.fields.get(place).cloned();
    let part = move |get: fn(&FieldDef) -> String, set: fn(&mut FieldDef, String)| {
        text_of(
            draft,
            move |work| read(work).map(|def| get(&def)).unwrap_or_default(),
            move |work, text| {
                if let Some(def) = work.fields.get_mut(place) {
                    set(def, text);
                }
            },
        )
    };
    let label = part(|def| def.label.clone(), |def, text| def.label = text);
    let table = part(|def| def.table.clone(), |def, text| def.table = text);
    let kind = part(
        |def| {
            KINDS
                .iter()
                .find(|(_, kind)| *kind == def.kind)
                .map_or("text", |(name, _)| name)
                .to_owned()
        },
        |def, text| {
            def.kind = KINDS
                .iter()
                .find(|(name, _)| *name == text)
                .map_or(FieldKind::Text, |(_, kind)| *kind)
        },
    );
    let choices = part(
        |def| def.choices.join(", "),
        |def, text| {
            def.choices = text
                .split(',')
                .map(|one| one.trim_start().to_owned())
                .collect()
        },
    );
    let tables = Signal::derive(move || {
        let mut all: Vec<(String, String)> = TABLES
            .map(|key| {
                (
                    key.to_owned(),
                    table_name(i18n, key).unwrap_or_default().to_owned(),
                )
            })
            .to_vec();
        draft.now.with(|work| {
            all.extend(
                work.tables
                    .iter()
                    .map(|table| (table.key.clone(), table.name.clone())),
            )
        });
        all
    });
    let kinds = Signal::derive(move || {
        KINDS
            .map(|(key, _)| (key.to_owned(), kind_name(i18n, key).to_owned()))
            .to_vec()
    });
    let required = Flag {
        read: flag(move || draft.now.with(read).is_some_and(|def| def.required)),
        write: Callback::new(move |on| {
            draft.change(|work| {
                if let Some(def) = work.fields.get_mut(place) {
                    def.required = on;
                }
            })
        }),
    };
    let is_choice = Memo::new(move |_| {
        draft
            .now
            .with(read)
            .is_some_and(|def| def.kind == FieldKind::Choice)
    });
    let more = move || {
        is_choice.get().then(|| view! { <div class="wk__c"><Cell bound=choices label=tr!(i18n, work_set.choices_of) placeholder=tr!(i18n, work_set.choices_ph) class="input"/></div> })
    };
    let buttons = line_buttons(
        draft,
        Arc::new(|work: &mut WorkSettings| &mut work.fields),
        place,
        Signal::stored(true),
    );
    view! {
        <div class="wk__f"><div class="wk__l wk__l--field"><Cell bound=label label=tr!(i18n, work_set.label) placeholder=tr!(i18n, work_set.label) class="input" testid="field-label"/><Select bound=table options=tables label=tr!(i18n, work_set.where_) class="select"/><Select bound=kind options=kinds label=tr!(i18n, work_set.holds) class="select"/>
            <label class="check"><input type="checkbox" prop:checked=required.read on:change=act(move |change| required.write.run(event_target_checked(&change)))/><span class="soft">{tr!(i18n, work_set.required)}</span></label>{buttons}</div>{changing(more)}</div>
    }
    .into_any()
}

fn table(draft: Draft, place: usize) -> AnyView {
    let i18n = use_i18n();
    let name: Bound = text_of(
        draft,
        move |work| {
            work.tables
                .get(place)
                .map(|table| table.name.clone())
                .unwrap_or_default()
        },
        move |work, text| {
            if let Some(table) = work.tables.get_mut(place) {
                table.name = text;
            }
        },
    );
    let buttons = line_buttons(
        draft,
        Arc::new(|work: &mut WorkSettings| &mut work.tables),
        place,
        Signal::stored(true),
    );
    view! { <div class="wk__l"><Cell bound=name label=tr!(i18n, work_set.table_name) placeholder=tr!(i18n, work_set.table_name) class="input" testid="table-name"/>{buttons}</div> }.into_any()
}
