//! The top bar: search, the phone's state, the account.

use leptos::prelude::*;

use super::{account::AccountMenu, presence::PhonePill, search::SearchBox};
use crate::{
    components::{
        menu,
        reactive::{When, act},
    },
    pages::host::Part,
    state::session::use_session,
};

/// Search, phone, account.
#[component]
pub fn TopBar() -> impl IntoView {
    let session = use_session();
    let has_phone = Memo::new(move |_| session.me(|me| me.extension.is_some()).unwrap_or(false));
    view! {
        <header class="top" on:keydown=act(menu::key) on:click=act(menu::click)>
            <SearchBox/>
            <span class="push"></span>
            <When when=move || has_phone.get()><PhonePill/></When>
            <Part name="bell"/>
            <AccountMenu/>
        </header>
    }
}
