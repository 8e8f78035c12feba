//! The left column: how to reach him, what is known of him, tags, files. Each field is changed where it stands.

use api_types::{ContactKind, FieldDef, FieldKind};
use leptos::{html, prelude::*};

use super::{Client, files::FilesOf, phone_row};
use crate::{
    components::{
        Avatar,
        form::{Bound, IconButton, Options, Select},
        reactive::{act, changing, text},
    },
    i18n::*,
    pages::pick::TagsEdit,
    platform::time,
    state::house::use_house,
};

/// A label of a phone or an address in words.
pub fn label(i18n: I18n, label: &str) -> String {
    match label {
        "work" => t_string!(i18n, clients.label_work).to_owned(),
        "mobile" => t_string!(i18n, clients.label_mobile).to_owned(),
        "home" => t_string!(i18n, clients.label_home).to_owned(),
        own => own.to_owned(),
    }
}

#[component]
pub fn Fields(client: Client) -> impl IntoView {
    let i18n = use_i18n();
    let phones = Memo::new(move |_| client.read(|contact| contact.phones.clone()));
    let emails = Memo::new(move |_| client.read(|contact| contact.emails.clone()));
    let addresses = Memo::new(move |_| client.read(|contact| contact.addresses.clone()));
    let reach = move || {
        let phones = phones
            .get()
            .into_iter()
            .map(|phone| phone_row(i18n, phone.e164, phone.display, &phone.label))
            .collect_view();
        let emails = emails.get().into_iter().map(|email| {
            let href = format!("mailto:{}", email.value);
            view! { <li><a class="cut" href=href>{email.value}</a><span class="mute t12">{label(i18n, &email.label)}</span></li> }
        }).collect_view();
        let addresses = addresses.get().into_iter().map(|one| view! { <li><span class="wrap">{one.value}</span><span class="mute t12">{label(i18n, &one.label)}</span></li> }).collect_view();
        view! { {phones}{emails}{addresses} }
    };
    let nothing = move || phones.with(Vec::is_empty) && emails.with(Vec::is_empty);
    let none =
        move || nothing().then(|| view! { <p class="mute t12">{tr!(i18n, clients.no_reach)}</p> });
    let tags = Signal::derive(move || client.read(|contact| contact.tags.clone()));
    let write = move |tags: Vec<String>| client.change(move |draft| draft.tags = tags.clone());
    view! {
        <aside class="c__l" aria-label=tr!(i18n, clients.fields)>
            <section><div class="row"><h2 class="eyebrow">{tr!(i18n, clients.contact)}</h2><span class="push"><IconButton icon="pencil" label=tr!(i18n, clients.edit_all) press=move |()| client.editing.set(true) testid="edit-fields"/></span></div>
                <ul class="ph">{changing(reach)}</ul>{changing(none)}</section>
            <section><h2 class="eyebrow">{tr!(i18n, clients.details)}</h2><dl class="kv c__kv"><Details client/></dl></section>
            <section><h2 class="eyebrow">{tr!(i18n, clients.tags)}</h2><TagsEdit tags write id="client-tags"/></section>
            <section><FilesOf by="contact" id=client.read(|contact| contact.id.clone())/></section>
        </aside>
    }
}

