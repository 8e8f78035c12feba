//! Unsorted: missed calls and requests nobody has taken care of. Each becomes a client's, or is dismissed.

use api_types::{
    CallPatch, CallRecord, Contact, ContactDraft, ContactRef, Event, Item, ItemDraft, ItemKind,
    Page,
};
use leptos::{prelude::*, task::spawn_local};

use super::{item_form::use_clicks, pick::ContactPick};
use crate::{
    api::{Api, events::use_live, use_api},
    components::{
        Dialog, Empty, Icon,
        form::{Bound, TextField},
        reactive::{Rows, When, act, changing, followed, text},
        remote_view::RemoteView,
        say_failure_now,
    },
    i18n::*,
    platform::{
        address::go,
        bridge::{self, Topic},
        now_ms, time,
    },
    state::{
        house::use_house,
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::{contact_draft, failure::Failure, query::query},
};

/// `/unsorted`
#[component]
pub fn UnsortedPage() -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let list = RwSignal::new(Remote::<Page<Item>>::Loading);
    let taking = RwSignal::new(None::<(Item, Option<CallRecord>)>);
    let read = move || {
        let path = format!(
            "/items{}",
            query(&[("kind", "unsorted"), ("open", "true"), ("limit", "200")])
        );
        read_into(list, async move { api.get(&path).await });
    };
    read();
    use_live().follow(move |event| match event {
        Event::Item(item) if item.kind == ItemKind::Unsorted => list.update(|list| {
            if let Some(page) = list.ready_mut() {
                page.items.retain(|known| known.id != item.id);
                if item.is_open {
                    let place = page
                        .items
                        .iter()
                        .position(|known| known.created_at < item.created_at)
                        .unwrap_or(page.items.len());
                    page.items.insert(place, item.clone());
                }
            }
        }),
        Event::ItemDeleted { id } => list.update(|list| {
            if let Some(page) = list.ready_mut() {
                page.items.retain(|known| known.id != *id)
            }
        }),
        Event::Many | Event::Resync => read(),
        _ => {}
    });
    let keys = Memo::new(move |_| {
        list.with(|list| {
            list.ready()
                .map(|page| {
                    page.items
                        .iter()
                        .map(|item| item.id.clone())
                        .collect::<Vec<_>>()
                })
                .unwrap_or_default()
        })
    });
    let row = move |id: String| {
        let item = followed(move || {
            list.with(|list| {
                list.ready()
                    .and_then(|page| page.items.iter().find(|item| item.id == id).cloned())
            })
        });
        item.map(|item| view! { <Entry item=item.get_untracked() taking/> })
            .into_any()
    };
    let nothing = move || view! { <Empty icon="inbox" title=tr!(i18n, unsorted.empty) lead=tr!(i18n, unsorted.empty_lead)/> };
    let many =
        move || list.with(|list| list.ready().is_some_and(|page| page.next_cursor.is_some()));
    view! {
        <div class="page__head"><h1 class="h1">{tr!(i18n, nav.unsorted)}</h1></div>
        <RemoteView source=list again=move |()| read()>
            <When when=move || !keys.with(Vec::is_empty) otherwise=ViewFn::from(nothing)>
                <ul class="uns"><Rows keys=Signal::derive(move || keys.get()) row/></ul>
                <When when=many><p class="mute uns__more">{tr!(i18n, unsorted.more)}</p></When>
            </When>
        </RemoteView>
        {changing(move || taking.get().map(|(item, call)| view! { <Take item call close=move |()| taking.set(None)/> }))}
    }
}

fn number_of(item: &Item, call: Option<&CallRecord>) -> Option<(String, String)> {
    let number = call.and_then(|call| call.number.as_ref());
    number
        .map(|number| (number.e164.clone(), number.display.clone()))
        .or_else(|| {
            let typed = item
                .fields
                .get("phone")
                .cloned()
                .unwrap_or_else(|| item.title.clone());
            crate::view::dial::number(&typed).map(|_| (typed.clone(), typed))
        })
}

