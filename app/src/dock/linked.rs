//! A number handed over in the address: `/?call=tel:+44…`, as browsers open `tel:` links.
//!
//! Any web page can lead somebody to such an address, so the number is only filled in: calling it
//! takes a click or Enter.

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::dialer;
use crate::{
    platform::{address::use_address, focus_soon},
    state::phone::PhoneLink,
    view::dial,
};

/// Longest that is taken, in characters.
const LONGEST: usize = 64;

/// Puts the address's number into the field and takes it out of the address.
pub fn take(phone: PhoneLink) {
    let address = use_address();
    Effect::new(move |_| {
        // Elsewhere the parameter is another: in the log it names the open call.
        if !address.is(|path| path == "/") {
            return;
        }
        let Some(asked) = address.param("call") else {
            return;
        };
        let number = dial::number(&asked).filter(|number| number.len() <= LONGEST);
        if let Some(number) = number {
            phone.number.set(number);
            phone.pad_open.set(true);
            focus_soon(dialer::FIELD);
        }
        if let Ok(history) = window().history() {
            let path = address.path();
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&path));
        }
    });
}
