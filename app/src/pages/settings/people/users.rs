//! Users: who signs in, with which extension, role and groups.

use api_types::{Group, Role, User};
use leptos::prelude::*;

use super::{
    secret::{Secret, SecretDialog},
    user_form::{UserForm, role_words},
};
use crate::{
    api::use_api,
    components::{
        Avatar, Empty, Icon,
        form::IconButton,
        reactive::{Rows, When, act, changing, flag, followed},
        remote_view::RemoteView,
    },
    i18n::*,
    pages::settings::Panel,
    state::{
        remote::{Remote, read_into},
        session::use_session,
    },
};

/// What the parts of the page share.
#[derive(Clone, Copy)]
pub struct Staff {
    /// Everybody.
    pub users: RwSignal<Remote<Vec<User>>>,
    /// Groups, for their names.
    pub groups: RwSignal<Vec<Group>>,
    /// Who is edited; `Some(None)`: somebody new.
    pub editing: RwSignal<Option<Option<User>>>,
    /// What is shown once, and whose it is.
    pub secret: RwSignal<Option<(String, Secret)>>,
    /// Whether the person here may change users; others only see them.
    pub may_edit: Signal<bool>,
}

impl Staff {
    /// Takes a changed user into the list.
    pub fn take_in(self, user: User) {
        let _ = self.users.try_update(|users| {
            let Some(list) = users.ready_mut() else {
                return;
            };
            match list.iter_mut().find(|known| known.id == user.id) {
                Some(known) => *known = user,
                None => list.push(user),
            }
        });
    }
}

/// The section of the panel.
#[component]
pub fn UsersPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let session = use_session();
    let may_edit = Memo::new(move |_| session.me(|me| me.role == Role::Admin).unwrap_or(false));
    let staff = Staff {
        may_edit: may_edit.into(),
        users: RwSignal::new(Remote::Loading),
        groups: RwSignal::new(Vec::new()),
        editing: RwSignal::new(None),
        secret: RwSignal::new(None),
    };
    let read = move || {
        read_into(staff.users, async move { api.get("/users").await });
        leptos::task::spawn_local(async move {
            if let Ok(groups) = api.get("/groups").await {
                let _ = staff.groups.try_set(groups);
            }
        });
    };
    read();
    view! {
        <Panel>
            <header class="set__head">
                <div class="grow"><h2 class="h1">{tr!(i18n, people.title)}</h2><p class="soft">{tr!(i18n, people.lead)}</p></div>
                <When when=staff.may_edit><button class="btn btn--main" data-testid="add-user" on:click=act(move |_| staff.editing.set(Some(None)))><Icon name="user-plus"/>{tr!(i18n, people.add)}</button></When>
            </header>
            <RemoteView source=staff.users again=move |()| read()><UserList staff/></RemoteView>
            {changing(move || staff.editing.get().map(|user| view! { <UserForm staff user/> }))}
            {changing(move || staff.secret.get().map(|(name, secret)| view! { <SecretDialog name secret close=move |()| staff.secret.set(None)/> }))}
        </Panel>
    }
}

#[component]
fn UserList(staff: Staff) -> impl IntoView {
    let i18n = use_i18n();
    let list = Memo::new(move |_| {
        staff
            .users
            .with(|users| users.ready().cloned().unwrap_or_default())
    });
    let keys = Signal::derive(move || {
        list.with(|list| list.iter().map(|user| user.id.clone()).collect::<Vec<_>>())
    });
    let row = move |id: String| {
        let find = move || list.with(|list| list.iter().find(|user| user.id == id).cloned());
        followed(find)
            .map(|user| changing(move || view! { <UserRow user=user.get() staff/> }))
            .into_any()
    };
    let alone = Memo::new(move |_| list.with(|list| list.len() < 2));
    view! {
        <div class="scroll"><table class="table table--people">
            <thead><tr><th>{tr!(i18n, people.name)}</th><th>{tr!(i18n, people.extension)}</th><th class="c-more">{tr!(i18n, people.role)}</th><th class="c-more">{tr!(i18n, people.groups)}</th><th class="c-more">{tr!(i18n, people.state)}</th><th class="c-acts"><span class="sr">{tr!(i18n, common.edit)}</span></th></tr></thead>
            <tbody><Rows keys row/></tbody>
        </table></div>
        <When when=move || alone.get()><Empty icon="users" title=tr!(i18n, people.empty) lead=tr!(i18n, people.empty_lead)/></When>
    }
}

#[component]
fn UserRow(user: User, staff: Staff) -> impl IntoView {
    let i18n = use_i18n();
    let shown = StoredValue::new(user.clone());
    let groups = move || {
        let names: Vec<String> = shown.with_value(|user| {
            staff.groups.with(|groups| {
                let mine = groups
                    .iter()
                    .filter(|group| user.groups.contains(&group.id));
                mine.map(|group| group.name.clone()).collect()
            })
        });
        names.join(", ")
    };
    let state = move || shown.with_value(|user| state_words(i18n, user));
    let name = user.name.clone();
    let label = Signal::derive(move || fill!(i18n, people.edit, name = name));
    let role = user.role;
    let off = !user.active;
    view! {
        <tr data-testid="user" class:is-off=flag(move || off)>
            <td class="c-name"><div class="row"><Avatar name=user.name.clone()/><span class="col"><span class="med cut">{user.name}</span><span class="t12 mute cut">{user.login}</span></span></div></td>
            <td class="num">{user.extension.unwrap_or_default()}</td>
            <td class="c-more">{move || role_words(i18n, role)}</td>
            <td class="c-more soft">{groups}</td>
            <td class="c-more t12 soft" data-testid="user-state">{state}</td>
            <td class="c-acts"><When when=staff.may_edit><IconButton icon="pencil" label press=move |()| staff.editing.set(Some(Some(shown.get_value()))) testid="edit-user"/></When></td>
        </tr>
    }
}

/// What is special about a user, in words.
fn state_words(i18n: I18n, user: &User) -> String {
    if !user.active {
        return t_string!(i18n, people.inactive).to_owned();
    }
    let mut words = Vec::new();
    match user.extension {
        None => words.push(t_string!(i18n, people.no_phone)),
        Some(_) if !user.takes_calls => words.push(t_string!(i18n, people.not_taking)),
        Some(_) => {}
    }
    if user.has_sip_password {
        words.push(t_string!(i18n, people.desk_phone));
    }
    if user.international {
        words.push(t_string!(i18n, people.abroad));
    }
    words.join(", ")
}
