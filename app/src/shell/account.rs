//! The person's menu, which the later module makes.

use crate::components::reactive::{When, act, text};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::Avatar,
    i18n::*,
    pages::host::Part,
    platform::{
        bridge::{self, Topic},
        mini,
    },
    state::{phone::use_phone, session::use_session},
};

/// The avatar and what it opens.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let (phone, api) = (use_phone(), use_api());
    let open = RwSignal::new(false);
    let sign_out = move || {
        phone.stop();
        spawn_local(async move {
            let _ = api.sign_out().await;
            session.leave();
            phone.tell_signed_out();
        });
    };
    bridge::hear(Topic::Account, move |wish| {
        open.set(false);
        match wish.as_str() {
            "mini" => {
                let opened = mini::open("[data-testid=dock]");
                spawn_local(async move {
                    // Refused: the phone stays where it is.
                    let _ = wasm_bindgen_futures::JsFuture::from(opened).await;
                });
            }
            "sign_out" => sign_out(),
            _ => {}
        }
    });
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
                <Part name="account" detail=if mini::exists() { "mini" } else { "" }/>
            </When>
        </div>
    }
}
