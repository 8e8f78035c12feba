//! A contact from an unknown number in one step.

use crate::components::reactive::{act, flag};
use api_types::ContactRef;
use leptos::{prelude::*, task::spawn_local};

use super::card::CardModel;
use crate::{
    api::use_api,
    components::{Icon, say_failure_now},
    i18n::*,
    state::{phone::use_phone, toasts::use_toasts},
    view::directory,
};

/// Shown once the server has said that the number is in no contact.
#[component]
pub fn NewContact(model: CardModel) -> impl IntoView {
    let unknown = Memo::new(move |_| model.face.with(|face| face.unknown_number.clone()));
    move || {
        unknown
            .get()
            .map(|number| view! { <NewContactForm model number/> })
    }
}

#[component]
fn NewContactForm(model: CardModel, number: String) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let phone = use_phone();
    let toasts = use_toasts();
    let suggested = model
        .face
        .with_untracked(|face| face.network_name.clone())
        .unwrap_or_default();
    let name = RwSignal::new(suggested);
    let busy = RwSignal::new(false);
    let create = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let Ok(draft) = directory::draft(&name.get_untracked(), std::slice::from_ref(&number))
        else {
            return;
        };
        busy.set(true);
        spawn_local(async move {
            match api.save_contact(None, &draft).await {
                Ok(contact) => {
                    toasts.say(fill_now!(
                        i18n,
                        contacts.created,
                        name = contact.name.clone()
                    ));
                    if let Some(mut record) = model.record.try_get_untracked().flatten() {
                        record.contact = Some(ContactRef {
                            id: contact.id,
                            name: contact.name,
                        });
                        phone.know(record);
                    }
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
            let _ = busy.try_set(false);
        });
    };
    let nameless = move || name.with(|name| name.trim().is_empty());
    view! {
        <form class="call__new row" on:submit=act(create)>
            <input class="input grow" aria-label=tr!(i18n, card.new_name) placeholder=tr!(i18n, card.new_name) autocomplete="off" data-testid="new-contact-name"
                prop:value=name on:input=act(move |input| name.set(event_target_value(&input)))/>
            <button class="btn" data-testid="new-contact" disabled=flag(move || nameless() || busy.get())><Icon name="user-plus"/>{tr!(i18n, card.create)}</button>
        </form>
    }
}
