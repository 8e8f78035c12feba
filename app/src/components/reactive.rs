//! Boxes for what changes in a view.
//!
//! A closure in a view has a type of its own, and everything between it and the page is compiled
//! once more for it: about a kilobyte each, several hundred times. These functions put closures
//! behind one type per kind, so that this code exists once.

use std::sync::{Arc, Mutex};

use leptos::prelude::*;

/// What a text can be made of.
pub trait Text {
    /// As text; nothing is an empty text.
    fn text(self) -> String;
}

impl Text for String {
    fn text(self) -> String {
        self
    }
}

impl Text for &'static str {
    fn text(self) -> String {
        self.to_owned()
    }
}

impl<T: Text> Text for Option<T> {
    fn text(self) -> String {
        self.map(T::text).unwrap_or_default()
    }
}

/// A text, as content or as an attribute.
pub fn text<T: Text>(read: impl Fn() -> T + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(move || read().text())
}

/// An attribute that may be absent.
pub fn maybe<T: Text>(
    read: impl Fn() -> Option<T> + Send + Sync + 'static,
) -> Signal<Option<String>> {
    Signal::derive(move || read().map(T::text))
}

/// Whether a class is set, a property is on.
pub fn flag(read: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(read)
}

/// A part of a view that is made anew when what it reads changes.
pub type Changing = Arc<Mutex<dyn FnMut() -> AnyView + Send>>;

/// Makes one.
pub fn changing<V: IntoAny>(make: impl Fn() -> V + Send + 'static) -> Changing {
    Arc::new(Mutex::new(move || make().into_any()))
}

/// What an event does.
pub fn act<E: 'static>(act: impl FnMut(E) + 'static) -> Box<dyn FnMut(E)> {
    Box::new(act)
}

impl Text for bool {
    /// As ARIA has it.
    fn text(self) -> String {
        self.to_string()
    }
}

/// Children that stand while something is so; else what `otherwise` makes.
#[component]
pub fn When(
    #[prop(into)] when: Signal<bool>,
    #[prop(optional)] otherwise: Option<ViewFn>,
    children: ChildrenFn,
) -> impl IntoView {
    let when = Memo::new(move |_| when.get());
    changing(move || {
        if when.get() {
            Some(children())
        } else {
            otherwise.as_ref().map(ViewFn::run)
        }
    })
}

/// A row's data, followed: the last known once it is gone from where it was found, so that a row
/// which is about to be unmounted needs no empty face. `None` if it never was there.
pub fn followed<T: Clone + PartialEq + Send + Sync + 'static>(
    find: impl Fn() -> Option<T> + Send + Sync + 'static,
) -> Option<Signal<T>> {
    let row =
        Memo::new(move |before: Option<&Option<T>>| find().or_else(|| before.cloned().flatten()));
    let first = row.get_untracked()?;
    Some(Signal::derive(move || {
        row.get().unwrap_or_else(|| first.clone())
    }))
}

/// A list by keys: a row is made once and follows its own data.
#[component]
pub fn Rows(
    #[prop(into)] keys: Signal<Vec<String>>,
    #[prop(into)] row: Callback<String, AnyView>,
) -> impl IntoView {
    view! { <For each=move || keys.get() key=|key| key.clone() children=move |key| row.run(key)/> }
}
