//! What stands in a call's card but is not painted at the ring: history, files, forms, the wrap-up.

mod attach;
mod files;
mod hand_on;
mod history;
mod make;
mod quality;
mod script;
mod when;
mod wrap_up;

pub use wrap_up::send_left;

use std::cell::RefCell;

use api_types::{CallRecord, ContactRef, Event, ItemKind};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::{events::use_live, use_api},
    components::reactive::{self, changing},
    platform::bridge::{self, Topic},
    view::{event, stack::plain_id},
};

/// Records kept: the calls of some minutes.
const KEPT: usize = 24;

thread_local! {
    /// The last calls the desk was told of, newest last.
    static CALLS: RefCell<Vec<CallRecord>> = const { RefCell::new(Vec::new()) };
}

/// Keeps the calls the desk is told of, so that a card's part has its call at once.
pub fn watch() {
    bridge::listen(Topic::Live, |text| {
        if text.starts_with(r#"{"type":"call""#)
            && let Some(Event::Call(call)) = event::read(&text)
        {
            keep(call);
        }
    })
    .forget();
}

fn keep(mut call: CallRecord) {
    CALLS.with_borrow_mut(|calls| {
        let id = plain_id(&call.id);
        if let Some(at) = calls.iter().position(|known| plain_id(&known.id) == id) {
            let known = calls.remove(at);
            // A record says it only while the call goes on.
            call.client = call.client.or(known.client);
        }
        calls.push(call);
        if calls.len() > KEPT {
            calls.remove(0);
        }
    });
}

fn kept(id: &str) -> Option<CallRecord> {
    CALLS.with_borrow(|calls| {
        let is_it = |call: &&CallRecord| plain_id(&call.id) == plain_id(id);
        calls.iter().find(is_it).cloned()
    })
}

/// The call a part belongs to.
#[derive(Clone, Copy)]
pub struct Of {
    /// What the phone knows the call as.
    key: StoredValue<String>,
    /// The record as it is now.
    call: Signal<CallRecord>,
}

impl Of {
    /// Tells the card something.
    fn tell(self, word: &str) {
        self.key
            .with_value(|key| bridge::tell(Topic::Card, &format!("{word} {key}")));
    }

    fn id(self) -> String {
        self.call.with_untracked(|call| call.id.clone())
    }

    /// The client, if one is known.
    fn contact(self) -> Option<ContactRef> {
        self.call.with(|call| call.contact.clone())
    }

    /// Who it is with, as people say it.
    fn who(self) -> String {
        self.call.with_untracked(|call| {
            let name = call.contact.as_ref().map(|contact| contact.name.clone());
            let name = name.or_else(|| Some(call.row.as_ref()?.title.clone()));
            let number = call.number.as_ref().map(|number| number.display.clone());
            name.or(number).unwrap_or_default()
        })
    }
}

/// A part of a card by its name; `detail` is `key id`.
pub fn part(name: &str, detail: &str) -> AnyView {
    match name {
        "hand_on" => return hand_on::hand_on(detail),
        "quality" => return quality::quality(detail),
        _ => {}
    }
    let (key, id) = detail.split_once(' ').unwrap_or_default();
    let (key, id, name) = (
        StoredValue::new(key.to_owned()),
        id.to_owned(),
        name.to_owned(),
    );
    let call = followed(&id);
    // Made once: a form is not made anew with every word that changes the call.
    let is_there = Memo::new(move |_| call.with(Option::is_some));
    changing(move || {
        is_there
            .get()
            .then(|| reactive::followed(move || call.get()))
            .flatten()
            .map(|call| inside(&name, Of { key, call }))
    })
    .into_any()
}

fn inside(name: &str, of: Of) -> AnyView {
    match name {
        "history" => view! { <history::History of/> }.into_any(),
        "files" => view! { <files::Files of/> }.into_any(),
        "script" => view! { <script::Script of/> }.into_any(),
        "attach" => view! { <attach::Attach of/> }.into_any(),
        "wrap_up" => view! { <wrap_up::WrapUp of/> }.into_any(),
        "deal" => view! { <make::Make of kind=ItemKind::Deal/> }.into_any(),
        "interaction" => view! { <make::Make of kind=ItemKind::Interaction/> }.into_any(),
        "order" => view! { <make::Make of kind=ItemKind::Order/> }.into_any(),
        "request" => view! { <make::Make of kind=ItemKind::Request/> }.into_any(),
        _ => view! { <make::Make of kind=ItemKind::Task/> }.into_any(),
    }
}

/// The call as the desk was told of it, else as the server has it.
fn followed(id: &str) -> Memo<Option<CallRecord>> {
    let api = use_api();
    let known = RwSignal::new(kept(id));
    let wanted = plain_id(id);
    use_live().follow(move |event| {
        if let Event::Call(call) = event
            && plain_id(&call.id) == wanted
        {
            let now = kept(&call.id).unwrap_or_else(|| call.clone());
            let client = now.client.clone();
            known.set(Some(CallRecord {
                client,
                ..call.clone()
            }));
        }
    });
    if known.with_untracked(Option::is_none) {
        let id = id.to_owned();
        spawn_local(async move {
            if let Ok(call) = api.call(&id).await {
                keep(call.clone());
                let _ = known.try_set(Some(call));
            }
        });
    }
    Memo::new(move |_| known.get())
}
