//! Contacts and companies: the list of each, and the form of one.

pub mod duplicates;
pub mod editor;
pub mod erase;
mod hand_over;
pub mod import;
mod menu;

use api_types::{Contact, ContactKind, Role};
use leptos::{prelude::*, task::spawn_local};

use super::list::{
    BulkButton, BulkSelect, Cell, Column, Filter, List, ListBody, Spec, Words, use_deeds,
};
use crate::{
    api::{Api, use_api},
    components::{
        Avatar, Icon, Tel,
        form::{IconButton, Options},
        reactive::{act, changing},
        say_failure_now,
    },
    i18n::*,
    platform::{
        address::{go, use_address},
        time,
    },
    state::{
        house::{House, use_house},
        session::use_session,
        toasts::{Toasts, use_toasts},
    },
};
use editor::{Editor, Target};

/// People. `?new=name` opens an empty form; `?open=id` leads to a contact's page.
#[component]
pub fn ContactsPage() -> impl IntoView {
    view! { <Book kind=ContactKind::Person/> }
}

/// Companies.
#[component]
pub fn CompaniesPage() -> impl IntoView {
    view! { <Book kind=ContactKind::Company/> }
}

fn spec(kind: ContactKind) -> Spec<Contact> {
    let i18n = use_i18n();
    let is_company = kind == ContactKind::Company;
    let (page, kind_key) = if is_company {
        ("companies", "company")
    } else {
        ("contacts", "person")
    };
    let words = if is_company {
        Words {
            icon: "building-2",
            empty: tr!(i18n, clients.no_companies),
            empty_lead: tr!(i18n, clients.no_companies_lead),
            search: tr!(i18n, contacts.search),
        }
    } else {
        Words {
            icon: "contact",
            empty: tr!(i18n, contacts.empty),
            empty_lead: tr!(i18n, contacts.empty_lead),
            search: tr!(i18n, contacts.search),
        }
    };
    Spec {
        page: page.to_owned(),
        path: "/contacts",
        fixed: vec![("kind".to_owned(), kind_key.to_owned())],
        columns: columns(page, is_company),
        filters: filters(),
        words,
        href: |contact| format!("/contacts/{}", contact.id),
        testid: "contact",
        name: |contact| contact.name.clone(),
    }
}

fn columns(page: &'static str, is_company: bool) -> Signal<Vec<Column<Contact>>> {
    let i18n = use_i18n();
    let house = use_house();
    Signal::derive(move || {
        let mut all: Vec<Column<Contact>> = vec![
            Column::new("name", tr!(i18n, contacts.name), "c-name", move |contact: &Contact| {
                let href = format!("/contacts/{}", contact.id);
                view! { <div class="row"><Avatar name=contact.name.clone() kind=if is_company { "av--sq" } else { "" }/><a class="med cut" tabindex="-1" href=href>{contact.name.clone()}</a></div> }.into_any()
            }).sorted("name"),
            Column::new("phone", tr!(i18n, contacts.phones), "num", |contact: &Contact| {
                let more = contact.phones.len().saturating_sub(1);
                let first = contact.phones.first().map(|phone| view! { <Tel number=phone.e164.clone() shown=phone.display.clone()/> });
                view! { {first}{(more > 0).then(|| view! { <span class="mute t12">{format!(" +{more}")}</span> })} }.into_any()
            }),
        ];
        if !is_company {
            all.push(Column::new("company", tr!(i18n, clients.company), "c-wide cut", |contact: &Contact| {
                contact.company.as_ref().map(|company| view! { <a class="cut" tabindex="-1" href=format!("/contacts/{}", company.id)>{company.name.clone()}</a> }).into_any()
            }));
            all.push(
                Column::new(
                    "position",
                    tr!(i18n, clients.position),
                    "cut",
                    |contact: &Contact| contact.position.clone().into_any(),
                )
                .rare(),
            );
        }
        all.extend([
            Column::new("status", tr!(i18n, clients.status), "", move |contact: &Contact| {
                let key = contact.status.clone();
                (!key.is_empty()).then(|| view! { <span class="chip">{crate::components::reactive::text(move || house.status(&key))}</span> }).into_any()
            }).sorted("status"),
            Column::new("responsible", tr!(i18n, clients.responsible), "soft c-mid", move |contact: &Contact| {
                let id = contact.responsible.clone();
                crate::components::reactive::text(move || house.person(id.as_deref())).into_any()
            }).sorted("responsible"),
            Column::new("email", tr!(i18n, clients.email), "cut soft c-wide", |contact: &Contact| contact.emails.first().map(|email| email.value.clone()).into_any()),
            Column::new("tags", tr!(i18n, clients.tags), "c-wide", |contact: &Contact| {
                contact.tags.iter().take(3).map(|tag| view! { <a class="chip chip--tag" tabindex="-1" href=crate::view::query::query(&[("tag", tag)])>{tag.clone()}</a> }).collect_view().into_any()
            }).rare(),
            Column::new("created", tr!(i18n, clients.created), "num soft", move |contact: &Contact| time::short_day(contact.created_at, i18n.get_locale()).into_any()).sorted("created").rare(),
            Column::new("updated", tr!(i18n, clients.updated), "num soft", move |contact: &Contact| time::short_day(contact.updated_at, i18n.get_locale()).into_any()).sorted("updated").rare(),
        ]);
        all.extend(own_columns(house, page));
        all
    })
}