#[component]
fn Entry(item: Item, taking: RwSignal<Option<(Item, Option<CallRecord>)>>) -> impl IntoView {
    let (i18n, house, api, clicks) = (use_i18n(), use_house(), use_api(), use_clicks());
    let call = RwSignal::new(None::<CallRecord>);
    if let Some(id) = item.call.clone() {
        spawn_local(async move {
            if let Ok(read) = api.call(&id).await {
                let _ = call.try_set(Some(read));
            }
        });
    }
    use_live().follow(move |event| {
        if let Event::Call(now) = event
            && call.with_untracked(|call| call.as_ref().is_some_and(|call| call.id == now.id))
        {
            call.set(Some(now.clone()));
        }
    });
    let icon = match item.sort.as_str() {
        "request" => "message-square",
        "voicemail" => "audio-lines",
        _ => "phone-missed",
    };
    let sort = item.sort.clone();
    let words = text(move || match sort.as_str() {
        "request" => t_string!(i18n, unsorted.request),
        "voicemail" => t_string!(i18n, unsorted.voicemail),
        _ => t_string!(i18n, timeline.missed),
    });
    let shown = StoredValue::new(item.clone());
    let number = move || shown.with_value(|item| call.with(|call| number_of(item, call.as_ref())));
    let who = move || {
        shown
            .with_value(|item| item.contact.as_ref().map(|contact| contact.name.clone()))
            .or_else(|| {
                call.with(|call| call.as_ref().and_then(|call| call.network_name.clone()))
                    .filter(|name| !name.is_empty())
            })
    };
    let line = move || {
        call.with(|call| {
            call.as_ref()
                .and_then(|call| call.line.as_ref().map(|line| line.label.clone()))
        })
    };
    let calling = move || {
        call.with(|call| call.as_ref().and_then(|call| call.calling_back.as_ref().map(|who| who.name.clone()))).map(|who| view! { <span class="chip chip--acc">{text(move || fill!(i18n, unsorted.calling, who = who))}</span> })
    };
    let owner = item.owner.clone();
    let made = item.created_at;
    let dismiss = move |_| {
        let item = shown.get_value();
        let say = fill_now!(i18n, unsorted.dismissed, title = item.title);
        clicks.state(item, "dismissed", say, Callback::new(|_| ()));
    };
    let back = move |_| {
        if let Some((number, _)) = untrack(number) {
            bridge::tell(Topic::Dial, &number);
        }
    };
    let has_number = Memo::new(move |_| number().is_some());
    let title = move || match (who(), number()) {
        (Some(name), _) => name,
        (None, Some((_, display))) => display,
        (None, None) => shown.with_value(|item| item.title.clone()),
    };
    let contact = item.contact.clone();
    let name = match contact {
        Some(contact) => {
            view! { <a class="med" href=format!("/contacts/{}", contact.id)>{contact.name}</a> }
                .into_any()
        }
        None => view! { <b class="med">{text(title)}</b> }.into_any(),
    };
    let is_named = move || who().is_some();
    view! {
        <li class="un" data-testid="unsorted"><span class="ev__ic" class:stop=icon == "phone-missed"><Icon name=icon/></span>
            <div class="grow"><div class="row un__h">{name}<When when=is_named><span class="num soft">{text(move || number().map(|(_, display)| display))}</span></When><span class="soft">{words}</span><span class="mute">{text(line)}</span>{changing(calling)}<span class="mute">{text(move || house.person(owner.as_deref()))}</span></div>
                {(!item.text.is_empty()).then(|| view! { <p class="ev__t">{item.text.clone()}</p> })}</div>
            <span class="num t12 mute">{text(move || time::near(made, now_ms(), i18n.get_locale()))}</span>
            <When when=move || has_number.get()><button class="btn" data-testid="call-back" on:click=act(back)><Icon name="phone"/>{tr!(i18n, card.call_back)}</button></When>
            <button class="btn" data-testid="accept" on:click=act(move |_| taking.set(Some((shown.get_value(), call.get_untracked()))))><Icon name="user-plus"/><span class="wide">{tr!(i18n, unsorted.accept)}</span></button>
            <button class="btn btn--quiet" data-testid="dismiss" on:click=act(dismiss)>{tr!(i18n, unsorted.dismiss)}</button></li>
    }
}

