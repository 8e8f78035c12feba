//! How the card opens, kept in this browser for each person who signs in here.

use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::view::pop_up::PopUp;

fn key(extension: &str) -> String {
    format!("trubka.popup.{extension}")
}

/// What the person with this extension has set here.
pub fn kept(extension: &str) -> PopUp {
    let kept: Option<String> = LocalStorage::get(key(extension)).ok();
    kept.map_or_else(PopUp::default, |kept| PopUp::read(&kept))
}

/// Keeps it.
pub fn keep(extension: &str, pop_up: PopUp) {
    let _ = LocalStorage::set(key(extension), pop_up.write());
}

/// Puts the phone where it is to stand. The style sheet sees to it that it stays in the window.
pub fn place(pop_up: PopUp) {
    let root = document().document_element();
    let root = root.and_then(|root| root.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(root) = root {
        let style = root.style();
        let _ = style.set_property("--dock-x", &format!("{}px", pop_up.right));
        let _ = style.set_property("--dock-y", &format!("{}px", pop_up.bottom));
    }
}
