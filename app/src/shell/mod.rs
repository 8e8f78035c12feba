//! The frame of every page: rail, top bar, page.

mod account;
mod keyboard;
mod keys_dialog;
mod nav;
pub use nav::Brand;
mod presence;
mod search;
mod top;

use crate::components::reactive::{When, flag};
use leptos::prelude::*;

use crate::{
    components::reactive::changing,
    pages::{desktop::DesktopPage, host::Host},
    platform::address::use_address,
};

/// Rail, top bar and the page of the address. Unknown addresses show the desktop.
#[component]
pub fn Shell() -> impl IntoView {
    let keys_open = RwSignal::new(false);
    keyboard::listen(keys_open);
    // The settings have a list of their own: the rail steps back to icons.
    let address = use_address();
    let is_mini = Memo::new(move |_| address.is(|path| path.starts_with("/settings")));
    let is_later = Memo::new(move |_| address.is(is_later));
    let page = move || {
        if is_later.get() {
            view! { <Host/> }.into_any()
        } else {
            view! { <DesktopPage/> }.into_any()
        }
    };
    view! {
        <div class="app" class:app--mini=flag(move || is_mini.get())>
            <nav::Rail/>
            <top::TopBar keys_open/>
            <main class="page" id="page" tabindex="-1">
                {changing(page)}
            </main>
        </div>
        <When when=move || keys_open.get()><keys_dialog::KeysDialog open=keys_open/></When>
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
