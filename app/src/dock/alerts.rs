//! A call that rings while nobody looks at the page: a notification with its buttons, another icon.

use crate::components::reactive::{When, act};
use gloo::{
    events::EventListener,
    storage::{LocalStorage, Storage},
};
use leptos::{prelude::*, task::spawn_local};
use phone::{CallKey, CallPhase, Command, Connection, Rejection, Trouble};

use crate::{
    components::Icon,
    i18n::*,
    platform::{
        bridge,
        notices::{self, Notice, Permission, Wish},
    },
    state::phone::{PhoneLink, use_phone},
    view::card::Face,
};

/// Set once the person does not want to be asked.
const NOT_NOW: &str = "trubka.notices.not_now";

/// Names the notification that asks for a look at the page.
const LOOK: &str = "look";

/// What is shown of a ringing call.
#[derive(Clone, PartialEq, Eq)]
struct Ring {
    key: CallKey,
    tag: String,
    title: String,
    body: String,
}

/// Follows the calls that ring. `words`: the two lines of a call.
pub fn follow(i18n: I18n, phone: PhoneLink, words: impl Fn(&Face) -> [String; 2] + Copy + 'static) {
    let clicked = move |tag: &str, wish: Wish| act_on(phone, tag, wish);
    if let Some(listener) = notices::begin(clicked) {
        bridge::keep(listener);
    }
    let hidden = RwSignal::new(document().hidden());
    bridge::keep(EventListener::new(
        &document(),
        "visibilitychange",
        move |_| hidden.set(document().hidden()),
    ));
    ask_for_a_look(i18n, phone);
    let rings = move || ringing(phone, words);
    Effect::new(move |before: Option<Vec<Ring>>| {
        let now = rings();
        show_icon(!now.is_empty());
        // One tab speaks for all.
        let speaks = hidden.get() && phone.leads();
        let shown = if speaks { now } else { Vec::new() };
        tell(i18n, &before.unwrap_or_default(), &shown);
        shown
    });
}

/// Firefox gives no microphone to a tab nobody looks at: a click on this brings it to the front.
fn ask_for_a_look(i18n: I18n, phone: PhoneLink) {
    let waits = Memo::new(move |_| {
        let troubles =
            |state: &phone::PhoneState| state.troubles.contains(&Trouble::MicrophoneWaits);
        phone.state.with(troubles) && phone.leads()
    });
    Effect::new(move |_| match waits.get() {
        true if notices::permission() == Permission::Granted => notices::show(&Notice {
            tag: LOOK.to_owned(),
            title: tu_string!(i18n, trouble.microphone_waits.title).to_owned(),
            body: tu_string!(i18n, trouble.microphone_waits.remedy).to_owned(),
            buttons: [String::new(), String::new()],
        }),
        true => {}
        false => notices::close(LOOK),
    });
}

fn ringing(phone: PhoneLink, words: impl Fn(&Face) -> [String; 2]) -> Vec<Ring> {
    phone.state.with(|state| {
        let ringing = |call: &&phone::CallView| call.phase == CallPhase::RingingIn;
        let calls = state.calls.iter().filter(ringing);
        calls
            .map(|call| {
                let record = record_of(phone, call.key);
                let [title, body] = words(&phone.face(Some(call), record.as_ref()));
                Ring {
                    key: call.key,
                    tag: tag(call),
                    title,
                    body,
                }
            })
            .collect()
    })
}

fn record_of(phone: PhoneLink, key: CallKey) -> Option<api_types::CallRecord> {
    let id = phone.stack.with(|stack| {
        let card = stack.cards().iter().find(|card| card.key == Some(key))?;
        card.call_id.clone()
    })?;
    phone.records.with(|records| records.get(&id).cloned())
}

/// Only what is new, and again when a name came after the ring.
fn tell(i18n: I18n, before: &[Ring], now: &[Ring]) {
    for gone in before.iter().filter(|ring| !has(now, ring.key)) {
        notices::close(&gone.tag);
    }
    if notices::permission() != Permission::Granted {
        return;
    }
    for ring in now.iter().filter(|ring| !before.contains(ring)) {
        notices::show(&Notice {
            tag: ring.tag.clone(),
            title: ring.title.clone(),
            body: ring.body.clone(),
            buttons: [
                tu_string!(i18n, card.answer).to_owned(),
                tu_string!(i18n, card.reject).to_owned(),
            ],
        });
    }
}

fn has(rings: &[Ring], key: CallKey) -> bool {
    rings.iter().any(|ring| ring.key == key)
}

/// Names the call for good: its key begins at 1 again with every page.
fn tag(call: &phone::CallView) -> String {
    let id = call.call_id.clone();
    id.unwrap_or_else(|| format!("call-{}", call.key.0))
}

/// The call may have ended meanwhile: then nothing is done.
fn act_on(phone: PhoneLink, named: &str, wish: Wish) {
    let call = phone.target(|calls| {
        let mut ringing = calls
            .iter()
            .filter(|call| call.phase == CallPhase::RingingIn);
        ringing.find(|call| tag(call) == named)
    });
    match (call, wish) {
        (Some(call), Wish::Answer) => phone.send(Command::Answer(call.key)),
        (Some(call), Wish::Reject) => phone.send(Command::Reject(call.key, Rejection::Busy)),
        (None, _) | (_, Wish::Look) => {}
    }
}

/// The icon of the tab.
fn show_icon(rings: bool) {
    let icon = document().query_selector("link[rel=icon]").ok().flatten();
    if let Some(icon) = icon {
        let file = if rings {
            "/icon-ringing.svg"
        } else {
            "/icon.svg"
        };
        if icon.get_attribute("href").as_deref() != Some(file) {
            let _ = icon.set_attribute("href", file);
        }
    }
}

/// Offers notifications, once, when the phone is ready: a browser asks only after a click.
#[component]
pub fn Offer() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let open = RwSignal::new(wants_asking());
    let ready = move || {
        open.get()
            && phone.state.with(|state| {
                matches!(state.connection, Connection::Ready { .. }) && state.calls.is_empty()
            })
    };
    let allow = move |_| {
        spawn_local(async move {
            notices::ask().await;
            open.set(false);
        });
    };
    let not_now = move |_| {
        let _ = LocalStorage::set(NOT_NOW, true);
        open.set(false);
    };
    view! {
        <When when=ready>
            <div class="note note--float offer" data-testid="offer-notices">
                <Icon name="bell"/>
                <span class="grow">{tr!(i18n, notices.offer)}</span>
                <span class="offer__act">
                    <button class="btn btn--quiet" data-testid="notices-not-now" on:click=act(not_now)>{tr!(i18n, notices.not_now)}</button>
                    <button class="btn" data-testid="notices-allow" on:click=act(allow)>{tr!(i18n, notices.yes)}</button>
                </span>
            </div>
        </When>
    }
}

fn wants_asking() -> bool {
    notices::permission() == Permission::Unasked && LocalStorage::get::<bool>(NOT_NOW).is_err()
}
