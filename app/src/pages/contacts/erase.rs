//! Erase a person: asked twice, the second time by name.

use api_types::Erased;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Dialog,
        reactive::{act, flag, text},
        say_failure_now,
    },
    i18n::*,
    platform::address::go,
    state::toasts::use_toasts,
};

/// The dialog. It stands while it is open.
#[component]
pub fn EraseDialog(id: String, name: Signal<String>, open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let typed = RwSignal::new(String::new());
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let is_right = move || typed.with(|typed| typed.trim() == name.get().trim());
    let id = StoredValue::new(id);
    let erase = move |_| {
        busy.set(true);
        spawn_local(async move {
            match api
                .order::<Erased>(&format!("/contacts/{}/erase", id.get_value()))
                .await
            {
                Ok(_) => {
                    toasts.say(tu_string!(i18n, care.erased).to_owned());
                    let _ = open.try_set(false);
                    go("/contacts");
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                    let _ = busy.try_set(false);
                }
            }
        });
    };
    let foot = Box::new(move || {
        view! {
            <button class="btn" on:click=act(move |_| open.set(false))>{tr!(i18n, common.cancel)}</button>
            <button class="btn btn--stop" data-testid="erase-now" disabled=flag(move || busy.get() || !is_right()) on:click=act(erase)>{tr!(i18n, care.erase_now)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title=tr!(i18n, care.erase_title) close=move |()| open.set(false) foot>
            <p>{tr!(i18n, care.erase_lead)}</p>
            <p>{tr!(i18n, care.erase_type)}" "<b>{name}</b></p>
            <input class="input" data-testid="erase-name" aria-label=tr!(i18n, care.erase_type) autocomplete="off" prop:value=typed on:input=act(move |input| typed.set(event_target_value(&input)))/>
            <p class="field__error" role="alert">{text(move || fault.get())}</p>
        </Dialog>
    }
}
