//! Small things only a browser has: its clock, its storage, its theme.

pub mod address;
pub mod bridge;
pub mod echo;
pub mod mini;
pub mod notices;
pub mod pop_up;
pub mod tabs;
pub mod theme;
pub mod time;
pub mod upload;

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Milliseconds since 1970 on this computer.
pub fn now_ms() -> i64 {
    js_sys::Date::now() as i64
}

/// Gives the focus to an element once the page has been updated.
pub fn focus_soon(id: &'static str) {
    request_animation_frame(move || {
        if let Some(element) = document().get_element_by_id(id) {
            let _ = element.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
}

/// Whether the focus is where text is typed.
pub fn is_typing() -> bool {
    document().active_element().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            && element.get_attribute("type").as_deref() != Some("range")
    })
}
