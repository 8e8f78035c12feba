//! The keys of menu buttons, as WAI-ARIA's authoring practices have them: arrows open a menu and go
//! round in it, Home and End to its ends, Escape back to the button. Where the focus is says which menu,
//! so one handler around several is enough.

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

/// A button with `aria-haspopup`, and what it opens, in the `anchor` where something happened.
struct Menu {
    around: Element,
    button: HtmlElement,
}

impl Menu {
    /// From where it happened outwards: what was there may be gone from the page by now.
    fn at(event: &Event) -> Option<Self> {
        event.composed_path().iter().find_map(|step| {
            let around: Element = step.dyn_into().ok()?;
            if !around.class_list().contains("anchor") {
                return None;
            }
            let button = around.query_selector("[aria-haspopup]").ok()??;
            let button = button.dyn_into().ok()?;
            Some(Self { around, button })
        })
    }

    fn is_open(&self) -> bool {
        self.button.get_attribute("aria-expanded").as_deref() == Some("true")
    }

    fn items(&self) -> Vec<HtmlElement> {
        let found = self.around.query_selector_all("[role^=menuitem]").ok();
        let length = found.as_ref().map_or(0, web_sys::NodeList::length);
        let item = |at| found.as_ref()?.get(at)?.dyn_into().ok();
        (0..length).filter_map(item).collect()
    }
}

/// Once its items are there, which a later module may make, unless the focus goes elsewhere meanwhile.
fn focus_soon(menu: Menu, is_last: bool) {
    request_animation_frame(move || {
        if !menu.is_open() || focused().as_ref() != Some(menu.button.as_ref()) {
            return;
        }
        let items = menu.items();
        match if is_last { items.last() } else { items.first() } {
            None => focus_soon(menu, is_last),
            item => focus(item),
        }
    });
}

fn focused() -> Option<Element> {
    document().active_element()
}

fn focus(element: Option<&HtmlElement>) {
    if let Some(element) = element {
        let _ = element.focus();
    }
}

/// Where a key leads from an item of a menu, or from its button.
fn next(key: &str, at: Option<usize>, last: usize) -> Option<usize> {
    Some(match (key, at) {
        ("ArrowDown", None) | ("Home", Some(_)) => 0,
        ("ArrowUp", None) | ("End", Some(_)) => last,
        ("ArrowDown", Some(at)) if at == last => 0,
        ("ArrowDown", Some(at)) => at + 1,
        ("ArrowUp", Some(at)) => at.checked_sub(1).unwrap_or(last),
        _ => return None,
    })
}

/// A key was pressed in a part of the page that has menus.
pub fn key(press: KeyboardEvent) {
    let Some(menu) = Menu::at(&press) else { return };
    let focused = press.target();
    let is_focused = |element: &HtmlElement| focused.as_ref() == Some(element.as_ref());
    let (items, is_open, key) = (menu.items(), menu.is_open(), press.key());
    let at = items.iter().position(is_focused);
    if is_open && (key == "Escape" || (key == "Tab" && at.is_some() && !press.shift_key())) {
        // From the button the focus goes on, for the item will be gone.
        focus(Some(&menu.button));
        menu.button.click();
        if key == "Escape" {
            press.stop_propagation();
            press.prevent_default();
        }
        return;
    }
    let is_there = at.is_some() || is_focused(&menu.button);
    let Some(to) = next(&key, at, items.len().saturating_sub(1)).filter(|_| is_there) else {
        return;
    };
    press.prevent_default();
    if is_open {
        return focus(items.get(to));
    }
    let button = menu.button.clone();
    if key == "ArrowUp" {
        focus_soon(menu, true);
    }
    // Which gives the focus to the first item unless it is taken.
    button.click();
}

/// Something was pressed there: an opened menu gets the focus, and the button of a closed one that of
/// an item which is gone.
pub fn click(press: MouseEvent) {
    let Some(menu) = Menu::at(&press) else { return };
    let is_menu = |step: wasm_bindgen::JsValue| {
        let element = step.dyn_into::<Element>();
        element.is_ok_and(|element| element.get_attribute("role").as_deref() == Some("menu"))
    };
    let was_inside = press.composed_path().iter().any(is_menu);
    request_animation_frame(move || {
        let is_lost = || {
            focused().is_none_or(|one| one.tag_name() == "BODY" || menu.around.contains(Some(&one)))
        };
        if menu.is_open() {
            focus_soon(menu, false);
        } else if was_inside && is_lost() {
            focus(Some(&menu.button));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::next;

    #[test]
    fn arrows_go_round_and_other_keys_lead_nowhere() {
        for (key, at, to) in [
            ("ArrowDown", None, Some(0)),
            ("ArrowUp", None, Some(4)),
            ("ArrowDown", Some(4), Some(0)),
            ("ArrowUp", Some(0), Some(4)),
            ("ArrowUp", Some(3), Some(2)),
            ("End", Some(1), Some(4)),
            ("Home", Some(1), Some(0)),
            ("Home", None, None),
            ("a", Some(1), None),
        ] {
            assert_eq!(next(key, at, 4), to, "{key} at {at:?}");
        }
    }
}
