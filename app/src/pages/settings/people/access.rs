//! What is done to a user at once, without Save.

use api_types::{NewUser, SipAccount, User, UserDraft};
use leptos::{prelude::*, task::spawn_local};

use super::{secret::Secret, user_form::Typed, users::Staff};
use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{act, text},
        say_failure_now,
    },
    i18n::*,
    state::toasts::use_toasts,
};

/// Passwords, and whether this one may sign in.
#[component]
pub fn Access(staff: Staff, user: User) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let shown = StoredValue::new(user.clone());
    let show = move |secret: Secret| {
        staff.editing.set(None);
        staff
            .secret
            .set(Some((shown.with_value(|user| user.name.clone()), secret)));
    };
    let password = move |_| {
        spawn_local(async move {
            let path = shown.with_value(|user| format!("/users/{}/password", user.id));
            match api.order::<NewUser>(&path).await {
                Ok(NewUser {
                    user,
                    password: Some(password),
                }) => show(Secret::SignIn {
                    login: user.login,
                    password,
                }),
                Ok(_) => {}
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let phone = move |_| {
        spawn_local(async move {
            let path = shown.with_value(|user| format!("/users/{}/sip-password", user.id));
            match api.order::<SipAccount>(&path).await {
                Ok(account) => {
                    let mut user = shown.get_value();
                    user.has_sip_password = true;
                    staff.take_in(user);
                    show(Secret::Phone(account.into()));
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let turn = move |_| {
        spawn_local(async move {
            let user = shown.get_value();
            let draft = UserDraft {
                active: Some(!user.active),
                ..Typed::of(Some(&user)).draft()
            };
            match api
                .put::<User>(&format!("/users/{}", user.id), &draft)
                .await
            {
                Ok(user) => {
                    let said = if user.active {
                        fill_now!(i18n, people.activated, name = user.name)
                    } else {
                        fill_now!(i18n, people.deactivated, name = user.name)
                    };
                    toasts.say(said);
                    staff.take_in(user);
                    staff.editing.set(None);
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let (has_phone, has_sip, active) =
        (user.extension.is_some(), user.has_sip_password, user.active);
    let sip_words = move || {
        if has_sip {
            t_string!(i18n, people.sip_again)
        } else {
            t_string!(i18n, people.sip_make)
        }
    };
    let turn_words = move || {
        if active {
            t_string!(i18n, people.deactivate)
        } else {
            t_string!(i18n, people.activate)
        }
    };
    view! {
        <div class="row row--wrap form__all">
            <button type="button" class="btn" data-testid="reset-password" title=tr!(i18n, people.new_password_lead) on:click=act(password)><Icon name="key-round"/>{tr!(i18n, people.new_password)}</button>
            {has_phone.then(|| view! { <button type="button" class="btn" data-testid="sip-password" title=tr!(i18n, people.sip_lead) on:click=act(phone)><Icon name="phone"/>{text(sip_words)}</button> })}
            <button type="button" class="btn btn--quiet push" data-testid="turn-user" on:click=act(turn)>{text(turn_words)}</button>
        </div>
    }
}
