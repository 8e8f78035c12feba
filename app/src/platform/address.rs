//! The page's address: what is read from it, and going elsewhere.

use gloo::events::{EventListener, EventListenerOptions};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlAnchorElement, MouseEvent, UrlSearchParams};

use super::bridge::{self, Topic};

/// Path and query as signals, in the context.
#[derive(Clone, Copy)]
pub struct Address {
    path: RwSignal<String>,
    query: RwSignal<String>,
}

/// From the context.
pub fn use_address() -> Address {
    expect_context()
}

impl Address {
    /// Follows the address bar.
    pub fn provide() -> Self {
        let (path, query) = here();
        let address = Self {
            path: RwSignal::new(path),
            query: RwSignal::new(query),
        };
        bridge::hear(Topic::Address, move |_| address.read());
        bridge::keep(EventListener::new(&window(), "popstate", move |_| {
            address.read();
        }));
        provide_context(address);
        address
    }

    /// Lets the links of the page change it without loading it anew. Once per page.
    pub fn follow_links(self) {
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&window(), "click", options, |event| {
            if let Some(path) = event.dyn_ref().and_then(inner_link) {
                event.prevent_default();
                go(&path);
            }
        });
        bridge::keep(listener);
    }

    /// The path, followed.
    pub fn path(self) -> String {
        self.path.get()
    }

    /// Whether the path satisfies `test`, followed.
    pub fn is(self, test: impl FnOnce(&str) -> bool) -> bool {
        self.path.with(|path| test(path))
    }

    /// A parameter of the query, followed.
    pub fn param(self, name: &str) -> Option<String> {
        self.query
            .with(|query| UrlSearchParams::new_with_str(query).ok()?.get(name))
    }

    /// The whole query with its `?`, once.
    pub fn query_now(self) -> String {
        self.query.get_untracked()
    }

    fn read(self) {
        let (path, query) = here();
        if self.path.with_untracked(|known| *known != path) {
            self.path.set(path);
        }
        if self.query.with_untracked(|known| *known != query) {
            self.query.set(query);
        }
    }
}

/// Changes the query of this page's address without a new step in the history.
pub fn amend(query: &str) {
    let (path, before) = here();
    if before == query {
        return;
    }
    if let Ok(history) = window().history() {
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{query}")));
    }
    bridge::tell(Topic::Address, &path);
}

/// Goes to a path of the app.
pub fn go(path: &str) {
    let (before, _) = here();
    if let Ok(history) = window().history() {
        let _ = history.push_state_with_url(&JsValue::NULL, "", Some(path));
    }
    if here().0 != before {
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
    bridge::tell(Topic::Address, path);
}

fn here() -> (String, String) {
    let location = window().location();
    (
        location.pathname().unwrap_or_default(),
        location.search().unwrap_or_default(),
    )
}

/// The path a plain click on a link leads to, if it stays in the app.
fn inner_link(click: &MouseEvent) -> Option<String> {
    let is_plain = click.button() == 0
        && !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key());
    if !is_plain || click.default_prevented() {
        return None;
    }
    let element = click.target()?.dyn_into::<web_sys::Element>().ok()?;
    let link: HtmlAnchorElement = element.closest("a[href]").ok()??.dyn_into().ok()?;
    let stays = link.origin() == window().location().origin().ok()?
        && link.target().is_empty()
        && !link.has_attribute("download")
        && !link.pathname().starts_with("/api/");
    stays.then(|| format!("{}{}", link.pathname(), link.search()))
}
