//! The root: contexts, and which of sign-in and desk stands on the page.

use crate::components::reactive::{When, changing};

use std::time::Duration;

use ::phone::Connection;
use gloo::events::EventListener;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::{
    api::{Api, events::Live, use_api},
    components::toast_list::ToastList,
    dock::Dock,
    i18n::I18n,
    i18n::use_i18n,
    pages::{host, sign_in::SignIn},
    platform::{address::Address, bridge, tabs::Tabs, theme::ThemeChoice},
    shell::Shell,
    state::{
        call_note,
        colleagues::Colleagues,
        phone::PhoneLink,
        session::{Session, SessionState},
        toasts::Toasts,
    },
    view::event,
};

/// Puts the app into the page.
pub fn start() {
    leptos::mount::mount_to_body(Root);
}

#[component]
fn Root() -> impl IntoView {
    I18n::provide();
    ThemeChoice::provide();
    Address::provide().follow_links();
    let later = host::Later::provide();
    let toasts = Toasts::provide();
    let i18n = use_i18n();
    let busy = Callback::new(move |()| toasts.say(tr!(i18n, phone.engaged).get_untracked()));
    let session = Session::provide();
    let api = Api::provide(session);
    let live = Live::provide(event::read_for_desk);
    let_go_on_leaving(live);
    Colleagues::provide(session, api, live);
    let tabs = Tabs::provide();
    let phone = PhoneLink::provide(session, api, live, tabs, busy);
    run_while_signed_in(session, live, tabs, phone, later);

    // The whole desk is made anew only when somebody signs in or out, not when `Me` changes.
    let face = Memo::new(move |_| match session.state() {
        SessionState::Unknown => Face::Asking,
        SessionState::SignedOut(_) => Face::Out,
        SessionState::SignedIn(_) => Face::In,
    });
    let page = move || match face.get() {
        Face::Asking => ().into_any(),
        Face::Out => view! { <SignIn/> }.into_any(),
        Face::In => view! { <Shell/> }.into_any(),
    };
    // The phone stands outside the pages: no change of page, not even the end of the session,
    // takes a running call off the screen.
    let has_phone =
        move || face.get() == Face::In || phone.stack.with(|stack| !stack.cards().is_empty());
    view! {
        {changing(page)}
        <ToastList/>
        <When when=has_phone><Dock/></When>
    }
}

/// Until the page is quiet.
const FETCH_AFTER: Duration = Duration::from_secs(1);

/// Until the pages are fetched even though the phone is not registered.
const FETCH_AT_LAST: Duration = Duration::from_secs(6);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Face {
    Asking,
    Out,
    In,
}

/// A page that is left may be kept for Back, with what it holds open: six connections are all a
/// browser allows a site, and the seventh page would not load. What we hold is closed; a page that
/// listens to `unload` is not kept at all, so that nothing else stays open either. Should one be
/// shown again all the same, it begins anew.
fn let_go_on_leaving(live: Live) {
    bridge::keep(EventListener::new(&window(), "pagehide", move |_| {
        live.close()
    }));
    bridge::keep(EventListener::new(&window(), "unload", |_| {}));
    bridge::keep(EventListener::new(&window(), "pageshow", |event| {
        let shown = event.dyn_ref::<web_sys::PageTransitionEvent>();
        if shown.is_some_and(web_sys::PageTransitionEvent::persisted) {
            let _ = window().location().reload();
        }
    }));
}

/// Events and phone begin with the session. The phone outlives a session that only expired.
fn run_while_signed_in(
    session: Session,
    live: Live,
    tabs: Tabs,
    phone: PhoneLink,
    later: host::Later,
) {
    let signed_in = Memo::new(move |_| session.is_in() && tabs.leads.get());
    let followed = Memo::new(move |before: Option<&bool>| {
        before.copied().unwrap_or(false) || (session.is_in() && !tabs.leads.get())
    });
    let extension = Memo::new(move |_| session.me(|me| me.extension.clone()).flatten());
    Effect::new(move |before: Option<bool>| {
        let now = signed_in.get();
        match (before.unwrap_or(false), now) {
            // The tab before this one may have missed something while it went.
            (false, true) if followed.get_untracked() => live.open_anew(tabs),
            (false, true) => live.open(tabs),
            (true, false) => live.close(),
            (false, false) | (true, true) => {}
        }
        now
    });
    Effect::new(move |was_in: Option<bool>| {
        let is_in = session.is_in();
        if is_in && was_in != Some(true) {
            tabs.join();
            phone.tell_signed_in();
        }
        is_in
    });
    Effect::new(move |_| {
        let leads = tabs.leads.get();
        if let Some(extension) = extension.get() {
            phone.start(&extension, leads);
        }
    });
    open_events_with_the_phone(live, tabs, phone);
    fetch_pages_after(session, phone, later);
}

/// A stream of events can be half dead like the phone's connection, and nobody pings it: it is opened
/// anew when the phone has come back.
fn open_events_with_the_phone(live: Live, tabs: Tabs, phone: PhoneLink) {
    Effect::new(move |was_lost: Option<bool>| {
        let was_lost = was_lost.unwrap_or(false);
        phone.state.with(|state| match state.connection {
            Connection::Lost { .. } => true,
            Connection::Ready { .. } if was_lost => {
                if tabs.leads.get_untracked() {
                    live.open_anew(tabs);
                }
                false
            }
            _ => was_lost && !matches!(state.connection, Connection::Ready { .. }),
        })
    });
}

/// The phone first; what is behind the other links comes once it is registered.
fn fetch_pages_after(session: Session, phone: PhoneLink, later: host::Later) {
    let wanted = Memo::new(move |_| match session.me(|me| me.extension.is_some()) {
        None => false,
        Some(true) => phone
            .state
            .with(|state| matches!(state.connection, Connection::Ready { .. })),
        Some(false) => true,
    });
    let api = use_api();
    Effect::new(move |_| {
        if wanted.get() {
            call_note::send_left(api);
            set_timeout(move || later.fetch(), FETCH_AFTER);
        }
    });
    // A phone that cannot register keeps nobody from the rest.
    Effect::new(move |was_in: Option<bool>| {
        let is_in = session.is_in();
        if is_in && was_in != Some(true) {
            set_timeout(move || later.fetch(), FETCH_AT_LAST);
        }
        is_in
    });
}
