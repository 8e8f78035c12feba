//! The toasts at the bottom centre.

use leptos::prelude::*;

use super::Icon;
use crate::{
    i18n::*,
    state::toasts::{Toast, use_toasts},
};

/// Every toast, announced as it comes.
#[component]
pub fn ToastList() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.list() key=|toast| toast.id let:toast><ToastLine toast/></For>
        </div>
    }
}

#[component]
fn ToastLine(toast: Toast) -> impl IntoView {
    let i18n = use_i18n();
    let toasts = use_toasts();
    let id = toast.id;
    let (icon, colour) = if toast.is_error {
        ("circle-x", "stop")
    } else {
        ("circle-check", "acc")
    };
    let action = toast.action.map(|(label, action)| {
        let act = move |_| {
            action.run(());
            toasts.close(id);
        };
        view! { <button class="btn btn--acc" on:click=act>{label}</button> }
    });
    view! {
        <div class="toast">
            <Icon name=icon class=colour/>
            <span class="grow">{toast.text}</span>
            {action}
            <button class="btn btn--icon btn--quiet" aria-label=tr!(i18n, common.close) on:click=move |_| toasts.close(id)><Icon name="x"/></button>
        </div>
    }
}
