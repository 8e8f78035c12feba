//! The person's menu: who, theme, language, keys, sign out.

use crate::components::reactive::{When, act, text};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{Avatar, Icon},
    i18n::*,
    pages::{
        appearance::{LanguageChoice, ThemeButtons},
        host,
    },
    platform::mini,
    state::{phone::use_phone, session::use_session},
};

/// The avatar and what it opens.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let open = RwSignal::new(false);
    let name = Signal::derive(move || session.me(|me| me.name.clone()).unwrap_or_default());
    let label = move || format!("{}, {}", t_string!(i18n, account.menu), name.get());
    view! {
        <div class="anchor">
            <button class="btn btn--quiet btn--icon" aria-haspopup="menu" aria-expanded=text(move || open.get().to_string())
                aria-label=text(label) data-testid="account" on:click=act(move |_| open.update(|open| *open = !*open))>
                <Avatar name=name kind="av--acc"/>
            </button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <AccountPopover open/>
            </When>
        </div>
    }
}

#[component]
fn AccountPopover(open: RwSignal<bool>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let phone = use_phone();
    let api = use_api();
    let (name, extension) = session
        .me_now(|me| (me.name.clone(), me.extension.clone()))
        .unwrap_or_default();
    let sign_out = move |_| {
        phone.stop();
        spawn_local(async move {
            let _ = api.sign_out().await;
            session.leave();
            phone.tell_signed_out();
        });
    };
    let show_mini = move |_| {
        open.set(false);
        let opened = mini::open("[data-testid=dock]");
        spawn_local(async move {
            // Refused: the phone stays where it is.
            let _ = wasm_bindgen_futures::JsFuture::from(opened).await;
        });
    };
    let show_sound = move |_| {
        open.set(false);
        host::open_sound();
    };
    let show_keys = move |_| {
        open.set(false);
        host::open_keys();
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
            <a role="menuitem" tabindex="-1" href="/settings/profile" on:click=act(move |_| open.set(false))><Icon name="key-round"/>{tr!(i18n, account.profile)}</a>
            {mini::exists().then(|| view! { <button role="menuitem" tabindex="-1" data-testid="mini" on:click=act(show_mini)><Icon name="monitor"/>{tr!(i18n, account.mini)}</button> })}
            <button role="menuitem" tabindex="-1" data-testid="account-sound" on:click=act(show_sound)><Icon name="volume-2"/>{tr!(i18n, devices.title)}</button>
            <a role="menuitem" tabindex="-1" href="/settings/check" data-testid="account-check" on:click=act(move |_| open.set(false))><Icon name="audio-lines"/>{tr!(i18n, precheck.title)}</a>
            <button role="menuitem" tabindex="-1" on:click=act(show_keys)><Icon name="keyboard"/>{tr!(i18n, account.keys)}<kbd>"?"</kbd></button>
            <button role="menuitem" tabindex="-1" data-testid="sign-out" on:click=act(sign_out)><Icon name="log-out"/>{tr!(i18n, account.sign_out)}</button>
            </div>
        </div>
    }
}
