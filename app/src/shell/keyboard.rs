//! Listens to the keys that work everywhere.

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use phone::Command;
use wasm_bindgen::JsCast;

use crate::{
    dock::{dialer, keypad},
    pages::host,
    platform::{focus_soon, is_typing},
    state::phone::{PhoneLink, use_phone},
    view::{
        card::target,
        keys::{Action, Press, action},
    },
};

/// Until the component goes.
pub fn listen() {
    let phone = use_phone();
    let listener = EventListener::new_with_options(
        &window(),
        "keydown",
        EventListenerOptions::enable_prevent_default(),
        move |event| {
            let Some(press) = event.dyn_ref::<web_sys::KeyboardEvent>() else {
                return;
            };
            let (code, key) = (press.code(), press.key());
            let wanted = action(Press {
                code: &code,
                key: &key,
                alt: press.alt_key(),
                ctrl: press.ctrl_key() || press.meta_key(),
                typing: is_typing(),
            });
            if let Some(wanted) = wanted.filter(|_| !press.repeat()) {
                event.prevent_default();
                act(wanted, phone);
            }
        },
    );
    let listener = StoredValue::new_local(Some(listener));
    on_cleanup(move || {
        listener.try_update_value(Option::take);
    });
}

fn act(wanted: Action, phone: PhoneLink) {
    match wanted {
        Action::Answer => {
            if let Some(call) = phone.target(target::to_answer) {
                phone.send(Command::Answer(call.key));
            }
        }
        Action::End => phone.end_or_reject(),
        Action::Mute => {
            if let Some(call) = phone.target(target::in_talk) {
                phone.send(Command::Mute(call.key, !call.muted));
            }
        }
        Action::Hold => {
            if let Some(call) = phone.target(target::in_talk) {
                phone.send(Command::Hold(call.key, !call.held));
            }
        }
        Action::Transfer => {
            if let Some(call) = phone.target(target::in_talk) {
                phone.hand_on_toggle(call.key, false);
            }
        }
        Action::Note => focus_note(),
        Action::Card(place) => focus_card(place),
        Action::Keypad => {
            phone.keypad_open.update(|open| *open = !*open);
            focus_soon(keypad::PAD);
        }
        Action::NumberField => {
            phone.pad_open.set(true);
            focus_soon(dialer::FIELD);
        }
        Action::Search => focus_soon(super::search::FIELD),
        Action::AllKeys => host::open_keys(),
    }
}

/// The note of the call in talk, or of the newest card.
fn focus_note() {
    let note = document().query_selector("[data-testid=\"card-note\"]");
    let note = note.ok().flatten();
    if let Some(note) = note.and_then(|note| note.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = note.focus();
    }
}

/// Answer, or the first button of a card, counted from the oldest, which stands lowest.
fn focus_card(place: usize) {
    let Ok(cards) = document().query_selector_all("[data-testid=\"call-card\"]") else {
        return;
    };
    let from_above = (cards.length() as usize).checked_sub(place + 1);
    let card = from_above.and_then(|at| cards.get(at as u32));
    let card = card.and_then(|card| card.dyn_into::<web_sys::Element>().ok());
    let button = card.and_then(|card| {
        let find = |what| card.query_selector(what).ok().flatten();
        find("[data-testid=\"answer\"]").or_else(|| find("button"))
    });
    if let Some(button) = button.and_then(|button| button.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = button.focus();
    }
}
