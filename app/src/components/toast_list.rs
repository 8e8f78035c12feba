//! The toasts at the bottom centre.

use crate::components::reactive::{Rows, act};
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
    let keys = Signal::derive(move || {
        toasts
            .list()
            .iter()
            .map(|toast| toast.id.to_string())
            .collect()
    });
    let row = move |key: String| {
        let toast = untrack(|| toasts.list())
            .into_iter()
            .find(|toast| toast.id.to_string() == key);
        toast.map(|toast| view! { <ToastLine toast/> }).into_any()
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <Rows keys row/>
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
        let press = move |_| {
            action.run(());
            toasts.close(id);
        };
        view! { <button class="btn btn--acc" on:click=act(press)>{label}</button> }
    });
    view! {
        <div class="toast">
            <Icon name=icon class=colour/>
            <span class="grow">{toast.text}</span>
            {action}
            <button class="btn btn--icon btn--quiet" aria-label=tr!(i18n, common.close) on:click=act(move |_| toasts.close(id))><Icon name="x"/></button>
        </div>
    }
}
