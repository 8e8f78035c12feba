//! The person's menu: who, theme, language, keys, sign out. It stands in the top bar of the desk.

use leptos::prelude::*;

use super::root::open_dialog;
use crate::{
    components::{
        Icon,
        reactive::{act, text},
    },
    i18n::*,
    pages::appearance::{LanguageChoice, ThemeButtons},
    platform::bridge::{self, Topic},
    state::session::use_session,
};

/// What it offers; `has_mini`: the phone can stand in a small window.
#[component]
pub fn AccountPopover(has_mini: bool) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let (name, extension) = session
        .me_now(|me| (me.name.clone(), me.extension.clone()))
        .unwrap_or_default();
    let wish = move |wish: &'static str| bridge::tell(Topic::Account, wish);
    let show = move |dialog: &'static str| {
        wish("");
        open_dialog(dialog);
    };
    view! {
        <div class="pop menu pop--right account">
            <div class="account__who">
                <b class="med t14 cut">{name}</b>
                {extension.map(|number| view! { <span class="t12 mute">{text(move || fill!(i18n, account.extension, number = number.clone()))}</span> })}
            </div>
            <hr/>
            <div class="account__row"><LanguageChoice/></div>
            <div class="account__row"><ThemeButtons/></div>
            <hr/>
            <div role="menu" aria-label=tr!(i18n, account.menu)>
            <a role="menuitem" tabindex="-1" href="/settings/profile" on:click=act(move |_| wish(""))><Icon name="key-round"/>{tr!(i18n, account.profile)}</a>
            {has_mini.then(|| view! { <button role="menuitem" tabindex="-1" data-testid="mini" on:click=act(move |_| wish("mini"))><Icon name="monitor"/>{tr!(i18n, account.mini)}</button> })}
            <button role="menuitem" tabindex="-1" data-testid="account-sound" on:click=act(move |_| show("sound"))><Icon name="volume-2"/>{tr!(i18n, devices.title)}</button>
            <a role="menuitem" tabindex="-1" href="/settings/check" data-testid="account-check" on:click=act(move |_| wish(""))><Icon name="audio-lines"/>{tr!(i18n, precheck.title)}</a>
            <button role="menuitem" tabindex="-1" on:click=act(move |_| show("keys"))><Icon name="keyboard"/>{tr!(i18n, account.keys)}<kbd>"?"</kbd></button>
            <button role="menuitem" tabindex="-1" data-testid="sign-out" on:click=act(move |_| wish("sign_out"))><Icon name="log-out"/>{tr!(i18n, account.sign_out)}</button>
            </div>
        </div>
    }
}
