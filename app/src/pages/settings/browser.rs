//! What this browser may do: notifications, telephone links.

use crate::components::reactive::{act, changing, text};
use leptos::{prelude::*, task::spawn_local};

use super::own_server::OwnServerRow;
use crate::{
    components::Icon,
    i18n::*,
    platform::notices::{self, Permission},
    state::toasts::use_toasts,
};

/// The rows of the profile.
#[component]
pub fn BrowserRows() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <header class="set__head"><h3 class="h2">{tr!(i18n, browser.title)}</h3></header>
        <div class="set__rows">
            <Notices/>
            <TelephoneLinks/>
            <OwnServerRow/>
        </div>
    }
}

#[component]
fn Notices() -> impl IntoView {
    let i18n = use_i18n();
    let permission = RwSignal::new(notices::permission());
    let allow = move || {
        view! { <button class="btn" data-testid="allow-notices" on:click=act(move |_| spawn_local(async move {
            notices::ask().await;
            permission.set(notices::permission());
        }))><Icon name="bell"/>{tr!(i18n, notices.allow)}</button> }
    };
    let told = move |permission| match permission {
        Permission::Granted => t_string!(i18n, browser.notices_on),
        Permission::Denied => t_string!(i18n, browser.notices_off),
        Permission::Missing | Permission::Unasked => t_string!(i18n, browser.notices_missing),
    };
    view! {
        <div class="set__row"><span class="med">{tr!(i18n, browser.notices)}</span>
            {changing(move || match permission.get() {
                Permission::Unasked => allow().into_any(),
                told_of => view! { <span class="soft" data-testid="notices-state">{text(move || told(told_of))}</span> }.into_any(),
            })}
        </div>
    }
}

#[component]
fn TelephoneLinks() -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let take = move |_| {
        let origin = window().location().origin().unwrap_or_default();
        let handler = format!("{origin}/?call=%s");
        if window()
            .navigator()
            .register_protocol_handler("tel", &handler, "Trubka")
            .is_ok()
        {
            toasts.say(tu_string!(i18n, browser.tel_asked).to_owned());
        }
    };
    view! {
        <div class="set__row"><span class="med">{tr!(i18n, browser.tel)}</span>
            <span class="beside"><button class="btn" data-testid="take-tel" on:click=act(take)><Icon name="phone"/>{tr!(i18n, browser.tel_take)}</button>
            <span class="soft t12">{tr!(i18n, browser.tel_hint)}</span></span>
        </div>
    }
}