fn own_columns(house: House, page: &str) -> Vec<Column<Contact>> {
    house.work(|work| {
        work.fields
            .iter()
            .filter(|def| def.table == page)
            .map(|def| {
                let key = def.key.clone();
                Column::new(
                    &format!("field.{key}"),
                    Signal::stored(def.label.clone()),
                    "cut",
                    move |contact: &Contact| contact.fields.get(&key).cloned().into_any(),
                )
                .rare()
            })
            .collect()
    })
}

fn filters() -> Signal<Vec<Filter>> {
    let i18n = use_i18n();
    let house = use_house();
    let without_first =
        |options: Options| Signal::derive(move || options.get().into_iter().skip(1).collect());
    let nothing = Signal::stored(String::new());
    let (statuses, people) = (
        without_first(house.choices(nothing, |work| &work.statuses)),
        without_first(house.people(nothing)),
    );
    let mut all = vec![
        Filter {
            key: "status".to_owned(),
            label: tr!(i18n, clients.status),
            options: statuses,
        },
        Filter {
            key: "responsible".to_owned(),
            label: tr!(i18n, clients.responsible),
            options: people,
        },
    ];
    // Choices and flags of the house's own can be filtered by, too.
    let own = house.work(|work| {
        work.fields
            .iter()
            .filter(|def| {
                matches!(def.table.as_str(), "contacts" | "companies") && !def.choices.is_empty()
            })
            .cloned()
            .collect::<Vec<_>>()
    });
    all.extend(own.into_iter().map(|def| {
        Filter {
            key: format!("field.{}", def.key),
            label: Signal::stored(def.label),
            options: Signal::stored(
                def.choices
                    .into_iter()
                    .map(|choice| (choice.clone(), choice))
                    .collect(),
            ),
        }
    }));
    Signal::stored(all)
}

