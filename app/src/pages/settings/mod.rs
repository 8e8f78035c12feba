//! The settings panel.

mod addresses;
mod browser;
mod check;
mod lines;
mod lock_outs;
mod numbers;
mod own_server;
mod people;
mod pop_up;
mod presence;
mod profile;
mod recordings;
mod work;

pub use profile::PasswordNote;
use {
    addresses::AddressesPage,
    check::CheckPage,
    lines::LinesPage,
    lock_outs::LockOutsPage,
    numbers::NumbersSection,
    people::{GroupsPage, UsersPage},
    presence::PresencePage,
    profile::ProfilePage,
    work::{ChoicesPage, FieldsPage, RulesPage},
};

use crate::components::reactive::{When, maybe};
use leptos::prelude::*;

use crate::{
    components::Icon, i18n::*, platform::address::use_address, state::session::use_session,
};

/// The section of a path; unknown ones are the person's own.
pub fn page(path: &str) -> AnyView {
    match path {
        "/settings/lines" => view! { <LinesPage/> }.into_any(),
        "/settings/numbers" => view! { <NumbersSection/> }.into_any(),
        "/settings/users" => view! { <UsersPage/> }.into_any(),
        "/settings/groups" => view! { <GroupsPage/> }.into_any(),
        "/settings/presence" => view! { <PresencePage/> }.into_any(),
        "/settings/lock-outs" => view! { <LockOutsPage/> }.into_any(),
        "/settings/deals" => view! { <ChoicesPage/> }.into_any(),
        "/settings/fields" => view! { <FieldsPage/> }.into_any(),
        "/settings/rules" => view! { <RulesPage/> }.into_any(),
        "/settings/recordings" => view! { <recordings::RecordingsPage/> }.into_any(),
        "/settings/check" => view! { <CheckPage/> }.into_any(),
        "/settings/addresses" => view! { <AddressesPage/> }.into_any(),
        _ => view! { <ProfilePage/> }.into_any(),
    }
}

/// The panel's own list at the left, a section at the right.
#[component]
fn Panel(children: Children) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let may = Memo::new(move |_| session.is_administrator());
    let is_admin = Memo::new(move |_| {
        session
            .me(|me| me.role == api_types::Role::Admin)
            .unwrap_or(false)
    });
    view! {
        <div class="set">
            <nav class="set__nav" aria-label=tr!(i18n, settings.title)>
                <div class="set__title"><h1 class="h2">{tr!(i18n, settings.title)}</h1></div>
                <When when=move || may.get()>
                    <h2 class="eyebrow">{tr!(i18n, settings.telephony)}</h2>
                    <ul><Item href="/settings/lines" icon="phone" label=tr!(i18n, settings.lines)/><Item href="/settings/numbers" icon="hash" label=tr!(i18n, settings.numbers)/><Item href="/settings/addresses" icon="globe" label=tr!(i18n, settings.addresses)/><Item href="/settings/recordings" icon="audio-lines" label=tr!(i18n, keep.title)/><Item href="/settings/lock-outs" icon="lock" label=tr!(i18n, lock_outs.title)/></ul>
                    <h2 class="eyebrow">{tr!(i18n, settings.people)}</h2>
                    <ul><Item href="/settings/users" icon="user" label=tr!(i18n, settings.users)/><Item href="/settings/groups" icon="users" label=tr!(i18n, settings.groups)/><Item href="/settings/presence" icon="moon" label=tr!(i18n, statuses.title)/></ul>
                </When>
                <When when=move || is_admin.get()>
                    <h2 class="eyebrow">{tr!(i18n, settings.work)}</h2>
                    <ul><Item href="/settings/deals" icon="square-kanban" label=tr!(i18n, work_set.choices)/><Item href="/settings/fields" icon="sliders-horizontal" label=tr!(i18n, work_set.fields)/><Item href="/settings/rules" icon="workflow" label=tr!(i18n, work_set.rules)/></ul>
                </When>
                <h2 class="eyebrow">{tr!(i18n, settings.me)}</h2>
                <ul><Item href="/settings/profile" icon="key-round" label=tr!(i18n, settings.profile)/><Item href="/settings/check" icon="audio-lines" label=tr!(i18n, precheck.title)/></ul>
            </nav>
            <div class="set__main">{children()}</div>
        </div>
    }
}

#[component]
fn Item(href: &'static str, icon: &'static str, label: Signal<String>) -> impl IntoView {
    let address = use_address();
    let here = move || address.is(|path| path == href).then_some("page");
    view! { <li><a class="nav" href=href aria-current=maybe(here)><Icon name=icon/><span>{label}</span></a></li> }
}
