//! An icon of the sprite in the page.

use crate::components::reactive::text;
use leptos::prelude::*;

/// `class` adds a size (`i--14`, `i--18`) or a colour.
#[component]
pub fn Icon(
    #[prop(into)] name: Signal<&'static str>,
    #[prop(default = "")] class: &'static str,
) -> impl IntoView {
    view! {
        <svg class=format!("i {class}") aria-hidden="true">
            <use href=text(move || format!("#i-{}", name.get()))></use>
        </svg>
    }
}
