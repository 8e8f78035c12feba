//! A phone number that calls when clicked.

use crate::components::reactive::act;
use leptos::prelude::*;

use crate::{
    i18n::*,
    platform::bridge::{self, Topic},
};

/// `number` is what is dialled, `shown` what is read.
#[component]
pub fn Tel(#[prop(into)] number: String, #[prop(into)] shown: String) -> impl IntoView {
    let i18n = use_i18n();
    let href = format!("tel:{number}");
    let label = {
        let shown = shown.clone();
        move || fill!(i18n, common.call_number, number = shown.clone())
    };
    let call = move |click: leptos::ev::MouseEvent| {
        click.prevent_default();
        click.stop_propagation();
        bridge::tell(Topic::Dial, &number);
    };
    view! { <a class="tel" href=href title=label.clone() aria-label=label on:click=act(call)>{shown}</a> }
}