/// A new contact and a deal in one step, or an existing contact.
#[component]
fn Take(item: Item, call: Option<CallRecord>, #[prop(into)] close: Callback<()>) -> impl IntoView {
    let (i18n, api, toasts, house) = (use_i18n(), use_api(), use_toasts(), use_house());
    let number = number_of(&item, call.as_ref());
    let found = item.contact.clone();
    let chosen = RwSignal::new(found.clone());
    let first = item
        .fields
        .get("name")
        .cloned()
        .or_else(|| call.as_ref().and_then(|call| call.network_name.clone()))
        .unwrap_or_default();
    let name = RwSignal::new(first);
    let with_deal = RwSignal::new(true);
    let deal_title = RwSignal::new(String::new());
    let fault = RwSignal::new(String::new());
    let item = StoredValue::new(item);
    let phone = StoredValue::new(number.clone());
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        fault.set(String::new());
        let wanted = Wanted {
            contact: chosen.get_untracked(),
            name: name.get_untracked().trim().to_owned(),
            number: phone.get_value().map(|(number, _)| number),
            deal: with_deal
                .get_untracked()
                .then(|| deal_title.get_untracked()),
            me: untrack(|| house.me()),
        };
        if wanted.contact.is_none() && wanted.name.is_empty() {
            return fault.set(tu_string!(i18n, contacts.no_name).to_owned());
        }
        spawn_local(async move {
            match accept(api, item.get_value(), wanted).await {
                Ok(contact) => {
                    toasts.say(fill_now!(i18n, unsorted.accepted, name = contact.name));
                    close.run(());
                    go(&format!("/contacts/{}", contact.id));
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                }
            }
        });
    };
    let foot = Box::new(move || {
        view! {
            <span class="stop t12 grow wrap" role="alert">{fault}</span>
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="take-form" class="btn btn--main" data-testid="take">{tr!(i18n, unsorted.accept)}</button>
        }
        .into_any()
    });
    let is_new = move || chosen.with(Option::is_none);
    view! {
        <Dialog title=tr!(i18n, unsorted.accept_title) close foot>
            <form class="form" id="take-form" on:submit=act(save) novalidate>
                {number.map(|(_, display)| view! { <p class="num strong">{display}</p> })}
                <When when=is_new><TextField id="take-name" label=tr!(i18n, unsorted.new_name) bound=Bound::of(name)/></When>
                <ContactPick id="take-contact" label=tr!(i18n, unsorted.or_existing) kind="" chosen/>
                <label class="switch"><input type="checkbox" role="switch" data-testid="take-deal" prop:checked=with_deal on:change=act(move |change| with_deal.set(event_target_checked(&change)))/><span class="soft">{tr!(i18n, unsorted.with_deal)}</span></label>
                <When when=move || with_deal.get()><TextField id="take-title" label=tr!(i18n, items.title) bound=Bound::of(deal_title) placeholder=tr!(i18n, items.title_ph)/></When>
            </form>
        </Dialog>
    }
}

/// What was chosen.
struct Wanted {
    contact: Option<ContactRef>,
    name: String,
    number: Option<String>,
    deal: Option<String>,
    me: String,
}

async fn accept(api: Api, item: Item, wanted: Wanted) -> Result<ContactRef, Failure> {
    let contact = match wanted.contact {
        Some(contact) => {
            let is_his = item
                .contact
                .as_ref()
                .is_some_and(|known| known.id == contact.id);
            if let Some(number) = wanted.number.filter(|_| !is_his) {
                let _: Contact = api
                    .post(
                        &format!("/contacts/{}/phones", contact.id),
                        &serde_json::json!({ "number": number }),
                    )
                    .await?;
            }
            contact
        }
        None => {
            let phones = wanted
                .number
                .map(|number| contact_draft::phone_draft(number, String::new()));
            let draft = ContactDraft {
                name: wanted.name,
                phones: phones.into_iter().collect(),
                responsible: Some(wanted.me.clone()),
                ..ContactDraft::default()
            };
            let made = api.save_contact(None, &draft).await?;
            ContactRef {
                id: made.id,
                name: made.name,
            }
        }
    };
    let mut deal = None;
    if let Some(title) = wanted.deal {
        let draft = ItemDraft {
            kind: ItemKind::Deal,
            title,
            contact: Some(contact.id.clone()),
            call: item.call.clone(),
            owner: Some(wanted.me),
            text: item.text.clone(),
            ..ItemDraft::default()
        };
        deal = Some(api.post::<Item>("/items", &draft).await?.id);
    }
    if let Some(call) = &item.call {
        let patch = CallPatch {
            contact: Some(contact.id.clone()),
            deal,
            ..CallPatch::default()
        };
        // The record may be gone by the rules of keeping; the entry is taken all the same.
        let _ = api.patch_call(call, &patch).await;
    }
    let _: Item = api
        .patch(
            &format!("/items/{}", item.id),
            &serde_json::json!({ "state": "accepted" }),
        )
        .await?;
    Ok(contact)
}