#[component]
fn Details(client: Client) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let is_company = client.read(|contact| contact.kind == ContactKind::Company);
    let manager = Bound::new(
        move || {
            client
                .read(|contact| contact.responsible.clone())
                .unwrap_or_default()
        },
        move |id: String| client.change(move |draft| draft.responsible = Some(id.clone())),
    );
    let status = Bound::new(
        move || client.read(|contact| contact.status.clone()),
        move |key: String| client.change(move |draft| draft.status = key.clone()),
    );
    let position = Bound::new(
        move || client.read(|contact| contact.position.clone()),
        move |typed: String| client.change(move |draft| draft.position = typed.clone()),
    );
    let manager_face = move || {
        let name = house.person(Some(&manager.read.get()));
        (!name.is_empty()).then(|| view! { <span class="row manager"><Avatar name=name.clone() kind="av--sm"/><span class="cut">{name}</span></span> }).into_any()
    };
    let status_face = move || house.status(&status.read.get()).into_any();
    let table = if is_company { "companies" } else { "contacts" };
    let defs = Memo::new(move |_| {
        house.work(|work| {
            work.fields
                .iter()
                .filter(|def| def.table == table)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let own = move || {
        defs.get()
            .into_iter()
            .map(|def| own_field(client, def))
            .collect_view()
    };
    let since =
        move || client.read(|contact| time::long_date(contact.created_at, i18n.get_locale()));
    view! {
        <InPlace id="manager" label=tr!(i18n, clients.responsible) bound=manager face=ViewFn::from(manager_face) options=house.people(tr!(i18n, clients.nobody))/>
        <InPlace id="status" label=tr!(i18n, clients.status) bound=status face=ViewFn::from(status_face) options=house.choices(tr!(i18n, clients.no_status), |work| &work.statuses)/>
        {(!is_company).then(|| view! { <InPlace id="position" label=tr!(i18n, clients.position) bound=position face=ViewFn::from(move || position.read.get().into_any())/> })}
        {changing(own)}
        <dt>{tr!(i18n, clients.created)}</dt><dd class="num">{text(since)}</dd>
    }
}

fn own_field(client: Client, def: FieldDef) -> AnyView {
    let i18n = use_i18n();
    let (key, write_key, kind) = (def.key.clone(), def.key.clone(), def.kind);
    let bound = Bound::new(
        move || {
            client
                .read(|contact| contact.fields.get(&key).cloned())
                .unwrap_or_default()
        },
        move |value: String| {
            let key = write_key.clone();
            client.change(move |draft| {
                draft.fields.insert(key.clone(), value.clone());
            });
        },
    );
    let face = move || {
        let value = bound.read.get();
        match kind {
            FieldKind::Flag if value == "true" => t_string!(i18n, clients.yes).into_any(),
            FieldKind::Link if value.starts_with("http://") || value.starts_with("https://") => {
                let shown = value
                    .trim_start_matches("https://")
                    .trim_start_matches("http://")
                    .trim_end_matches('/')
                    .to_owned();
                view! { <a class="link" href=value target="_blank" rel="noopener noreferrer">{shown}</a> }.into_any()
            }
            FieldKind::Phone if !value.is_empty() => {
                view! { <crate::components::Tel number=value.clone() shown=value/> }.into_any()
            }
            _ => value.into_any(),
        }
    };
    let choices = match kind {
        FieldKind::Choice => Some(def.choices.clone()),
        FieldKind::Flag => Some(Vec::new()),
        _ => None,
    };
    let options = choices.map(|choices| -> Options {
        Signal::derive(move || {
            let mut options = vec![(String::new(), "—".to_owned())];
            if choices.is_empty() {
                options.push(("true".to_owned(), t_string!(i18n, clients.yes).to_owned()));
            }
            options.extend(
                choices
                    .iter()
                    .map(|choice| (choice.clone(), choice.clone())),
            );
            options
        })
    });
    let input = match kind {
        FieldKind::Date => "date",
        _ => "text",
    };
    let label = Signal::stored(def.label);
    let face = ViewFn::from(face);
    let id = format!("own-{}", def.key);
    match options {
        Some(options) => view! { <InPlace id label bound face options/> }.into_any(),
        None => view! { <InPlace id label bound face kind=input/> }.into_any(),
    }
}

/// A value that becomes its own field when pressed. Enter keeps, Esc leaves; leaving it keeps, too.
#[component]
fn InPlace(
    #[prop(into)] id: String,
    label: Signal<String>,
    bound: Bound,
    face: ViewFn,
    #[prop(optional)] options: Option<Options>,
    #[prop(default = "text")] kind: &'static str,
) -> impl IntoView {
    let i18n = use_i18n();
    let editing = RwSignal::new(false);
    let typed = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            let _ = input.focus();
            input.select();
        }
    });
    let begin = move |_| {
        typed.set(bound.read.get_untracked());
        editing.set(true);
    };
    let keep = move || {
        if !editing.get_untracked() {
            return;
        }
        editing.set(false);
        let now = typed.get_untracked().trim().to_owned();
        if now != bound.read.get_untracked() {
            bound.write.run(now);
        }
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| match press.key().as_str() {
        "Enter" => keep(),
        "Escape" => {
            press.stop_propagation();
            editing.set(false);
        }
        _ => {}
    };
    let chosen = Bound::new(
        move || bound.read.get(),
        move |value: String| {
            editing.set(false);
            bound.write.run(value);
        },
    );
    let testid = format!("field-{id}");
    let words = text(move || fill!(i18n, clients.change, what = label.get()));
    let inside = move || {
        if !editing.get() {
            let is_empty = bound.read.with(String::is_empty);
            return view! { <span class="inplace__v">{face.run()}</span><button type="button" class="inplace" data-testid=testid.clone() aria-label=words title=words on:click=act(begin)>{is_empty.then_some("—")}</button> }.into_any();
        }
        match options {
            Some(options) => view! { <Select bound=chosen options label class="select select--cell"/> }.into_any(),
            None => view! { <input class="input input--cell" type=kind node_ref=input aria-label=label prop:value=typed on:input=act(move |input| typed.set(event_target_value(&input))) on:keydown=act(on_key) on:blur=act(move |_| keep())/> }.into_any(),
        }
    };
    view! { <dt>{label}</dt><dd class="inplace__d" class:is-editing=crate::components::reactive::flag(move || editing.get())>{changing(inside)}</dd> }
}
