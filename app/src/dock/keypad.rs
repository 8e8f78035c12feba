//! Digits into the call.

use crate::components::reactive::{act, text};
use leptos::prelude::*;
use phone::Command;

use super::card::CardModel;
use crate::{i18n::*, state::phone::use_phone, view::dial};

/// Id of the pad.
pub const PAD: &str = "keypad";

/// The twelve keys; the keyboard's digits work while it has the focus.
#[component]
pub fn Keypad(model: CardModel) -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let press = move |digit: char| {
        if let Some(call) = model.call.get_untracked() {
            phone.send(Command::SendDigits(call.key, digit.to_string()));
        }
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        let mut letters = event.key();
        match (letters.pop(), letters.is_empty()) {
            (Some(digit), true)
                if dial::is_digit(digit) && !event.alt_key() && !event.ctrl_key() =>
            {
                press(digit)
            }
            _ => {}
        }
    };
    let digits = move || {
        model.call.with(|call| {
            call.as_ref()
                .map(|call| call.digits.clone())
                .unwrap_or_default()
        })
    };
    let said = move || match digits() {
        none if none.is_empty() => t_string!(i18n, card.digits_none).to_owned(),
        digits => fill!(i18n, card.digits, digits = digits),
    };
    let keys = dial::PAD.map(|(digit, letters)| {
        view! { <button data-testid=format!("key-{}", name(digit)) on:click=act(move |_| press(digit))>{digit}<small>{letters}</small></button> }
    });
    view! {
        <div class="keypad" id=PAD tabindex="-1" on:keydown=act(on_key) role="group" aria-label=tr!(i18n, card.keypad)>
            <div class="t12 soft num keypad__said" role="status">{text(said)}</div>
            <div class="pad">{keys.into_iter().collect_view()}</div>
        </div>
    }
}

/// Stable name of a key for tests.
pub fn name(digit: char) -> String {
    match digit {
        '#' => "hash".to_owned(),
        '*' => "star".to_owned(),
        digit => digit.to_string(),
    }
}
