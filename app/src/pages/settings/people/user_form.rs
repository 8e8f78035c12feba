//! The card where a user is made or changed.

use api_types::{NewUser, Role, User, UserDraft};
use leptos::{prelude::*, task::spawn_local};

use super::{access::Access, extension::Extension, secret::Secret, users::Staff};
use crate::{
    api::use_api,
    components::{
        Dialog, Icon,
        form::{Names, Options, Parts, PickList, SelectField, SwitchField, TextField},
        reactive::{When, act, text},
        say_failure,
    },
    i18n::*,
    state::toasts::use_toasts,
    view::{failure::Failure, named::Named},
};

/// What is typed.
#[derive(Clone, PartialEq)]
pub struct Typed {
    name: String,
    login: String,
    role: Role,
    /// Extension.
    pub extension: Option<String>,
    password: Option<String>,
    takes_calls: bool,
    international: bool,
    max_calls: Option<u32>,
    active: bool,
    groups: Vec<String>,
}

impl Typed {
    /// Of a user, or of somebody new.
    pub fn of(user: Option<&User>) -> Self {
        match user {
            None => Self {
                name: String::new(),
                login: String::new(),
                role: Role::Agent,
                extension: None,
                password: None,
                takes_calls: true,
                international: false,
                max_calls: None,
                active: true,
                groups: Vec::new(),
            },
            Some(user) => Self {
                name: user.name.clone(),
                login: user.login.clone(),
                role: user.role,
                extension: user.extension.clone(),
                password: None,
                takes_calls: user.takes_calls,
                international: user.international,
                max_calls: user.max_calls,
                active: user.active,
                groups: user.groups.clone(),
            },
        }
    }

    /// What is sent.
    pub fn draft(&self) -> UserDraft {
        let filled = |text: &Option<String>| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        UserDraft {
            login: self.login.trim().to_owned(),
            name: self.name.trim().to_owned(),
            role: self.role,
            extension: filled(&self.extension),
            password: self
                .password
                .clone()
                .filter(|password| !password.is_empty()),
            takes_calls: Some(self.takes_calls),
            active: Some(self.active),
            international: Some(self.international),
            max_calls: self.max_calls,
            groups: Some(self.groups.clone()),
        }
    }
}

/// A role in words.
pub fn role_words(i18n: I18n, role: Role) -> &'static str {
    match role {
        Role::Agent => t_string!(i18n, people.agent),
        Role::Supervisor => t_string!(i18n, people.supervisor),
        Role::SubAdmin => t_string!(i18n, people.sub_admin),
        Role::Admin => t_string!(i18n, people.admin),
    }
}

fn role_hint(i18n: I18n, role: Role) -> &'static str {
    match role {
        Role::Agent => t_string!(i18n, people.role_hint_agent),
        Role::Supervisor => t_string!(i18n, people.role_hint_supervisor),
        Role::SubAdmin => t_string!(i18n, people.role_hint_sub_admin),
        Role::Admin => t_string!(i18n, people.role_hint_admin),
    }
}

/// A dialog; saves and closes.
#[component]
pub fn UserForm(staff: Staff, user: Option<User>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let is_new = user.is_none();
    let id = StoredValue::new(user.as_ref().map(|user| user.id.clone()));
    let typed = RwSignal::new(Typed::of(user.as_ref()));
    let failure = RwSignal::new(None::<Failure>);
    let tried = RwSignal::new(false);
    let close = Callback::new(move |()| staff.editing.set(None));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        tried.set(true);
        failure.set(None);
        let draft = typed.with_untracked(Typed::draft);
        if draft.name.is_empty() || draft.login.is_empty() {
            return;
        }
        spawn_local(async move {
            let saved = match id.get_value() {
                None => api
                    .post::<NewUser>("/users", &draft)
                    .await
                    .map(|new| (new.user, new.password)),
                Some(id) => api
                    .put::<User>(&format!("/users/{id}"), &draft)
                    .await
                    .map(|user| (user, None)),
            };
            match saved {
                Ok((user, password)) => {
                    let said = if is_new {
                        fill_now!(i18n, people.created, name = user.name)
                    } else {
                        fill_now!(i18n, people.saved, name = user.name)
                    };
                    toasts.say(said);
                    close.run(());
                    if let Some(password) = password {
                        let login = user.login.clone();
                        staff.secret.set(Some((
                            user.name.clone(),
                            Secret::SignIn { login, password },
                        )));
                    }
                    staff.take_in(user);
                }
                Err(why) => {
                    let _ = failure.try_set(Some(why));
                }
            }
        });
    };
    let title = match &user {
        None => tr!(i18n, people.new),
        Some(user) => Signal::stored(user.name.clone()),
    };
    let foot = Box::new(move || {
        view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="user-form" class="btn btn--main" data-testid="save-user">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title close foot>
            <form class="form form--wide" id="user-form" on:submit=act(save) novalidate>
                <Fields staff typed failure tried user=user.clone()/>
                {user.map(|user| view! { <Access staff user/> })}
            </form>
        </Dialog>
    }
}

