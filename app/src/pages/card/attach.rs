//! The number of a caller is given to a contact there is.

use std::time::Duration;

use api_types::{Contact, Page};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::Of;
use crate::{
    api::use_api,
    components::{
        Avatar, Icon,
        reactive::{act, changing},
        say_failure_now,
    },
    i18n::*,
    state::toasts::use_toasts,
};

/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);
/// Contacts offered.
const OFFERED: u32 = 5;

/// A search among contacts; a click attaches.
#[component]
pub fn Attach(of: Of) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let found = RwSignal::new(None::<Vec<Contact>>);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        let wanted: String = event_target_value(&input);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        let ask = move || {
            let wanted = wanted.clone();
            spawn_local(async move {
                let answer: Result<Page<Contact>, _> = api.contacts(&wanted, OFFERED, "").await;
                let list = answer.ok().map(|page| page.items);
                let _ = found.try_set(list.filter(|_| !wanted.trim().is_empty()));
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let rows = move || {
        found.get().map(|list| match list.is_empty() {
            true => view! { <p class="t12 mute">{tr!(i18n, wrap.nobody)}</p> }.into_any(),
            false => list
                .into_iter()
                .map(|contact| view! { <Offer of contact/> })
                .collect_view()
                .into_any(),
        })
    };
    view! {
        <div class="part__attach">
            <label class="find find--part"><Icon name="search"/><span class="sr">{tr!(i18n, client.find)}</span>
                <input type="search" placeholder=tr!(i18n, client.find) autocomplete="off" data-testid="attach-find" on:input=act(typed)/></label>
            <ul class="menu">{changing(rows)}</ul>
        </div>
    }
}

#[component]
fn Offer(of: Of, contact: Contact) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let number = of.call.with_untracked(|call| call.number.clone());
    let name = contact.name.clone();
    let second = contact.phones.first().map(|phone| phone.display.clone());
    let attach = move |_| {
        let (Some(number), id) = (number.clone(), contact.id.clone()) else {
            return;
        };
        spawn_local(async move {
            let body = serde_json::json!({ "number": number.e164 });
            match api
                .post::<Contact>(&format!("/contacts/{id}/phones"), &body)
                .await
            {
                Ok(contact) => {
                    let number = number.display;
                    toasts.say(fill_now!(
                        i18n,
                        wrap.attached,
                        number = number,
                        name = contact.name
                    ));
                    of.tell("close");
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    view! {
        <li><button data-testid="attach-to" on:click=act(attach)><Avatar name=name.clone()/><span class="cut">{name}</span><span class="push t12 mute num">{second}</span></button></li>
    }
}
