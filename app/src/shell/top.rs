//! The top bar: search, the phone's state, the account.

use crate::components::reactive::{When, text};
use leptos::prelude::*;

use super::{account::AccountMenu, search::SearchBox};
use crate::{
    components::Icon,
    i18n::*,
    state::{phone::use_phone, session::use_session},
    view::trouble::PhoneWords,
};

/// Search, phone, account.
#[component]
pub fn TopBar(keys_open: RwSignal<bool>) -> impl IntoView {
    let session = use_session();
    let has_phone = Memo::new(move |_| session.me(|me| me.extension.is_some()).unwrap_or(false));
    view! {
        <header class="top">
            <SearchBox/>
            <span class="push"></span>
            <When when=move || has_phone.get()><PhonePill/></When>
            <AccountMenu keys_open/>
        </header>
    }
}

/// Whether calls work, in words.
#[component]
fn PhonePill() -> impl IntoView {
    let i18n = use_i18n();
    let phone = use_phone();
    let words = Memo::new(move |_| phone.state.with(|state| PhoneWords::of(&state.connection)));
    let details = move || {
        phone.state.with(|state| match &state.connection {
            phone::Connection::Ready { round_trip_ms } => {
                fill!(i18n, phone.round_trip, ms = *round_trip_ms)
            }
            phone::Connection::Lost { retry_in_secs, .. } if *retry_in_secs > 0 => {
                fill!(i18n, phone.retry, secs = *retry_in_secs)
            }
            phone::Connection::Lost { .. }
            | phone::Connection::Off
            | phone::Connection::Connecting
            | phone::Connection::Refused { .. } => String::new(),
        })
    };
    let icon = Signal::derive(move || match words.get() {
        PhoneWords::Ready => "phone",
        PhoneWords::Connecting | PhoneWords::Lost => "phone-call",
        PhoneWords::Off | PhoneWords::Refused => "phone-off",
    });
    view! {
        <span class="pill pill--phone" role="status" data-testid="phone-state" data-state=text(move || words.get().name()) title=text(details)>
            <Icon name=icon/>
            <span>{text(move || words.get().say(i18n))}</span>
        </span>
    }
}
