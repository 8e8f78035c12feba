//! The search field. What it finds is shown by the later module, which hangs on to it.

use leptos::prelude::*;

use crate::{components::Icon, i18n::*, pages::host::Part};

/// Id of the field.
pub const FIELD: &str = "search-field";

/// The field in the top bar and the place of its popover.
#[component]
pub fn SearchBox() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="anchor anchor--find">
            <label class="find">
                <Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
                <input id=FIELD type="search" placeholder=tr!(i18n, search.placeholder) autocomplete="off" role="combobox" aria-controls="search-list" aria-expanded="false"/>
                <kbd>"Ctrl K"</kbd>
            </label>
            <Part name="search"/>
        </div>
    }
}
