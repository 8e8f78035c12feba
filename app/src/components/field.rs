//! A labelled field with its hint or its error.

use crate::components::reactive::{act, changing, maybe};
use leptos::prelude::*;

use super::Icon;

/// What is wrong with a field; empty: nothing.
pub type Fault = Signal<String>;

/// Label above, control, hint or error below. The control's id is `id`, its description `{id}-d`.
#[component]
pub fn Field(
    id: &'static str,
    #[prop(into)] label: Signal<String>,
    #[prop(into, optional)] hint: Option<Signal<String>>,
    #[prop(into)] fault: Fault,
    children: Children,
) -> impl IntoView {
    let below = move || {
        let fault = fault.get();
        if !fault.is_empty() {
            return view! { <span class="field__error" id=format!("{id}-d") role="alert"><Icon name="circle-x"/><span>{fault}</span></span> }.into_any();
        }
        hint.map(|hint| view! { <span class="field__hint" id=format!("{id}-d")>{hint}</span> })
            .into_any()
    };
    view! {
        <div class="field">
            <label class="field__label" for=id>{label}</label>
            {children()}
            {changing(below)}
        </div>
    }
}

/// A line of text in a [`Field`].
#[component]
pub fn TextInput(
    id: &'static str,
    value: RwSignal<String>,
    #[prop(into)] fault: Fault,
    #[prop(default = "text")] kind: &'static str,
    #[prop(default = "off")] autocomplete: &'static str,
    #[prop(into, optional)] placeholder: Signal<String>,
    #[prop(optional)] testid: Option<&'static str>,
    #[prop(default = "input")] class: &'static str,
) -> impl IntoView {
    view! {
        <input
            class=class id=id type=kind autocomplete=autocomplete placeholder=placeholder data-testid=testid
            aria-describedby=format!("{id}-d")
            aria-invalid=maybe(move || (!fault.get().is_empty()).then_some("true"))
            prop:value=value on:input=act(move |input| value.set(event_target_value(&input))
        )/>
    }
}
