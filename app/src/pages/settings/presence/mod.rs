//! Why people do not take calls, and what happens by itself.

mod reason_form;
mod reasons;
mod rules;

use leptos::prelude::*;

use super::Panel;
use crate::i18n::*;
use {reasons::Reasons, rules::Rules};

/// The section of the panel.
#[component]
pub fn PresencePage() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Panel>
            <header class="set__head"><div class="grow"><h2 class="h1">{tr!(i18n, statuses.title)}</h2><p class="soft">{tr!(i18n, statuses.lead)}</p></div></header>
            <div class="set__two"><Reasons/><Rules/></div>
        </Panel>
    }
}
