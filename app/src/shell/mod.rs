//! The frame of every page: rail, top bar, page.

mod account;
mod keyboard;
mod nav;
pub use nav::Brand;
mod presence;
mod search;
mod top;

use crate::components::reactive::{flag, text};
use leptos::prelude::*;

use crate::{
    components::reactive::changing,
    i18n::*,
    pages::host::{Host, Part},
    platform::{address::use_address, now_ms, time},
};

/// Rail, top bar and the page of the address. Unknown addresses show the desktop.
#[component]
pub fn Shell() -> impl IntoView {
    let i18n = use_i18n();
    keyboard::listen();
    // The settings have a list of their own: the rail steps back to icons.
    let address = use_address();
    let is_mini = Memo::new(move |_| address.is(|path| path.starts_with("/settings")));
    let is_later = Memo::new(move |_| address.is(is_later));
    let page = move || {
        if is_later.get() {
            view! { <Host/> }.into_any()
        } else {
            view! { <Part name="desktop"/><div class="page__wait"><h1 class="h1">{text(move || time::day(now_ms(), i18n.get_locale()))}</h1><p class="mute" role="status">{tr!(i18n, common.loading)}</p></div> }.into_any()
        }
    };
    view! {
        <div class="app" class:app--mini=flag(move || is_mini.get())>
            <nav::Rail/>
            <top::TopBar/>
            <main class="page" id="page" tabindex="-1">
                {changing(page)}
            </main>
        </div>
    }
}

/// What the pages fetched later stand under.
const AREAS: [&str; 8] = [
    "/tables",
    "/calls",
    "/contacts",
    "/companies",
    "/deals",
    "/tasks",
    "/unsorted",
    "/settings",
];

/// Whether the page of this path is one of those fetched later.
fn is_later(path: &str) -> bool {
    AREAS.iter().any(|area| {
        path.strip_prefix(area)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
