//! Password, language, theme.

use crate::components::reactive::{When, act, text};
use api_types::SetPassword;
use leptos::{prelude::*, task::spawn_local};

use super::{Panel, browser::BrowserRows, pop_up::PopUpRows};
use crate::{
    api::use_api,
    components::{Dialog, Field, Icon, TextInput, say_failure_now},
    i18n::*,
    pages::appearance::{LanguageChoice, ThemeButtons},
    state::{session::use_session, toasts::use_toasts},
};

/// Least length of a password, in characters.
const LEAST: usize = 10;

/// Calm words on the desktop until a password is set.
#[component]
pub fn PasswordNote() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let needed = Memo::new(move |_| session.me(|me| !me.has_password).unwrap_or(false));
    let open = RwSignal::new(false);
    view! {
        <When when=move || needed.get()>
            <div class="note note--plain note--page">
                <Icon name="key-round"/><span class="grow">{tr!(i18n, profile.no_password)}</span>
                <button class="btn" data-testid="set-password" on:click=act(move |_| open.set(true))>{tr!(i18n, profile.set)}</button>
            </div>
        </When>
        <When when=move || open.get()><PasswordDialog close=move |()| open.set(false)/></When>
    }
}

/// The section of the panel.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let open = RwSignal::new(false);
    let has_password = Memo::new(move |_| session.me(|me| me.has_password).unwrap_or(false));
    let words = move || {
        if has_password.get() {
            t_string!(i18n, profile.change)
        } else {
            t_string!(i18n, profile.set)
        }
    };
    let who = move || session.me(|me| format!("{}, {}", me.name, me.login));
    view! {
        <Panel>
            <header class="set__head"><div class="grow"><h2 class="h1">{tr!(i18n, profile.title)}</h2><p class="soft">{text(who)}</p></div></header>
            <div class="set__rows">
                <div class="set__row"><span class="med">{tr!(i18n, sign_in.password)}</span><button class="btn" data-testid="change-password" on:click=act(move |_| open.set(true))><Icon name="key-round"/>{text(words)}</button></div>
                <div class="set__row"><span class="med">{tr!(i18n, language.title)}</span><LanguageChoice/></div>
                <div class="set__row"><span class="med">{tr!(i18n, profile.appearance)}</span><ThemeButtons/></div>
            </div>
            <PopUpRows/>
            <BrowserRows/>
            <When when=move || open.get()><PasswordDialog close=move |()| open.set(false)/></When>
        </Panel>
    }
}

#[component]
fn PasswordDialog(#[prop(into)] close: Callback<()>) -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let api = use_api();
    let toasts = use_toasts();
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (current_fault, new_fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let had = session.me_now(|me| me.has_password).unwrap_or(false);
    let save = Callback::new(move |()| {
        current_fault.set(String::new());
        if new.with_untracked(|new| new.chars().count()) < LEAST {
            return new_fault.set(tu_string!(i18n, profile.short).to_owned());
        }
        new_fault.set(String::new());
        let change = SetPassword {
            current: had.then(|| current.get_untracked()),
            new: new.get_untracked(),
        };
        spawn_local(async move {
            match api.set_password(&change).await {
                Ok(()) => {
                    toasts.say(tu_string!(i18n, profile.saved).to_owned());
                    session.has_password_now();
                    close.run(());
                }
                Err(failure) if had && failure.field() != Some("new") => {
                    current_fault.set(say_failure_now(i18n, &failure))
                }
                Err(failure) => new_fault.set(say_failure_now(i18n, &failure)),
            }
        });
    });
    let title = if had {
        tr!(i18n, profile.change)
    } else {
        tr!(i18n, profile.set)
    };
    let foot = Box::new(move || {
        view! {
        <button type="button" class="btn" on:click=act(move |_| close.run(()))>{text(move || if had { t_string!(i18n, common.cancel) } else { t_string!(i18n, profile.later) })}</button>
        <button type="submit" form="password-form" class="btn btn--main" data-testid="save-password">{tr!(i18n, common.save)}</button>
    }.into_any()
    });
    let submit = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        save.run(());
    };
    view! {
        <Dialog title close foot>
            <form class="form" id="password-form" on:submit=act(submit)>
                {had.then(|| view! { <Field id="password-now" label=tr!(i18n, profile.current) fault=current_fault><TextInput id="password-now" value=current fault=current_fault kind="password" autocomplete="current-password"/></Field> })}
                <Field id="password-new" label=tr!(i18n, profile.new) hint=tr!(i18n, profile.new_hint) fault=new_fault>
                    <TextInput id="password-new" value=new fault=new_fault kind="password" autocomplete="new-password" testid="new-password"/>
                </Field>
            </form>
        </Dialog>
    }
}
