//! The form of a contact: a person or a company, with everything known of them.

use api_types::{Contact, ContactDraft, ContactKind, ContactRef, Labelled};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Dialog, Icon,
        form::{Bound, Cell, IconButton, Options, Parts, Places, SelectField, TextField, no_fault},
        reactive::{When, act, changing},
        say_failure_now,
    },
    i18n::*,
    pages::pick::{ContactPick, OwnFields, TagsEdit},
    state::{house::use_house, toasts::use_toasts},
    view::{
        contact_draft::{self, Part},
        dial,
        failure::Failure,
    },
};

/// What is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A contact to be, with the beginning of its name or its number.
    New(ContactKind, String),
    /// One that exists.
    Known(Contact),
}

fn begin(target: &Target) -> ContactDraft {
    match target {
        Target::Known(contact) => contact_draft::of(contact),
        Target::New(kind, text) => {
            let number = dial::number(text).is_some();
            let phone = if number { text.clone() } else { String::new() };
            ContactDraft {
                kind: *kind,
                name: if number { String::new() } else { text.clone() },
                phones: vec![contact_draft::phone_draft(phone, String::new())],
                ..ContactDraft::default()
            }
        }
    }
}

/// What the server's refusals are said at.
#[derive(Clone, Copy)]
struct Faults {
    name: RwSignal<String>,
    phones: RwSignal<String>,
    whole: RwSignal<String>,
    own: RwSignal<(String, String)>,
}

impl Faults {
    fn clear(self) {
        for fault in [self.name, self.phones, self.whole] {
            fault.set(String::new());
        }
        self.own.set(Default::default());
    }

    fn say(self, i18n: I18n, failure: &Failure) {
        let words = say_failure_now(i18n, failure);
        let own = failure
            .field()
            .and_then(|field| field.strip_prefix("fields."))
            .map(str::to_owned);
        let _ = match (failure.field(), own) {
            (_, Some(key)) => self.own.try_set((key, words)).map(|_| String::new()),
            (Some("name" | "surname" | "first_name"), None) => self.name.try_set(words),
            (Some("phones"), None) => self.phones.try_set(words),
            _ => self.whole.try_set(words),
        };
    }
}

