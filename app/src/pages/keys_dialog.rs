//! The list of keys.

use crate::components::reactive::act;
use leptos::prelude::*;

use crate::{components::Dialog, i18n::*};

/// Opened by `?`.
#[component]
pub fn KeysDialog(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let rows = [
        ("Alt A", tr!(i18n, keys.answer)),
        ("Alt X", tr!(i18n, keys.end)),
        ("Alt M", tr!(i18n, keys.mute)),
        ("Alt P", tr!(i18n, keys.hold)),
        ("Alt N", tr!(i18n, keys.note)),
        ("Alt T", tr!(i18n, keys.transfer)),
        ("Alt 1 … 4", tr!(i18n, keys.card)),
        ("Alt K", tr!(i18n, keys.keypad)),
        ("Alt C", tr!(i18n, keys.number)),
        ("Ctrl K", tr!(i18n, keys.search)),
        ("Space, ← →", tr!(i18n, keys.play)),
        ("Esc", tr!(i18n, keys.escape)),
        ("?", tr!(i18n, keys.all)),
    ];
    let list = rows
        .map(|(key, words)| view! { <dt><kbd>{key}</kbd></dt><dd>{words}</dd> })
        .collect_view();
    view! {
        <Dialog title=tr!(i18n, keys.title) close=move |()| open.set(false)
            foot=Box::new(move || view! { <button class="btn" on:click=act(move |_| open.set(false))>{tr!(i18n, common.close)}</button> }.into_any())>
            <p>{tr!(i18n, keys.lead)}</p>
            <dl class="kv keys">{list}</dl>
        </Dialog>
    }
}
