//! A dialog over the page, under the phone. The browser's own `<dialog>` traps and returns the focus.

use crate::components::reactive::act;
use leptos::{html, prelude::*};

/// Open while it is mounted; Escape calls `close`.
#[component]
pub fn Dialog(
    #[prop(into)] title: Signal<String>,
    #[prop(into)] close: Callback<()>,
    children: Children,
    foot: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    let before = document().active_element();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // Not `showModal`: its top layer would cover a ringing card.
            let _ = dialog.set_attribute("open", "");
            let first = dialog
                .query_selector("input, textarea, select, button")
                .ok()
                .flatten();
            focus(first.as_ref());
        }
    });
    let before = StoredValue::new_local(before);
    on_cleanup(move || focus(before.try_get_value().flatten().as_ref()));
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" {
            press.stop_propagation();
            close.run(());
        }
        if press.key() == "Tab" {
            trap(&press, node);
        }
    };
    view! {
        <div class="scrim" on:click=act(move |_| close.run(()))></div>
        <dialog class="dialog" node_ref=node aria-modal="true" aria-labelledby="dialog-title" on:keydown=act(on_key)>
            <div class="dialog__head"><h2 class="h2 dialog__title" id="dialog-title">{title}</h2></div>
            <div class="dialog__body">{children()}</div>
            <div class="dialog__foot">{foot()}</div>
        </dialog>
    }
}

fn focus(element: Option<&web_sys::Element>) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.and_then(|element| element.dyn_ref::<web_sys::HtmlElement>()) {
        let _ = element.focus();
    }
}

/// Keeps Tab inside.
fn trap(press: &leptos::ev::KeyboardEvent, node: NodeRef<html::Dialog>) {
    use wasm_bindgen::JsCast;
    let Some(all) = node.get_untracked().and_then(|dialog| {
        dialog
            .query_selector_all("input, textarea, select, button, a[href]")
            .ok()
    }) else {
        return;
    };
    let end = |at: u32| {
        all.get(at)
            .and_then(|node| node.dyn_into::<web_sys::Element>().ok())
    };
    let (first, last) = (end(0), end(all.length().saturating_sub(1)));
    let now = document().active_element();
    if press.shift_key() && now == first {
        press.prevent_default();
        focus(last.as_ref());
    } else if !press.shift_key() && now == last {
        press.prevent_default();
        focus(first.as_ref());
    }
}