/// A dialog; saves and closes. `saved` gets what the server has now.
#[component]
pub fn Editor(
    target: Target,
    #[prop(into)] close: Callback<()>,
    #[prop(into)] saved: Callback<Contact>,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let house = use_house();
    let toasts = use_toasts();
    let base = StoredValue::new(begin(&target));
    let draft = RwSignal::new(base.get_value());
    let id = StoredValue::new(if let Target::Known(contact) = &target {
        Some(contact.id.clone())
    } else {
        None
    });
    let company = RwSignal::new(if let Target::Known(contact) = &target {
        contact.company.clone()
    } else {
        None
    });
    let conflict = RwSignal::new(Vec::<(Part, String, String)>::new());
    let theirs = StoredValue::new(ContactDraft::default());
    let faults = Faults {
        name: RwSignal::new(String::new()),
        phones: RwSignal::new(String::new()),
        whole: RwSignal::new(String::new()),
        own: RwSignal::new(Default::default()),
    };
    let is_new = id.with_value(Option::is_none);
    let is_company = draft.with_untracked(|draft| draft.kind == ContactKind::Company);
    let meet = move |now: Contact| {
        let now = contact_draft::of(&now);
        let mut mine = draft.get_untracked();
        let both = contact_draft::reconcile(&base.get_value(), &mut mine, &now);
        base.set_value(now.clone());
        theirs.set_value(now);
        draft.set(mine);
        conflict.set(both);
        faults
            .whole
            .set(tu_string!(i18n, clients.changed_meanwhile).to_owned());
    };
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        faults.clear();
        let mut wanted = draft.get_untracked();
        wanted.company = Some(
            company
                .get_untracked()
                .map_or_else(String::new, |company: ContactRef| company.id),
        );
        let wanted = contact_draft::tidy(wanted);
        if !contact_draft::has_name(&wanted) {
            return faults
                .name
                .set(tu_string!(i18n, contacts.no_name).to_owned());
        }
        let bad = wanted
            .phones
            .iter()
            .find(|phone| dial::number(phone.spelled()).is_none());
        if let Some(bad) = bad {
            return faults
                .phones
                .set(fill_now!(i18n, clients.bad_phone, phone = bad.spelled()));
        }
        spawn_local(async move {
            let id = id.get_value();
            match api.save_contact(id.as_deref(), &wanted).await {
                Ok(contact) => {
                    toasts.say(if is_new {
                        fill_now!(i18n, contacts.created, name = contact.name)
                    } else {
                        fill_now!(i18n, contacts.saved, name = contact.name)
                    });
                    saved.run(contact);
                    close.run(());
                }
                Err(Failure::Refused { error, .. }) if error.code == "changed_meanwhile" => {
                    let now = api
                        .get::<Contact>(&format!("/contacts/{}", id.unwrap_or_default()))
                        .await;
                    match now {
                        Ok(now) => meet(now),
                        Err(failure) => faults.say(i18n, &failure),
                    }
                }
                Err(failure) => faults.say(i18n, &failure),
            }
        });
    };
    let title = match (is_new, is_company) {
        (true, false) => tr!(i18n, contacts.add),
        (true, true) => tr!(i18n, clients.add_company),
        (false, false) => tr!(i18n, contacts.edit),
        (false, true) => tr!(i18n, clients.company),
    };
    let foot = Box::new(move || {
        view! {
            <span class="stop t12 grow" role="alert">{faults.whole}</span>
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="contact-form" class="btn btn--main" data-testid="save-contact">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    let status = draft.text(
        |draft| draft.status.clone(),
        |draft, text| draft.status = text,
    );
    let responsible = draft.text(
        |draft| draft.responsible.clone().unwrap_or_default(),
        |draft, text| draft.responsible = Some(text),
    );
    let statuses = house.choices(tr!(i18n, clients.no_status), |work| &work.statuses);
    let table = Signal::stored(if is_company { "companies" } else { "contacts" }.to_owned());
    let tags = Signal::derive(move || draft.with(|draft| draft.tags.clone()));
    let fields = Signal::derive(move || draft.with(|draft| draft.fields.clone()));
    let write_field = move |(key, value): (String, String)| {
        draft.update(|draft| {
            draft.fields.insert(key, value);
        })
    };
    view! {
        <Dialog title close foot>
            <form class="form form--wide" id="contact-form" on:submit=act(save) novalidate>
                <When when=move || !conflict.with(Vec::is_empty)><Conflict conflict draft theirs/></When>
                {names(draft, faults.name, is_company)}
                <div class="form__all"><LabelledList id="contact-phone" title=tr!(i18n, contacts.phones) add=tr!(i18n, contacts.add_phone) draft list=ListOf::Phones fault=faults.phones/></div>
                <LabelledList id="contact-email" title=tr!(i18n, clients.emails) add=tr!(i18n, clients.email) draft list=ListOf::Emails fault=no_fault()/>
                <LabelledList id="contact-address" title=tr!(i18n, clients.addresses) add=tr!(i18n, clients.address) draft list=ListOf::Addresses fault=no_fault()/>
                {(!is_company).then(|| view! {
                    <ContactPick id="contact-company" label=tr!(i18n, clients.company) kind="company" chosen=company/>
                    <TextField id="contact-position" label=tr!(i18n, clients.position) bound=draft.text(|draft| draft.position.clone(), |draft, text| draft.position = text)/>
                })}
                <SelectField id="contact-status" label=tr!(i18n, clients.status) bound=status options=statuses/>
                <SelectField id="contact-responsible" label=tr!(i18n, clients.responsible) bound=responsible options=house.people(tr!(i18n, clients.nobody))/>
                <div class="field form__all"><label class="field__label" for="contact-tags">{tr!(i18n, clients.tags)}</label>
                    <TagsEdit tags write=move |tags| draft.update(|draft| draft.tags = tags) id="contact-tags"/></div>
                <OwnFields table read=fields write=write_field fault=faults.own/>
            </form>
        </Dialog>
    }
}

fn names(draft: RwSignal<ContactDraft>, fault: RwSignal<String>, is_company: bool) -> AnyView {
    let i18n = use_i18n();
    let whole = draft.text(|draft| draft.name.clone(), |draft, text| draft.name = text);
    if is_company {
        return view! { <div class="form__all"><TextField id="contact-name" label=tr!(i18n, contacts.name) bound=whole fault/></div> }.into_any();
    }
    let surname = draft.text(
        |draft| draft.surname.clone(),
        |draft, text| draft.surname = text,
    );
    let first = draft.text(
        |draft| draft.first_name.clone(),
        |draft, text| draft.first_name = text,
    );
    let patronymic = draft.text(
        |draft| draft.patronymic.clone(),
        |draft, text| draft.patronymic = text,
    );
    // Who has one name only, as numbers and nicknames do, keeps it in one field.
    let in_parts = RwSignal::new(draft.with_untracked(|draft| {
        draft.name.is_empty() || !(draft.surname.is_empty() && draft.first_name.is_empty())
    }));
    let face = move || {
        if in_parts.get() {
            view! { <div class="form__all g3">
                <TextField id="contact-surname" label=tr!(i18n, clients.surname) bound=surname fault/>
                <TextField id="contact-first" label=tr!(i18n, clients.first_name) bound=first/>
                <TextField id="contact-patronymic" label=tr!(i18n, clients.patronymic) bound=patronymic/></div> }.into_any()
        } else {
            let split = move |_| {
                draft.update(|draft| draft.first_name = draft.name.clone());
                in_parts.set(true);
            };
            view! { <div class="form__all row row--end"><div class="grow"><TextField id="contact-name" label=tr!(i18n, contacts.name) bound=whole fault/></div><button type="button" class="btn" on:click=act(split)>{tr!(i18n, clients.in_parts)}</button></div> }.into_any()
        }
    };
    changing(face).into_any()
}

/// Which list of a contact.
#[derive(Clone, Copy, PartialEq)]
enum ListOf {
    Phones,
    Emails,
    Addresses,
}

fn with_list<R>(
    draft: &mut ContactDraft,
    list: ListOf,
    change: impl FnOnce(&mut Vec<Labelled>) -> R,
) -> R {
    match list {
        ListOf::Emails => change(&mut draft.emails),
        ListOf::Addresses => change(&mut draft.addresses),
        ListOf::Phones => {
            let mut lines = draft
                .phones
                .iter()
                .map(|phone| Labelled {
                    value: phone.spelled().to_owned(),
                    label: phone.label().to_owned(),
                })
                .collect();
            let done = change(&mut lines);
            draft.phones = lines
                .into_iter()
                .map(|line| contact_draft::phone_draft(line.value, line.label))
                .collect();
            done
        }
    }
}

/// Values with labels, one a line.
#[component]
fn LabelledList(
    id: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] add: Signal<String>,
    draft: RwSignal<ContactDraft>,
    list: ListOf,
    #[prop(into)] fault: Signal<String>,
) -> impl IntoView {
    let i18n = use_i18n();
    let count = Memo::new(move |_| {
        draft.with(|draft| match list {
            ListOf::Phones => draft.phones.len(),
            ListOf::Emails => draft.emails.len(),
            ListOf::Addresses => draft.addresses.len(),
        })
    });
    let read = move |place: usize| {
        draft
            .with(|draft| match list {
                ListOf::Phones => draft
                    .phones
                    .get(place)
                    .map(|phone| (phone.spelled().to_owned(), phone.label().to_owned())),
                ListOf::Emails => draft
                    .emails
                    .get(place)
                    .map(|one| (one.value.clone(), one.label.clone())),
                ListOf::Addresses => draft
                    .addresses
                    .get(place)
                    .map(|one| (one.value.clone(), one.label.clone())),
            })
            .unwrap_or_default()
    };
    let write = move |place: usize, write: &dyn Fn(&mut Labelled)| {
        draft.update(|draft| {
            with_list(draft, list, |lines| {
                if let Some(line) = lines.get_mut(place) {
                    write(line);
                }
            })
        })
    };
    let labels: Options = Signal::derive(move || {
        vec![
            (String::new(), "—".to_owned()),
            (
                "work".to_owned(),
                t_string!(i18n, clients.label_work).to_owned(),
            ),
            (
                "mobile".to_owned(),
                t_string!(i18n, clients.label_mobile).to_owned(),
            ),
            (
                "home".to_owned(),
                t_string!(i18n, clients.label_home).to_owned(),
            ),
        ]
    });
    let row = move |place: usize| {
        let value = Bound::new(
            move || read(place).0,
            move |text: String| write(place, &|line| line.value = text.clone()),
        );
        let label = Bound::new(
            move || read(place).1,
            move |text: String| write(place, &|line| line.label = text.clone()),
        );
        let own_label = read_label(labels, label);
        let remove = move |()| {
            draft.update(|draft| {
                with_list(draft, list, |lines| {
                    if place < lines.len() {
                        lines.remove(place);
                    }
                })
            })
        };
        view! {
            <div class="lab"><Cell bound=value label=title fault testid=id/>{own_label}<IconButton icon="x" label=tr!(i18n, form.remove) press=remove/></div>
        }.into_any()
    };
    let more = move |_| {
        draft.update(|draft| with_list(draft, list, |lines| lines.push(Labelled::default())))
    };
    let said = move || {
        (!fault.with(String::is_empty)).then(|| view! { <span class="field__error" role="alert"><Icon name="circle-x"/><span>{fault}</span></span> })
    };
    view! {
        <div class="field"><span class="field__label">{title}</span><Places count row/>
            {changing(said)}
            <button type="button" class="btn btn--acc phones__add" data-testid=format!("{id}-add") on:click=act(more)><Icon name="plus"/>{add}</button></div>
    }
}

/// The usual labels, and the one it has if that is another.
fn read_label(labels: Options, bound: Bound) -> AnyView {
    let i18n = use_i18n();
    let options = Signal::derive(move || {
        let mut options = labels.get();
        let own = bound.read.get();
        if options.iter().all(|(key, _)| *key != own) {
            options.push((own.clone(), own));
        }
        options
    });
    view! { <crate::components::form::Select bound options label=tr!(i18n, clients.label) class="select select--in"/> }.into_any()
}

/// What both changed: what was typed stays until one takes the other's.
#[component]
fn Conflict(
    conflict: RwSignal<Vec<(Part, String, String)>>,
    draft: RwSignal<ContactDraft>,
    theirs: StoredValue<ContactDraft>,
) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let shown = move |part: Part, value: String| match part {
        Part::Responsible => house.person(Some(&value)),
        Part::Status if !value.is_empty() => house.status(&value),
        _ => value,
    };
    let rows = move || {
        conflict.get().into_iter().map(|(part, mine, other)| {
            let take = move |_| {
                theirs.with_value(|theirs| draft.update(|draft| contact_draft::take(draft, theirs, part)));
                conflict.update(|conflict| conflict.retain(|(known, ..)| *known != part));
            };
            view! { <tr><th scope="row">{text_of(part)}</th><td class="wrap">{shown(part, mine)}</td><td class="wrap">{shown(part, other)}</td><td><button type="button" class="btn" data-testid="take-theirs" on:click=act(take)>{tr!(i18n, clients.take_theirs)}</button></td></tr> }
        }).collect_view()
    };
    view! {
        <div class="note note--wait form__all" role="alert" data-testid="conflict"><Icon name="triangle-alert"/><div class="grow"><b>{tr!(i18n, clients.both_changed)}</b>
            <table class="both"><thead><tr><th></th><th scope="col">{tr!(i18n, clients.mine)}</th><th scope="col">{tr!(i18n, clients.theirs)}</th><th></th></tr></thead><tbody>{changing(rows)}</tbody></table>
            <p class="soft t12">{tr!(i18n, clients.both_lead)}</p></div></div>
    }
}

fn text_of(part: Part) -> Signal<String> {
    let i18n = use_i18n();
    crate::components::reactive::text(move || part.say(i18n))
}
