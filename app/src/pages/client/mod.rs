//! A client's page: who it is, everything that happened, what is open. Of a company also its people.

mod composer;
mod entry;
mod fields;
mod files;
mod player;
mod side;
mod timeline;

use api_types::{Contact, ContactKind, ContactRef, Event, ItemKind, ItemRef, Role};
use leptos::{prelude::*, task::spawn_local};

use super::{
    contacts::{
        editor::{Editor, Target},
        erase::EraseDialog,
        remove,
    },
    item_form::{self, ItemForm},
};
use crate::{
    api::{Api, events::use_live, use_api},
    components::{
        Avatar, Empty, Icon, Tel,
        form::IconButton,
        reactive::{When, act, changing, text},
        remote_view::Skeleton,
        say_failure, say_failure_now,
    },
    i18n::*,
    platform::{
        address::go,
        bridge::{self, Topic},
    },
    state::{
        house::use_house,
        remote::{Remote, read_into},
        session::use_session,
        toasts::{Toasts, use_toasts},
    },
    view::{contact_draft, failure::Failure, item_draft},
};
pub use composer::{About, Composer};
pub use files::{FilesOf, Preview, alike};
pub use side::{sum_of, task_row};
pub use timeline::{Entries, Line, Read, Timeline, at};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Client {
    /// Who it is.
    pub contact: RwSignal<Remote<Contact>>,
    /// A form that is open over the page.
    pub making: RwSignal<Option<item_form::Target>>,
    editing: RwSignal<bool>,
    api: Api,
    toasts: Toasts,
    i18n: I18n,
}

impl Client {
    /// Reads a part, followed; the default while nothing is known.
    pub fn read<R: Default>(self, read: impl FnOnce(&Contact) -> R) -> R {
        self.contact
            .with(|contact| contact.ready().map(read).unwrap_or_default())
    }

    /// How other records name it.
    pub fn named(self) -> Option<ContactRef> {
        self.contact.with_untracked(|contact| {
            contact.ready().map(|contact| ContactRef {
                id: contact.id.clone(),
                name: contact.name.clone(),
            })
        })
    }

    /// Opens the form of something new for this client.
    pub fn make(self, kind: ItemKind, deal: Option<ItemRef>) {
        let contact = self.named();
        let draft = item_draft::new(kind, contact.as_ref(), deal.as_ref());
        self.making
            .set(Some(item_form::Target::New(draft, contact)));
    }

    /// Changes the contact at once on the screen and then on the server. What somebody else changed meanwhile
    /// is kept, unless it was the same.
    pub fn change(self, change: impl Fn(&mut api_types::ContactDraft) + 'static) {
        let (api, toasts, i18n) = (self.api, self.toasts, self.i18n);
        let Some(contact) = self
            .contact
            .with_untracked(|contact| contact.ready().cloned())
        else {
            return;
        };
        spawn_local(async move {
            let mut base = contact_draft::of(&contact);
            let mut mine = base.clone();
            change(&mut mine);
            let path = format!("/contacts/{}", contact.id);
            loop {
                match api
                    .save_contact(Some(&contact.id), &contact_draft::tidy(mine.clone()))
                    .await
                {
                    Ok(now) => {
                        let _ = self.contact.try_set(Remote::Ready(now));
                        return;
                    }
                    Err(Failure::Refused { error, .. }) if error.code == "changed_meanwhile" => {
                        let Ok(now) = api.get::<Contact>(&path).await else {
                            return;
                        };
                        let theirs = contact_draft::of(&now);
                        let both = contact_draft::reconcile(&base, &mut mine, &theirs);
                        let _ = self.contact.try_set(Remote::Ready(now));
                        if let Some((part, mine, theirs)) = both.into_iter().next() {
                            let part = untrack(|| part.say(i18n));
                            return toasts.fail(fill_now!(
                                i18n,
                                clients.not_changed,
                                part = part,
                                mine = mine,
                                theirs = theirs
                            ));
                        }
                        base = theirs;
                    }
                    Err(failure) => return toasts.fail(say_failure_now(i18n, &failure)),
                }
            }
        });
    }
}

