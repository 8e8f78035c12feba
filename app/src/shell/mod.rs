//! The frame of every page: rail, top bar, page.

mod account;
mod keyboard;
mod keys_dialog;
mod nav;
pub use nav::Brand;
mod search;
mod top;

use crate::components::reactive::{When, flag};
use leptos::prelude::*;
use leptos_router::{
    components::{FlatRoutes, Route},
    hooks::use_location,
    path,
};

use crate::pages::{calls::CallsPage, contacts::ContactsPage, desktop::DesktopPage, settings};

/// Rail, top bar and the page of the address. Unknown addresses show the desktop.
#[component]
pub fn Shell() -> impl IntoView {
    let keys_open = RwSignal::new(false);
    keyboard::listen(keys_open);
    // The settings have a list of their own: the rail steps back to icons.
    let path = use_location().pathname;
    let is_mini = Memo::new(move |_| path.with(|path| path.starts_with("/settings")));
    view! {
        <div class="app" class:app--mini=flag(move || is_mini.get())>
            <nav::Rail/>
            <top::TopBar keys_open/>
            <main class="page" id="page" tabindex="-1">
                <FlatRoutes fallback=DesktopPage>
                    <Route path=path!("/") view=DesktopPage/>
                    <Route path=path!("/calls") view=CallsPage/>
                    <Route path=path!("/contacts") view=ContactsPage/>
                    <Route path=path!("/settings") view=settings::ProfilePage/>
                    <Route path=path!("/settings/profile") view=settings::ProfilePage/>
                    <Route path=path!("/settings/lines") view=settings::LinesPage/>
                    <Route path=path!("/settings/addresses") view=settings::AddressesPage/>
                </FlatRoutes>
            </main>
        </div>
        <When when=move || keys_open.get()><keys_dialog::KeysDialog open=keys_open/></When>
    }
}
