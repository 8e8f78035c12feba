//! The root of the pages that are fetched later. It is made once; the desk shows and hides it.

use std::{any::Any, cell::RefCell};

use leptos::{mount::mount_to, prelude::*};
use wasm_bindgen::{JsCast, UnwrapThrowExt};
use web_sys::HtmlElement;

use super::{
    calls::CallsPage,
    client::ClientPage,
    contacts::{CompaniesPage, ContactsPage, duplicates::DuplicatesPage, import::ImportPage},
    deals::{DealPage, DealsPage},
    keys_dialog,
    notices::Waiting,
    parts,
    presence::PresenceMenu,
    settings, sound,
    tables::TablePage,
    tasks::TasksPage,
    unsorted::UnsortedPage,
};
use crate::{
    api::{Api, events::Live, use_api},
    components::{
        reactive::{When, changing},
        toast_list::ToastList,
    },
    i18n::{I18n, use_i18n},
    platform::{
        address::{Address, use_address},
        bridge,
        theme::ThemeChoice,
    },
    state::{house::House, session::Session, toasts::Toasts},
    view::event,
};

/// The element everything stands in, and whether it is shown.
struct Root {
    element: HtmlElement,
    shown: RwSignal<bool>,
    /// The dialogs of the devices and of the keys are open.
    dialogs: Dialogs,
    /// What one can say of oneself stands in this element while it is shown.
    menu: (HtmlElement, RwSignal<bool>),
}

/// Which dialogs that stand beside the page are open.
#[derive(Clone, Copy, Default)]
struct Dialogs {
    sound: RwSignal<bool>,
    keys: RwSignal<bool>,
}

thread_local! {
    static ROOT: RefCell<Option<Root>> = const { RefCell::new(None) };
    /// What stands on the desk's own screens: the element, and what takes it away.
    static PARTS: RefCell<Vec<(HtmlElement, Box<dyn Any>)>> = const { RefCell::new(Vec::new()) };
    /// Owner of the contexts.
    static OWNER: RefCell<Option<Owner>> = const { RefCell::new(None) };
}

/// Shows a part of the desk's own screens inside `host`.
pub fn open_part(host: HtmlElement, name: &str, detail: String) {
    ROOT.with_borrow_mut(|root| {
        root.get_or_insert_with(make);
    });
    close_part(&host);
    let Some(owner) = OWNER.with_borrow(Clone::clone) else {
        return;
    };
    let name = name.to_owned();
    let within = host.clone();
    let stands = owner.with(|| mount_to(within, move || parts::part(&name, detail)));
    PARTS.with_borrow_mut(|parts| parts.push((host, Box::new(stands))));
}

/// Takes it away again.
pub fn close_part(host: &HtmlElement) {
    let gone: Vec<_> =
        PARTS.with_borrow_mut(|parts| parts.extract_if(.., |(known, _)| known == host).collect());
    drop(gone);
}

/// Shows the page of the address inside `host`.
pub fn open(host: HtmlElement) {
    ROOT.with_borrow_mut(|root| {
        let root = root.get_or_insert_with(make);
        let _ = host.append_child(&root.element);
        root.shown.set(true);
    });
}

/// Opens a dialog, whatever page stands there.
pub fn open_dialog(name: &str) {
    ROOT.with_borrow_mut(|root| {
        let dialogs = root.get_or_insert_with(make).dialogs;
        match name {
            "keys" => dialogs.keys.set(true),
            _ => dialogs.sound.set(true),
        }
    });
}

/// Shows inside `host` what one can say of oneself, until the bridge says that it closes.
pub fn open_presence(host: HtmlElement) {
    ROOT.with_borrow_mut(|root| {
        let (element, shown) = &root.get_or_insert_with(make).menu;
        let _ = host.append_child(element);
        shown.set(true);
    });
}

/// Takes the page off the screen.
pub fn close() {
    ROOT.with_borrow(|root| {
        if let Some(root) = root {
            root.shown.set(false);
            root.element.remove();
        }
    });
}

fn make() -> Root {
    bridge::be_pages();
    dress();
    let (shown, dialogs) = (RwSignal::new(false), Dialogs::default());
    let element = division("page__root");
    let menu = (division("says__root"), RwSignal::new(false));
    let within = menu.clone();
    mount_to(
        element.clone(),
        move || view! { <Pages shown dialogs menu=within/> },
    )
    .forget();
    Root {
        element,
        shown,
        dialogs,
        menu,
    }
}