/// `/contacts/{id}`
#[component]
pub fn ClientPage(id: String) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let client = Client {
        contact: RwSignal::new(Remote::Loading),
        making: RwSignal::new(None),
        editing: RwSignal::new(false),
        api,
        toasts: use_toasts(),
        i18n,
    };
    let path = format!("/contacts/{id}");
    let read = move || {
        let path = path.clone();
        read_into(client.contact, async move { api.get(&path).await });
    };
    read();
    let again = StoredValue::new(read.clone());
    use_live().follow({
        let id = id.clone();
        move |event| match event {
            Event::Contact(contact) if contact.id == id => {
                client.contact.set(Remote::Ready(contact.clone()))
            }
            Event::ContactDeleted { id: gone } if *gone == id => read(),
            Event::Many | Event::Resync => read(),
            _ => {}
        }
    });
    let is_there = Memo::new(move |_| {
        client
            .contact
            .with(|contact| contact.ready().map(|contact| contact.kind))
    });
    let id = StoredValue::new(id);
    let about = Signal::derive(move || About {
        contact: client.contact.with(|contact| {
            contact.ready().map(|contact| ContactRef {
                id: contact.id.clone(),
                name: contact.name.clone(),
            })
        }),
        deal: None,
    });
    let face = move || {
        match is_there.get() {
        Some(kind) => {
            view! {
                <div class="c" data-testid="client"><Header client/>
                    <fields::Fields client/>
                    <section class="c__m" aria-label=tr!(i18n, timeline.title)><Composer about/><Timeline client id=id.get_value()/></section>
                    <side::Side client id=id.get_value() is_company=kind == ContactKind::Company/>
                </div>
            }
            .into_any()
        }
        None => client.contact.with(|contact| match contact {
            Remote::Failed(failure) => {
                let (failure, is_gone) = (failure.clone(), matches!(failure, Failure::Refused { status: 404, .. }));
                let lead = Signal::derive(move || if is_gone { t_string!(i18n, clients.gone_lead).to_owned() } else { say_failure(i18n, &failure) });
                let title = if is_gone { tr!(i18n, clients.gone) } else { tr!(i18n, failure.title) };
                view! { <Empty icon="contact" title lead><button class="btn" on:click=act(move |_| again.with_value(|read| read()))>{tr!(i18n, common.again)}</button></Empty> }.into_any()
            }
            _ => view! { <Skeleton rows=10/> }.into_any(),
        }),
    }
    };
    view! {
        {changing(face)}
        {changing(move || client.making.get().map(|target| view! { <ItemForm target close=move |()| client.making.set(None) saved=move |_| ()/> }))}
        {changing(move || client.editing.get().then(|| client.contact.with_untracked(|contact| contact.ready().cloned())).flatten().map(|contact| view! { <Editor target=Target::Known(contact) close=move |()| client.editing.set(false) saved=move |now| client.contact.set(Remote::Ready(now))/> }))}
    }
}

#[component]
fn Header(client: Client) -> impl IntoView {
    let i18n = use_i18n();
    let house = use_house();
    let is_company = client.read(|contact| contact.kind == ContactKind::Company);
    let name = text(move || client.read(|contact| contact.name.clone()));
    let company = Memo::new(move |_| client.read(|contact| contact.company.clone()));
    let status = Memo::new(move |_| client.read(|contact| contact.status.clone()));
    let position = Memo::new(move |_| client.read(|contact| contact.position.clone()));
    let link = move || {
        company
            .get()
            .map(|company| view! { <a href=format!("/contacts/{}", company.id)>{company.name}</a> })
    };
    let path = move || {
        let link = link();
        let slash = link.is_some().then_some(" / ");
        if is_company {
            view! { <a href="/companies">{tr!(i18n, nav.companies)}</a> }.into_any()
        } else {
            view! { <a href="/contacts">{tr!(i18n, nav.contacts)}</a>{slash}{link} }.into_any()
        }
    };
    let under = move || {
        let comma =
            (!position.with(String::is_empty) && company.with(Option::is_some)).then_some(", ");
        view! { {position.get()}{comma}{link()} }
    };
    let chip = move || {
        (!status.with(String::is_empty)).then(|| view! { <span class="chip chip--acc">{text(move || house.status(&status.get()))}</span> })
    };
    let mail = Memo::new(move |_| {
        client.read(|contact| contact.emails.first().map(|email| email.value.clone()))
    });
    let write = move || {
        mail.get().map(|mail| view! { <a class="btn btn--icon" href=format!("mailto:{mail}") aria-label=tr!(i18n, clients.write) title=tr!(i18n, clients.write)><Icon name="mail"/></a> })
    };
    view! {
        <header class="c__h">
            <Avatar name kind=if is_company { "av--xl av--sq" } else { "av--xl" }/>
            <div class="grow"><nav class="t12 mute" aria-label=tr!(i18n, clients.path)>{changing(path)}</nav>
                <div class="row c__name"><h1 class="h1 cut" data-testid="client-name">{name}</h1>{changing(chip)}</div><div class="soft cut">{changing(under)}</div></div>
            <CallButton client/>
            <button class="btn" data-testid="new-task" on:click=act(move |_| client.make(ItemKind::Task, None))><Icon name="square-check"/><span class="wide">{tr!(i18n, kind.task)}</span></button>
            <button class="btn" data-testid="new-deal" on:click=act(move |_| client.make(ItemKind::Deal, None))><Icon name="square-kanban"/><span class="wide">{tr!(i18n, kind.deal)}</span></button>
            {changing(write)}
            <More client/>
        </header>
    }
}

