//! The rail: where one can go.

use crate::components::reactive::maybe;
use leptos::prelude::*;

use crate::{
    components::Icon, i18n::*, pages::host::Part, platform::address::use_address,
    state::session::use_session,
};

/// Brand and links; a bar at the bottom of a small window.
#[component]
pub fn Rail() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let settings = Memo::new(move |_| {
        if session.is_administrator() {
            "/settings/lines"
        } else {
            "/settings/profile"
        }
    });
    view! {
        <nav class="rail" aria-label=tr!(i18n, nav.main)>
            <a href="/" class="brand" aria-label=tr!(i18n, brand)><Brand/><span>{tr!(i18n, brand)}</span></a>
            <ul>
                <Item href="/" icon="house" label=tr!(i18n, nav.desktop)/>
                <Item href="/calls" icon="phone" label=tr!(i18n, nav.calls) count="missed"/>
                <Item href="/contacts" area="/contacts" icon="contact" label=tr!(i18n, nav.contacts)/>
                <Item href="/companies" icon="building-2" label=tr!(i18n, nav.companies) extra=true/>
                <Item href="/deals" area="/deals" icon="square-kanban" label=tr!(i18n, nav.deals) extra=true/>
                <Item href="/tasks" icon="list-checks" label=tr!(i18n, nav.tasks) count="tasks"/>
                <Item href="/unsorted" icon="inbox" label=tr!(i18n, nav.unsorted) extra=true count="unsorted"/>
            </ul>
            <Part name="tables"/>
            <ul class="rail__end">
                <Item href=settings area="/settings" icon="settings" label=tr!(i18n, nav.settings)/>
            </ul>
        </nav>
    }
}

/// The handset of the brand.
#[component]
pub fn Brand() -> impl IntoView {
    view! {
        <svg viewBox="0 0 24 24" fill="currentColor" aria-hidden="true">
            <path d="M2 9.3C2 5 6.7 3.2 12 3.2S22 5 22 9.3v1.5c0 .8-.6 1.4-1.4 1.4h-3.2c-.8 0-1.4-.6-1.4-1.4V8.9A13 13 0 0 0 12 8.3a13 13 0 0 0-4 .6v1.9c0 .8-.6 1.4-1.4 1.4H3.4c-.8 0-1.4-.6-1.4-1.4Z"/>
            <rect x="10.5" y="10.6" width="3" height="10.4" rx="1.5"/>
        </svg>
    }
}

/// `area`: addresses that begin so belong to this item.
#[component]
fn Item(
    #[prop(into)] href: Signal<&'static str>,
    #[prop(optional)] area: Option<&'static str>,
    icon: &'static str,
    #[prop(into)] label: Signal<String>,
    /// Not in the bar of a small window.
    #[prop(optional)]
    extra: bool,
    /// What is counted beside it.
    #[prop(optional)]
    count: &'static str,
) -> impl IntoView {
    let address = use_address();
    let here = move || match area {
        Some(area) => address.is(|path| path.starts_with(area)),
        None => address.is(|path| path == href.get()),
    };
    view! {
        <li>
            <a class=if extra { "nav nav--extra" } else { "nav" } href=href title=label aria-current=maybe(move || here().then_some("page"))>
                <Icon name=icon class="i--18"/><span>{label}</span>{(!count.is_empty()).then(|| view! { <Part name="count" detail=count/> })}
            </a>
        </li>
    }
}