/// Icons that stand in no part of the desk.
const ICONS: &str = include_str!("../../assets/icons-pages.svg");

/// The pages' own styles and icons: nobody needs them before the phone.
fn dress() {
    let link = document().create_element("link").ok();
    if let (Some(link), Some(head)) = (link, document().head()) {
        let _ = link.set_attribute("rel", "stylesheet");
        let _ = link.set_attribute("href", "/pages.css");
        let _ = head.append_child(&link);
    }
    if let Some(body) = document().body() {
        let _ = body.insert_adjacent_html("beforeend", ICONS);
    }
}

fn division(class: &str) -> HtmlElement {
    let element: HtmlElement = document()
        .create_element("div")
        .map(JsCast::unchecked_into)
        .unwrap_throw();
    element.set_class_name(class);
    element
}

/// Contexts of their own, kept while the desk shows something else.
#[component]
fn Pages(
    shown: RwSignal<bool>,
    dialogs: Dialogs,
    menu: (HtmlElement, RwSignal<bool>),
) -> impl IntoView {
    I18n::provide();
    ThemeChoice::provide();
    let toasts = Toasts::provide();
    let session = Session::provide();
    let api = Api::provide(session);
    let live = Live::provide(event::read);
    Address::provide();
    House::provide(session, api, live);
    Waiting::provide(session, api, live);
    stand_toasts(toasts);
    stand_dialogs(dialogs);
    stand_presence(menu, toasts);
    OWNER.set(Owner::current());
    let signed_in = Memo::new(move |_| session.is_in());
    changing(move || (shown.get() && signed_in.get()).then(|| view! { <Page/> }))
}

/// The toasts stay when the page goes: a deleted contact can be brought back from anywhere.
fn stand_toasts(toasts: Toasts) {
    let i18n = use_i18n();
    let element = division("page__toasts");
    if let Some(body) = document().body() {
        let _ = body.append_child(&element);
    }
    let list = move || {
        provide_context(toasts);
        provide_context(i18n);
        view! { <ToastList/> }
    };
    mount_to(element, list).forget();
}

/// The dialogs stand beside the page, which may be the desk's own.
fn stand_dialogs(Dialogs { sound, keys }: Dialogs) {
    let i18n = use_i18n();
    let element = division("page__sound");
    if let Some(body) = document().body() {
        let _ = body.append_child(&element);
    }
    let dialog = move || {
        provide_context(i18n);
        view! {
            <When when=move || sound.get()><sound::SoundDialog open=sound/></When>
            <When when=move || keys.get()><keys_dialog::KeysDialog open=keys/></When>
        }
    };
    mount_to(element, dialog).forget();
}

/// The menu stands in the top bar of the desk.
fn stand_presence((element, shown): (HtmlElement, RwSignal<bool>), toasts: Toasts) {
    let (i18n, api) = (use_i18n(), use_api());
    bridge::hear(bridge::Topic::Presence, move |_| shown.set(false));
    let menu = move || {
        provide_context(i18n);
        provide_context(api);
        provide_context(toasts);
        view! { <When when=move || shown.get()><PresenceMenu/></When> }
    };
    mount_to(element, menu).forget();
}

#[component]
fn Page() -> impl IntoView {
    let address = use_address();
    let path = Memo::new(move |_| address.path());
    changing(move || match path.get().as_str() {
        "/calls" => view! { <CallsPage/> }.into_any(),
        "/contacts" => view! { <ContactsPage/> }.into_any(),
        "/contacts/import" => view! { <ImportPage/> }.into_any(),
        "/contacts/duplicates" => view! { <DuplicatesPage/> }.into_any(),
        "/deals" => view! { <DealsPage/> }.into_any(),
        "/tasks" => view! { <TasksPage/> }.into_any(),
        "/unsorted" => view! { <UnsortedPage/> }.into_any(),
        "/companies" => view! { <CompaniesPage/> }.into_any(),
        path => match path.strip_prefix("/contacts/") {
            Some(id) => view! { <ClientPage id=id.to_owned()/> }.into_any(),
            None => match path.strip_prefix("/deals/") {
                Some(id) => view! { <DealPage id=id.to_owned()/> }.into_any(),
                None => match path.strip_prefix("/tables/") {
                    Some(table) => view! { <TablePage table=table.to_owned()/> }.into_any(),
                    None => settings::page(path),
                },
            },
        },
    })
}