#[component]
fn Book(kind: ContactKind) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let house = use_house();
    let toasts = use_toasts();
    let is_company = kind == ContactKind::Company;
    let list = List::new(spec(kind));
    let editing = RwSignal::new(None::<Target>);
    open_by_address(editing, kind);
    let deeds = use_deeds(list, "/contacts/bulk");
    let hand_over = use_deeds(list, "/contacts/hand-over");
    let sees_all = use_session()
        .me(|me| matches!(me.role, Role::Supervisor | Role::Admin))
        .unwrap_or_default();
    let nothing = Signal::stored(String::new());
    let statuses = house.choices(nothing, |work| &work.statuses);
    let statuses = Signal::derive(move || statuses.get().into_iter().skip(1).collect::<Vec<_>>());
    let bulk = move || {
        view! {
            <BulkSelect id="bulk-responsible" label=tr!(i18n, clients.responsible) options=house.people(tr!(i18n, clients.nobody)) choose=move |id: String| deeds.set("responsible", id, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            {sees_all.then(|| view! { <BulkSelect id="bulk-hand-over" label=tr!(i18n, care.hand_over) options=without_nobody(house) choose=move |id: String| hand_over.set("to", id, |i18n, count| fill!(i18n, care.handed_over, count = count))/> })}
            <BulkSelect id="bulk-status" label=tr!(i18n, clients.status) options=statuses choose=move |key: String| deeds.set("status", key, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            <BulkTag add=move |tag: String| deeds.set("add_tag", tag, |i18n, count| fill!(i18n, clients.changed_many, count = count))/>
            <BulkButton icon="trash-2" words=tr!(i18n, common.delete) testid="bulk-delete" press=move |()| deeds.set("delete", true, |i18n, count| fill!(i18n, clients.deleted_many, count = count))/>
        }
    };
    let actions: Cell<Contact> = std::sync::Arc::new(move |contact: &Contact| {
        let (known, gone) = (contact.clone(), contact.clone());
        view! {
            <IconButton icon="pencil" label=tr!(i18n, common.edit) press=move |()| editing.set(Some(Target::Known(known.clone()))) testid="edit-contact"/>
            <IconButton icon="trash-2" label=tr!(i18n, common.delete) press=move |()| {
                list.take_out(&gone.id);
                remove(i18n, gone.clone(), api, toasts);
            } testid="delete-contact"/>
        }.into_any()
    });
    let title = if is_company {
        tr!(i18n, nav.companies)
    } else {
        tr!(i18n, contacts.title)
    };
    let add = if is_company {
        tr!(i18n, clients.add_company)
    } else {
        tr!(i18n, contacts.add)
    };
    let icon = if is_company {
        "building-2"
    } else {
        "user-plus"
    };
    let new = move || editing.set(Some(Target::New(kind, String::new())));
    let saved = move |contact: Contact| {
        if !list.replace(&contact) {
            go(&format!("/contacts/{}", contact.id));
        }
    };
    view! {
        <div class="lst">
            <div class="page__head">
                <h1 class="h1">{title}</h1>
                <span class="push"></span>
                <menu::MoreMenu kind=if is_company { "company" } else { "person" } changed=move |()| list.read()/>
                <button class="btn btn--main" data-testid="add-contact" on:click=act(move |_| new())><Icon name=icon/><span class="wide">{add}</span></button>
            </div>
            <ListBody list bulk=ViewFn::from(bulk) actions first=ViewFn::from(move || view! {
                <div class="row">
                    <button class="btn btn--main" on:click=act(move |_| new())>{add}</button>
                    {sees_all.then(|| view! { <a class="btn" href="/contacts/import"><Icon name="upload"/>{tr!(i18n, import.title)}</a> })}
                </div>
            })/>
        </div>
        {changing(move || editing.get().map(|target| view! { <Editor target close=move |()| editing.set(None) saved/> }))}
    }
}

/// Everybody who can be handed something.
fn without_nobody(house: House) -> Options {
    let people = house.people(Signal::stored(String::new()));
    Signal::derive(move || people.get().into_iter().skip(1).collect())
}

/// A tag for many.
#[component]
fn BulkTag(#[prop(into)] add: Callback<String>) -> impl IntoView {
    let i18n = use_i18n();
    let typing = RwSignal::new(String::new());
    let submit = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let tag = typing.get_untracked().trim().to_owned();
        if !tag.is_empty() {
            add.run(tag);
        }
    };
    view! { <form class="bulk__tag" on:submit=act(submit)><input class="input" data-testid="bulk-tag" aria-label=tr!(i18n, clients.add_tag) placeholder=tr!(i18n, clients.add_tag) prop:value=typing on:input=act(move |input| typing.set(event_target_value(&input)))/></form> }
}

fn open_by_address(editing: RwSignal<Option<Target>>, kind: ContactKind) {
    let address = use_address();
    Effect::new(move |_| {
        if let Some(name) = address.param("new") {
            editing.set(Some(Target::New(kind, name)));
        }
        if let Some(id) = address.param("open") {
            go(&format!("/contacts/{id}"));
        }
    });
}

/// Deletes a contact; it comes back by Undo.
pub fn remove(i18n: I18n, contact: Contact, api: Api, toasts: Toasts) {
    spawn_local(async move {
        let name = contact.name.clone();
        match api.delete_contact(&contact.id).await {
            Ok(()) => {
                let undo = move || {
                    let id = contact.id.clone();
                    spawn_local(async move {
                        if let Err(failure) = api.restore_contact(&id).await {
                            toasts.fail(say_failure_now(i18n, &failure));
                        }
                    });
                };
                toasts.say_with(
                    fill_now!(i18n, contacts.deleted, name = name),
                    tu_string!(i18n, common.undo),
                    undo,
                );
            }
            Err(failure) => toasts.fail(format!(
                "{} {}",
                fill_now!(i18n, contacts.not_deleted, name = name),
                say_failure_now(i18n, &failure)
            )),
        }
    });
}
