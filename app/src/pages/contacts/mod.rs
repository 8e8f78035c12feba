//! Contacts: list, search, create, change, delete with undo.

mod editor;

use std::time::Duration;

use crate::components::reactive::{Rows, When, act, changing, followed};
use api_types::{Contact, Event, Page};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::{Avatar, Empty, Icon, Tel, remote_view::RemoteView, say_failure_now},
    i18n::*,
    platform::address::use_address,
    state::{
        remote::{Remote, read_into},
        toasts::{Toasts, use_toasts},
    },
    view::directory,
};
use editor::{Editor, Target};

/// Contacts a page.
const PAGE: u32 = 50;
/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// What the parts of this page share.
#[derive(Clone, Copy)]
struct Book {
    list: RwSignal<Remote<Page<Contact>>>,
    search: RwSignal<String>,
    editing: RwSignal<Option<Target>>,
}

/// The page. `?new=name` opens an empty card, `?open=id` a contact's.
#[component]
pub fn ContactsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let book = Book {
        list: RwSignal::new(Remote::Loading),
        search: RwSignal::new(String::new()),
        editing: RwSignal::new(None),
    };
    let read = move || {
        let wanted = book.search.get_untracked();
        read_into(
            book.list,
            async move { api.contacts(&wanted, PAGE, "").await },
        );
    };
    read();
    follow(book, read);
    open_by_address(book);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        book.search.set(event_target_value(&input));
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(set_timeout_with_handle(read, PAUSE).ok());
    };
    view! {
        <div class="page__head">
            <h1 class="h1">{tr!(i18n, contacts.title)}</h1>
            <label class="find find--page"><Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
                <input type="search" placeholder=tr!(i18n, contacts.search) autocomplete="off" data-testid="contact-search" prop:value=book.search on:input=act(typed)/></label>
            <span class="push"></span>
            <button class="btn btn--main" data-testid="add-contact" on:click=act(move |_| book.editing.set(Some(Target::New(String::new()))))><Icon name="user-plus"/><span class="wide">{tr!(i18n, contacts.add)}</span></button>
        </div>
        <RemoteView source=book.list again=move |()| read()><ContactList book/></RemoteView>
        {changing(move || book.editing.get().map(|target| view! { <Editor target close=move |()| book.editing.set(None)/> }))}
    }
}

fn follow(book: Book, read: impl Fn() + 'static) {
    use_live().follow(move |event| match event {
        Event::Resync => read(),
        event => book.list.update(|list| {
            if let Some(page) = list.ready_mut() {
                let searching = book
                    .search
                    .with_untracked(|search| !search.trim().is_empty())
                    || page.next_cursor.is_some();
                directory::take_in(&mut page.items, event, searching);
            }
        }),
    });
}

fn open_by_address(book: Book) {
    let api = use_api();
    let address = use_address();
    Effect::new(move |_| {
        let (new, open) = (address.param("new"), address.param("open"));
        if let Some(name) = new {
            book.editing.set(Some(Target::New(name)));
        }
        if let Some(id) = open {
            spawn_local(async move {
                if let Ok(contact) = api.get::<Contact>(&format!("/contacts/{id}")).await {
                    let _ = book.editing.try_set(Some(Target::Known(contact)));
                }
            });
        }
    });
}

#[component]
fn ContactList(book: Book) -> impl IntoView {
    let i18n = use_i18n();
    let items = Memo::new(move |_| {
        book.list.with(|list| {
            list.ready()
                .map(|page| page.items.clone())
                .unwrap_or_default()
        })
    });
    let searching = move || book.search.with(|search| !search.trim().is_empty());
    let nothing = move || {
        if searching() {
            view! { <Empty icon="search" title=tr!(i18n, contacts.none) lead=tr!(i18n, contacts.none_lead)/> }.into_any()
        } else {
            view! { <Empty icon="contact" title=tr!(i18n, contacts.empty) lead=tr!(i18n, contacts.empty_lead)/> }.into_any()
        }
    };
    let keys = Signal::derive(move || {
        items.with(|items| items.iter().map(|contact| contact.id.clone()).collect())
    });
    let find =
        move |id: &str| items.with(|items| items.iter().find(|contact| contact.id == id).cloned());
    // A row is made anew when its contact changed, which is seldom.
    let row = move |id: String| {
        followed(move || find(&id))
            .map(|contact| changing(move || view! { <ContactRow contact=contact.get() book/> }))
            .into_any()
    };
    view! {
        <When when=move || !items.with(Vec::is_empty) otherwise=ViewFn::from(nothing)>
            <div class="scroll"><table class="table">
                <thead><tr><th>{tr!(i18n, contacts.name)}</th><th>{tr!(i18n, contacts.phones)}</th><th class="c-acts"><span class="sr">{tr!(i18n, common.edit)}</span></th></tr></thead>
                <tbody><Rows keys row/></tbody>
            </table></div>
            <More book/>
        </When>
    }
}

