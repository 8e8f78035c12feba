//! Initials in a circle, or a person's sign for a number.

use crate::components::reactive::changing;
use leptos::prelude::*;

use super::Icon;
use crate::view::format::initials;

/// `kind` is a class: `av--sm`, `av--lg`, `av--acc`.
#[component]
pub fn Avatar(
    #[prop(into)] name: Signal<String>,
    #[prop(default = "")] kind: &'static str,
) -> impl IntoView {
    let inside = move || match initials(&name.get()) {
        Some(letters) => letters.into_any(),
        None => {
            view! { <Icon name="user" class=if kind == "av--lg" { "i--18" } else { "i--14" }/> }
                .into_any()
        }
    };
    view! { <span class=format!("av {kind}") aria-hidden="true">{changing(inside)}</span> }
}