#[component]
fn Fields(
    staff: Staff,
    typed: RwSignal<Typed>,
    failure: RwSignal<Option<Failure>>,
    tried: RwSignal<bool>,
    user: Option<User>,
) -> impl IntoView {
    let i18n = use_i18n();
    let is_new = user.is_none();
    let extension = Extension::follow(typed, user.and_then(|user| user.extension), is_new);
    let refused = move |name: &str| {
        failure.with(|failure| {
            failure
                .as_ref()
                .filter(|failure| failure.field() == Some(name))
                .map(|failure| say_failure(i18n, failure))
        })
    };
    let missing =
        move |words: &'static str, empty: bool| (tried.get() && empty).then(|| words.to_owned());
    let name_fault = Signal::derive(move || {
        refused("name")
            .or_else(|| {
                missing(
                    t_string!(i18n, people.missing_name),
                    typed.with(|typed| typed.name.trim().is_empty()),
                )
            })
            .unwrap_or_default()
    });
    let login_fault = Signal::derive(move || {
        refused("login")
            .or_else(|| {
                missing(
                    t_string!(i18n, people.missing_login),
                    typed.with(|typed| typed.login.trim().is_empty()),
                )
            })
            .unwrap_or_default()
    });
    let extension_fault = Signal::derive(move || {
        refused("extension")
            .or_else(|| extension.fault(i18n))
            .unwrap_or_default()
    });
    let password_fault = Signal::derive(move || refused("password").unwrap_or_default());
    let other = move || {
        let known = ["name", "login", "extension", "password"];
        failure.with(|failure| {
            failure
                .as_ref()
                .filter(|failure| !failure.field().is_some_and(|field| known.contains(&field)))
                .map(|failure| say_failure(i18n, failure))
        })
    };
    let roles: Options = Signal::derive(move || {
        Role::NAMES
            .iter()
            .map(|(role, name)| ((*name).to_owned(), role_words(i18n, *role).to_owned()))
            .collect()
    });
    let name = typed.text(|typed| typed.name.clone(), |typed, text| typed.name = text);
    let login = typed.text(
        |typed| typed.login.clone(),
        |typed, text| typed.login = text,
    );
    let role = typed.choice(|typed| typed.role, |typed, role| typed.role = role);
    let role_said =
        Signal::derive(move || role_hint(i18n, typed.with(|typed| typed.role)).to_owned());
    let number = typed.optional(
        |typed| &mut typed.extension,
        |typed| typed.extension.as_deref(),
    );
    let hint = Signal::derive(move || extension.hint(i18n, typed));
    let password = typed.optional(
        |typed| &mut typed.password,
        |typed| typed.password.as_deref(),
    );
    let takes = typed.flag(
        |typed| typed.takes_calls,
        |typed, on| typed.takes_calls = on,
    );
    let abroad = typed.flag(
        |typed| typed.international,
        |typed, on| typed.international = on,
    );
    let most = typed.number(
        |typed| typed.max_calls,
        |typed, most| typed.max_calls = most,
    );
    let chosen = Signal::derive(move || typed.with(|typed| typed.groups.clone()));
    let write = Callback::new(move |groups| typed.update(|typed| typed.groups = groups));
    let names: Names = Signal::derive(move || {
        staff.groups.with(|groups| {
            groups
                .iter()
                .map(|group| (group.id.clone(), group.name.clone()))
                .collect()
        })
    });
    let any_groups = Memo::new(move |_| staff.groups.with(|groups| !groups.is_empty()));
    view! {
        <TextField id="user-name" label=tr!(i18n, people.name) bound=name fault=name_fault/>
        <TextField id="user-login" label=tr!(i18n, people.login) hint=tr!(i18n, people.login_hint) bound=login fault=login_fault/>
        <SelectField id="user-role" label=tr!(i18n, people.role) bound=role options=roles hint=role_said/>
        <TextField id="user-extension" label=tr!(i18n, people.extension) hint bound=number fault=extension_fault/>
        <When when=move || is_new><TextField id="user-password" label=tr!(i18n, people.password) hint=tr!(i18n, people.password_hint) bound=password fault=password_fault kind="password"/></When>
        <TextField id="user-calls" label=tr!(i18n, people.max_calls) bound=most placeholder=tr!(i18n, lines.unlimited)/>
        <SwitchField id="user-takes" label=tr!(i18n, people.takes_calls) words=tr!(i18n, people.takes_calls_words) bound=takes/>
        <SwitchField id="user-abroad" label=tr!(i18n, people.international) words=tr!(i18n, people.international_words) bound=abroad/>
        <When when=move || any_groups.get()><div class="field form__all"><span class="field__label">{tr!(i18n, people.groups)}</span><PickList chosen write names add=tr!(i18n, people.add_group) testid="user-groups"/></div></When>
        <When when=move || other().is_some()><div class="note note--stop form__all" role="alert"><Icon name="circle-x"/><span>{text(other)}</span></div></When>
    }
}