#[component]
fn ContactRow(contact: Contact, book: Book) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let phones = contact
        .phones
        .iter()
        .map(|phone| view! { <Tel number=phone.e164.clone() shown=phone.display.clone()/> })
        .collect_view();
    let name = contact.name.clone();
    let edit = {
        let contact = contact.clone();
        move |_| book.editing.set(Some(Target::Known(contact.clone())))
    };
    let remove = move |_| remove(i18n, book, contact.clone(), api, toasts);
    view! {
        <tr data-testid="contact">
            <td class="c-name"><div class="row"><Avatar name=name.clone()/><span class="med cut">{name}</span></div></td>
            <td><div class="row row--wrap phones">{phones}</div></td>
            <td class="c-acts"><div class="row">
                <button class="btn btn--icon btn--quiet" data-testid="edit-contact" aria-label=tr!(i18n, common.edit) title=tr!(i18n, common.edit) on:click=edit><Icon name="pencil"/></button>
                <button class="btn btn--icon btn--quiet" data-testid="delete-contact" aria-label=tr!(i18n, common.delete) title=tr!(i18n, common.delete) on:click=act(remove)><Icon name="trash-2"/></button>
            </div></td>
        </tr>
    }
}

/// At once on the screen; comes back if the server refuses, or by Undo.
fn remove(i18n: I18n, book: Book, contact: Contact, api: crate::api::Api, toasts: Toasts) {
    let take_in = move |event: &Event| {
        let _ = book.list.try_update(|list| {
            if let Some(page) = list.ready_mut() {
                directory::take_in(&mut page.items, event, false);
            }
        });
    };
    take_in(&Event::ContactDeleted {
        id: contact.id.clone(),
    });
    spawn_local(async move {
        let name = contact.name.clone();
        match api.delete_contact(&contact.id).await {
            Ok(()) => {
                let undo = move || {
                    let id = contact.id.clone();
                    spawn_local(async move {
                        match api.restore_contact(&id).await {
                            Ok(contact) => take_in(&Event::Contact(contact)),
                            Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
                        }
                    });
                };
                toasts.say_with(
                    fill_now!(i18n, contacts.deleted, name = name),
                    tu_string!(i18n, common.undo),
                    undo,
                );
            }
            Err(failure) => {
                take_in(&Event::Contact(contact));
                toasts.fail(format!(
                    "{} {}",
                    fill_now!(i18n, contacts.not_deleted, name = name),
                    say_failure_now(i18n, &failure)
                ));
            }
        }
    });
}

#[component]
fn More(book: Book) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let cursor = Memo::new(move |_| {
        book.list
            .with(|list| list.ready().and_then(|page| page.next_cursor.clone()))
    });
    let more = move |_| {
        let (wanted, cursor) = (
            book.search.get_untracked(),
            cursor.get_untracked().unwrap_or_default(),
        );
        spawn_local(async move {
            let Ok(next) = api.contacts(&wanted, PAGE, &cursor).await else {
                return;
            };
            let _ = book.list.try_update(|list| {
                if let Some(page) = list.ready_mut() {
                    page.items.extend(next.items);
                    page.next_cursor = next.next_cursor;
                }
            });
        });
    };
    view! { <When when=move || cursor.with(Option::is_some)><div class="more"><button class="btn" data-testid="load-more" on:click=act(more)>{tr!(i18n, common.load_more)}</button></div></When> }
}
