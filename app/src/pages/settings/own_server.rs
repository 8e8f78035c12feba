//! The telephone of this browser at another SIP server.

use leptos::prelude::*;

use crate::{
    components::{
        Dialog, Field, Icon, TextInput,
        reactive::{When, act, changing, text},
    },
    i18n::*,
    platform::bridge::{self, Topic},
    state::{
        own_server::{Fault, OwnServer},
        session::use_session,
        toasts::use_toasts,
    },
};

/// The row of the profile.
#[component]
pub fn OwnServerRow() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let toasts = use_toasts();
    let extension = session.me_now(|me| me.extension.clone()).flatten();
    let open = RwSignal::new(false);
    extension.map(|extension| {
        let kept = RwSignal::new(OwnServer::kept(&extension));
        let whose = StoredValue::new(extension);
        let put = Callback::new(move |server: Option<OwnServer>| {
            let done = whose.with_value(|extension| OwnServer::keep(extension, server.as_ref()));
            if !done {
                return toasts.say(tu_string!(i18n, own_server.not_kept).to_owned());
            }
            kept.set(server);
            open.set(false);
            bridge::tell(Topic::Server, "");
        });
        let told = move || match kept.get() {
            Some(server) => format!("{}@{}", server.user, server.domain),
            None => t_string!(i18n, own_server.trubka).to_owned(),
        };
        let back = move || {
            view! { <button class="btn" data-testid="own-server-off" on:click=act(move |_| put.run(None))>{tr!(i18n, own_server.back)}</button> }
        };
        view! {
            <div class="set__row"><span class="med">{tr!(i18n, own_server.title)}</span>
                <span class="beside"><span class="soft" data-testid="own-server">{text(told)}</span>
                <button class="btn" data-testid="own-server-edit" on:click=act(move |_| open.set(true))><Icon name="server"/>{tr!(i18n, own_server.other)}</button>
                {changing(move || kept.get().is_some().then(back))}</span>
            </div>
            <When when=move || open.get()><ServerDialog kept put close=move |()| open.set(false)/></When>
        }
    })
}

#[component]
fn ServerDialog(
    kept: RwSignal<Option<OwnServer>>,
    put: Callback<Option<OwnServer>>,
    #[prop(into)] close: Callback<()>,
) -> impl IntoView {
    let i18n = use_i18n();
    let known = kept.get_untracked().unwrap_or_default();
    let (websocket, domain) = (RwSignal::new(known.websocket), RwSignal::new(known.domain));
    let (user, password) = (RwSignal::new(known.user), RwSignal::new(known.password));
    let (address_fault, user_fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let none = RwSignal::new(String::new());
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        address_fault.set(String::new());
        user_fault.set(String::new());
        let typed = OwnServer {
            websocket: websocket.get_untracked(),
            domain: domain.get_untracked(),
            user: user.get_untracked(),
            password: password.get_untracked(),
        };
        let is_secure = window()
            .location()
            .protocol()
            .is_ok_and(|it| it == "https:");
        match OwnServer::read(&typed, is_secure) {
            Ok(server) => put.run(Some(server)),
            Err(Fault::NotSecure) => {
                address_fault.set(tu_string!(i18n, own_server.not_secure).to_owned())
            }
            Err(Fault::NoHost) => {
                address_fault.set(tu_string!(i18n, own_server.no_host).to_owned())
            }
            Err(Fault::NoUser) => user_fault.set(tu_string!(i18n, own_server.no_user).to_owned()),
        }
    };
    let foot = Box::new(move || {
        view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="server-form" class="btn btn--main" data-testid="own-server-save">{tr!(i18n, own_server.use_it)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title=tr!(i18n, own_server.title) close foot>
            <form class="form" id="server-form" on:submit=act(save)>
                <p class="soft">{tr!(i18n, own_server.lead)}</p>
                <Field id="server-address" label=tr!(i18n, own_server.address) hint=tr!(i18n, own_server.address_hint) fault=address_fault>
                    <TextInput id="server-address" value=websocket fault=address_fault placeholder="wss://pbx.example:8089/ws" testid="server-address"/>
                </Field>
                <Field id="server-user" label=tr!(i18n, own_server.user) fault=user_fault>
                    <TextInput id="server-user" value=user fault=user_fault testid="server-user"/>
                </Field>
                <Field id="server-password" label=tr!(i18n, sign_in.password) hint=tr!(i18n, own_server.password_hint) fault=none>
                    <TextInput id="server-password" value=password fault=none kind="password" testid="server-password"/>
                </Field>
                <Field id="server-domain" label=tr!(i18n, own_server.domain) hint=tr!(i18n, own_server.domain_hint) fault=none>
                    <TextInput id="server-domain" value=domain fault=none testid="server-domain"/>
                </Field>
            </form>
        </Dialog>
    }
}
