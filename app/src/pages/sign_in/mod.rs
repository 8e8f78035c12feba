//! Signing in, and the check of the computer beside it.

mod checks;

use crate::components::reactive::{act, changing, maybe, text};
use leptos::{prelude::*, task::spawn_local};

use super::appearance::{LanguageChoice, ThemeToggle};
use crate::{
    api,
    components::{Field, Icon, TextInput, say_failure},
    i18n::*,
    shell::Brand,
    state::session::{SessionState, use_session},
    view::failure::Failure,
};

/// The whole page. The address stays, so that the person lands where they were.
#[component]
pub fn SignIn() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <div class="si">
            <main class="si__m">
                <div class="si__b"><span class="acc si__logo"><Brand/></span><span class="si__name">{tr!(i18n, brand)}</span></div>
                <SignInForm/>
                <footer class="row si__ft"><LanguageChoice/><ThemeToggle/><span class="push t12 mute num">{env!("CARGO_PKG_VERSION")}</span></footer>
            </main>
            <checks::ComputerCheck/>
        </div>
    }
}

#[component]
fn SignInForm() -> impl IntoView {
    let i18n = use_i18n();
    let session = use_session();
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let tried = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let failure = RwSignal::new(match untrack(|| session.state()) {
        SessionState::SignedOut(why) => why,
        SessionState::Unknown | SessionState::SignedIn(_) => None,
    });
    let missing = move |field: RwSignal<String>, words: &'static str| {
        if tried.get() && field.with(String::is_empty) {
            words.to_owned()
        } else {
            String::new()
        }
    };
    let login_fault =
        Signal::derive(move || missing(login, t_string!(i18n, sign_in.login_missing)));
    let password_fault = Signal::derive(move || match failure.get().filter(is_about_password) {
        Some(failure) => say_failure(i18n, &failure),
        None => missing(password, t_string!(i18n, sign_in.password_missing)),
    });
    let other = move || {
        failure.get().filter(|failure| !is_about_password(failure)).map(|failure| view! {
        <div class="note note--wait si__note" role="alert"><Icon name="info"/><span class="grow">{text(move || say_failure(i18n, &failure))}</span></div>
    })
    };
    let submit = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        tried.set(true);
        let (login, password) = (login.get_untracked(), password.get_untracked());
        if login.is_empty() || password.is_empty() || busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(login.trim().to_owned(), password).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(me) => session.enter(me),
                Err(why) => failure.set(Some(why)),
            }
        });
    };
    view! {
        <form class="si__f" aria-labelledby="sign-in-title" on:submit=act(submit) novalidate>
            <h1 class="h1 si__h" id="sign-in-title">{tr!(i18n, sign_in.title)}</h1>
            <p class="soft t14 si__lead">{tr!(i18n, sign_in.lead)}</p>
            {changing(other)}
            <Field id="login" label=tr!(i18n, sign_in.login) fault=login_fault>
                <TextInput id="login" value=login fault=login_fault autocomplete="username" testid="login" class="input big"/>
            </Field>
            <PasswordField value=password fault=password_fault/>
            <button class="btn btn--main btn--lg si__go" data-testid="sign-in" aria-busy=text(move || busy.get().to_string())>
                {text(move || if busy.get() { t_string!(i18n, sign_in.busy) } else { t_string!(i18n, sign_in.submit) })}
            </button>
        </form>
    }
}

fn is_about_password(failure: &Failure) -> bool {
    matches!(failure, Failure::Refused { status: 400 | 401 | 422 | 429, error } if !error.code.contains("link"))
}

#[component]
fn PasswordField(value: RwSignal<String>, fault: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    let shown = RwSignal::new(false);
    let words = move || {
        if shown.get() {
            t_string!(i18n, sign_in.hide_password)
        } else {
            t_string!(i18n, sign_in.show_password)
        }
    };
    view! {
        <Field id="password" label=tr!(i18n, sign_in.password) fault=fault>
            <div class="affix big">
                <input class="input" id="password" type=text(move || if shown.get() { "text" } else { "password" }) autocomplete="current-password" data-testid="password"
                    aria-describedby="password-d" aria-invalid=maybe(move || (!fault.get().is_empty()).then_some("true"))
                    prop:value=value on:input=act(move |input| value.set(event_target_value(&input)))/>
                <button type="button" class="btn btn--quiet btn--icon" aria-label=text(words) aria-pressed=text(move || shown.get().to_string()) on:click=act(move |_| shown.update(|shown| *shown = !*shown))><Icon name="eye"/></button>
            </div>
        </Field>
    }
}
