//! A contact from an unknown number in one step.

use crate::components::reactive::{When, act, flag, text};
use api_types::ContactRef;
use leptos::{prelude::*, task::spawn_local};

use super::{
    card::CardModel,
    slot::{Slot, SlotView},
};
use crate::{
    api::use_api,
    components::{Icon, say_failure_now},
    i18n::*,
    state::{phone::use_phone, toasts::use_toasts},
    view::callee::{Callee, NewCallee},
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
        let new = NewCallee {
            name: name.get_untracked().trim().to_owned(),
            phones: [number.clone()],
        };
        busy.set(true);
        spawn_local(async move {
            match api.post::<Callee>("/contacts", &new).await {
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
    let can_attach = move || model.record.with(Option::is_some);
    let attaches = move || model.slot.get() == Some(Slot::Attach);
    let is_ringing = move || {
        model.call.with(|call| {
            call.as_ref()
                .is_none_or(|call| call.phase == phone::CallPhase::RingingIn)
        })
    };
    let nameless = move || name.with(|name| name.trim().is_empty());
    view! {
        <form class="call__new row" on:submit=act(create)>
            <input class="input grow" aria-label=tr!(i18n, card.new_name) placeholder=tr!(i18n, card.new_name) autocomplete="off" data-testid="new-contact-name"
                prop:value=name on:input=act(move |input| name.set(event_target_value(&input)))/>
            <button class="btn" data-testid="new-contact" disabled=flag(move || nameless() || busy.get())><Icon name="user-plus"/>{tr!(i18n, card.create)}</button>
        </form>
        <When when=can_attach>
            <div class="call__attach"><button class="btn btn--acc" data-testid="attach" aria-expanded=text(move || attaches().to_string()) on:click=act(move |_| model.slot.update(|slot| *slot = Some(Slot::Attach).filter(|_| *slot != Some(Slot::Attach))))><Icon name="link"/>{tr!(i18n, client.attach)}</button></div>
        </When>
        // In talk it stands below the tabs.
        <When when=move || is_ringing() && attaches()><div class="call__body"><SlotView model what=model.slot/></div></When>
    }
}
