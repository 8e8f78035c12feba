//! What would be here and why it is not.

use leptos::prelude::*;

use super::Icon;

/// With one thing to do as the children.
#[component]
pub fn Empty(
    icon: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] lead: Signal<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="empty">
            <Icon name=icon/>
            <b class="h2">{title}</b>
            <span>{lead}</span>
            {children.map(|children| children())}
        </div>
    }
}