/// Calls the first number, or one of the others.
#[component]
fn CallButton(client: Client) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let phones = Memo::new(move |_| client.read(|contact| contact.phones.clone()));
    let has_more = move || phones.with(|phones| phones.len() > 1);
    let call = move |number: &str| {
        open.set(false);
        bridge::tell(Topic::Dial, number);
    };
    let first = move |_| {
        if let Some(phone) = phones.with_untracked(|phones| phones.first().cloned()) {
            call(&phone.e164);
        }
    };
    let rows = move || {
        phones.get().into_iter().map(|phone| view! { <button role="menuitem" tabindex="-1" on:click=act(move |_| call(&phone.e164))><Icon name="phone"/><span class="num grow">{phone.display}</span><span class="mute t12">{fields::label(i18n, &phone.label)}</span></button> }).collect_view()
    };
    view! {
        <When when=move || !phones.with(Vec::is_empty)>
            <div class="anchor" on:keydown=act(crate::components::menu::key) on:click=act(crate::components::menu::click)><div class="btns"><button class="btn btn--main" data-testid="client-call" on:click=act(first)><Icon name="phone"/>{tr!(i18n, common.call)}</button>
                <When when=has_more><button class="btn btn--main btn--icon btn--part" aria-haspopup="menu" aria-expanded=text(move || open.get()) aria-label=tr!(i18n, clients.choose_number) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="chevron-down"/></button></When></div>
                <When when=move || open.get()><div class="veil" on:click=act(move |_| open.set(false))></div><div class="pop menu pop--right" role="menu" aria-label=tr!(i18n, clients.choose_number)>{changing(rows)}</div></When></div>
        </When>
    }
}

#[component]
fn More(client: Client) -> impl IntoView {
    let i18n = use_i18n();
    let (api, toasts) = (use_api(), use_toasts());
    let open = RwSignal::new(false);
    let erasing = RwSignal::new(false);
    let item = move |icon: &'static str,
                     words: Signal<String>,
                     testid: &'static str,
                     deed: Callback<()>| {
        let press = move |_| {
            open.set(false);
            deed.run(());
        };
        view! { <button role="menuitem" tabindex="-1" data-testid=testid on:click=act(press)><Icon name=icon/>{words}</button> }
    };
    let delete = Callback::new(move |()| {
        if let Some(contact) = client
            .contact
            .with_untracked(|contact| contact.ready().cloned())
        {
            let list = if contact.kind == ContactKind::Company {
                "/companies"
            } else {
                "/contacts"
            };
            remove(i18n, contact, api, toasts);
            go(list);
        }
    });
    let make = move |kind| Callback::new(move |()| client.make(kind, None));
    let name = text(move || client.read(|contact| contact.name.clone()));
    let erase = move || {
        let id = erasing
            .get()
            .then(|| client.named())
            .flatten()
            .map(|contact| contact.id);
        id.map(|id| view! { <EraseDialog id name open=erasing/> })
    };
    let session = use_session();
    let may_erase = move || session.me(|me| me.role == Role::Admin).unwrap_or_default();
    let menu = move || {
        view! {
            {item("pencil", tr!(i18n, clients.edit_all), "edit-client", Callback::new(move |()| client.editing.set(true)))}
            {item("package", tr!(i18n, kind.order), "new-order", make(ItemKind::Order))}
            {item("life-buoy", tr!(i18n, kind.request), "new-request", make(ItemKind::Request))}
            <hr/>
            {item("trash-2", tr!(i18n, common.delete), "delete-client", delete)}
            {may_erase().then(|| item("shield", tr!(i18n, care.erase), "erase-client", Callback::new(move |()| erasing.set(true))))}
        }
    };
    view! {
        <div class="anchor" on:keydown=act(crate::components::menu::key) on:click=act(crate::components::menu::click)>
            <button class="btn btn--icon" data-testid="client-more" aria-haspopup="menu" aria-expanded=text(move || open.get()) aria-label=tr!(i18n, clients.more) title=tr!(i18n, clients.more) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="ellipsis"/></button>
            <When when=move || open.get()><div class="veil" on:click=act(move |_| open.set(false))></div><div class="pop menu pop--right" role="menu" aria-label=tr!(i18n, clients.more)>{changing(menu)}</div></When>
        </div>
        {changing(erase)}
    }
}

/// A number with its label and a button, as in the column of fields.
pub fn phone_row(i18n: I18n, e164: String, display: String, label: &str) -> AnyView {
    let (number, words) = (
        e164.clone(),
        fill_now!(i18n, common.call_number, number = display),
    );
    view! { <li><Tel number=e164 shown=display/><span class="mute t12">{fields::label(i18n, label)}</span><span class="push"><IconButton icon="phone" label=Signal::stored(words) press=move |()| bridge::tell(Topic::Dial, &number)/></span></li> }.into_any()
}
