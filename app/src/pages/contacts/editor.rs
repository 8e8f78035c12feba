//! The card where a contact is made or changed.

use crate::components::reactive::{Rows, When, act};
use api_types::Contact;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{Dialog, Field, Icon, TextInput, say_failure_now},
    i18n::*,
    state::toasts::use_toasts,
    view::directory::{self, DraftFault},
};

/// What is edited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A contact to be, with the beginning of its name or its number.
    New(String),
    /// One that exists.
    Known(Contact),
}

/// A phone being typed.
#[derive(Clone, Copy, PartialEq)]
struct PhoneField {
    id: u64,
    text: RwSignal<String>,
}

fn fields(target: &Target) -> (Option<String>, String, Vec<String>) {
    match target {
        Target::New(text) if crate::view::dial::number(text).is_some() => {
            (None, String::new(), vec![text.clone()])
        }
        Target::New(text) => (None, text.clone(), vec![String::new()]),
        Target::Known(contact) => (
            Some(contact.id.clone()),
            contact.name.clone(),
            contact
                .phones
                .iter()
                .map(|phone| phone.display.clone())
                .collect(),
        ),
    }
}

/// A dialog; saves and closes.
#[component]
pub fn Editor(target: Target, #[prop(into)] close: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let (id, name, phones) = fields(&target);
    let is_new = id.is_none();
    let id = StoredValue::new(id);
    let name = RwSignal::new(name);
    let phones = RwSignal::new(
        phones
            .into_iter()
            .zip(0..)
            .map(|(text, id)| PhoneField {
                id,
                text: RwSignal::new(text),
            })
            .collect::<Vec<_>>(),
    );
    let (name_fault, phone_fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        name_fault.set(String::new());
        phone_fault.set(String::new());
        let typed: Vec<String> = phones.with_untracked(|phones| {
            phones
                .iter()
                .map(|phone| phone.text.get_untracked())
                .collect()
        });
        let draft = match directory::draft(&name.get_untracked(), &typed) {
            Ok(draft) => draft,
            Err((fault, _)) => {
                return (if fault == DraftFault::NoName {
                    name_fault
                } else {
                    phone_fault
                })
                .set(untrack(|| fault.say(i18n)).to_owned());
            }
        };
        spawn_local(async move {
            match api.save_contact(id.get_value().as_deref(), &draft).await {
                Ok(contact) => {
                    let said = if is_new {
                        fill_now!(i18n, contacts.created, name = contact.name)
                    } else {
                        fill_now!(i18n, contacts.saved, name = contact.name)
                    };
                    toasts.say(said);
                    close.run(());
                }
                Err(failure) => (if failure.field() == Some("name") {
                    name_fault
                } else {
                    phone_fault
                })
                .set(say_failure_now(i18n, &failure)),
            }
        });
    };
    let title = if is_new {
        tr!(i18n, contacts.add)
    } else {
        tr!(i18n, contacts.edit)
    };
    let foot = Box::new(move || {
        view! {
        <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
        <button type="submit" form="contact-form" class="btn btn--main" data-testid="save-contact">{tr!(i18n, common.save)}</button>
    }.into_any()
    });
    view! {
        <Dialog title close foot>
            <form class="form" id="contact-form" on:submit=act(save) novalidate>
                <Field id="contact-name" label=tr!(i18n, contacts.name) fault=name_fault><TextInput id="contact-name" value=name fault=name_fault testid="contact-name"/></Field>
                <Field id="contact-phone" label=tr!(i18n, contacts.phones) hint=tr!(i18n, contacts.any_spelling) fault=phone_fault><Phones phones/></Field>
            </form>
        </Dialog>
    }
}

#[component]
fn Phones(phones: RwSignal<Vec<PhoneField>>) -> impl IntoView {
    let i18n = use_i18n();
    let add = move |_| {
        phones.update(|phones| {
            let id = phones.last().map_or(0, |last| last.id + 1);
            phones.push(PhoneField {
                id,
                text: RwSignal::new(String::new()),
            });
        })
    };
    let keys = Signal::derive(move || {
        phones.with(|phones| phones.iter().map(|phone| phone.id.to_string()).collect())
    });
    let row = move |key: String| {
        let phone = phones.with_untracked(|phones| {
            phones
                .iter()
                .find(|phone| phone.id.to_string() == key)
                .copied()
        });
        phone
            .map(|phone| view! { <PhoneLine phone phones/> })
            .into_any()
    };
    view! {
        <div class="phones__edit">
            <Rows keys row/>
            <button type="button" class="btn btn--acc phones__add" on:click=act(add)><Icon name="plus"/>{tr!(i18n, contacts.add_phone)}</button>
        </div>
    }
}

#[component]
fn PhoneLine(phone: PhoneField, phones: RwSignal<Vec<PhoneField>>) -> impl IntoView {
    let i18n = use_i18n();
    let remove = move |_| phones.update(|phones| phones.retain(|known| known.id != phone.id));
    view! {
        <div class="row">
            <input class="input num" type="tel" autocomplete="off" aria-label=tr!(i18n, contacts.phone) id=(phone.id == 0).then_some("contact-phone") data-testid="contact-phone"
                prop:value=phone.text on:input=act(move |input| phone.text.set(event_target_value(&input)))/>
            <When when=move || phones.with(|phones| phones.len() > 1)>
                <button type="button" class="btn btn--icon btn--quiet" aria-label=tr!(i18n, contacts.remove_phone) on:click=act(remove)><Icon name="x"/></button>
            </When>
        </div>
    }
}
