//! Groups of employees.

use api_types::{Group, GroupDraft, User};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Dialog, Empty, Icon,
        form::{IconButton, Names, Parts, PickList, SwitchField, TextField},
        reactive::{Rows, When, act, changing, followed, text},
        remote_view::RemoteView,
        say_failure, say_failure_now,
    },
    i18n::*,
    pages::settings::Panel,
    state::{
        remote::{Remote, read_into},
        toasts::use_toasts,
    },
    view::failure::Failure,
};

/// What the parts of the page share.
#[derive(Clone, Copy)]
struct Page {
    groups: RwSignal<Remote<Vec<Group>>>,
    users: RwSignal<Vec<User>>,
    editing: RwSignal<Option<Option<Group>>>,
    deleting: RwSignal<Option<Group>>,
}

/// The section of the panel.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let page = Page {
        groups: RwSignal::new(Remote::Loading),
        users: RwSignal::new(Vec::new()),
        editing: RwSignal::new(None),
        deleting: RwSignal::new(None),
    };
    let read = move || {
        read_into(page.groups, async move { api.get("/groups").await });
        spawn_local(async move {
            if let Ok(users) = api.get("/users").await {
                let _ = page.users.try_set(users);
            }
        });
    };
    read();
    view! {
        <Panel>
            <header class="set__head">
                <div class="grow"><h2 class="h1">{tr!(i18n, groups.title)}</h2><p class="soft">{tr!(i18n, groups.lead)}</p></div>
                <button class="btn btn--main" data-testid="add-group" on:click=act(move |_| page.editing.set(Some(None)))><Icon name="plus"/>{tr!(i18n, groups.add)}</button>
            </header>
            <RemoteView source=page.groups again=move |()| read()><GroupList page/></RemoteView>
            {changing(move || page.editing.get().map(|group| view! { <GroupForm page group/> }))}
            {changing(move || page.deleting.get().map(|group| view! { <DeleteGroup page group/> }))}
        </Panel>
    }
}

#[component]
fn GroupList(page: Page) -> impl IntoView {
    let i18n = use_i18n();
    let list = Memo::new(move |_| {
        page.groups
            .with(|groups| groups.ready().cloned().unwrap_or_default())
    });
    let keys = Signal::derive(move || {
        list.with(|list| {
            list.iter()
                .map(|group| group.id.clone())
                .collect::<Vec<_>>()
        })
    });
    let row = move |id: String| {
        let find = move || list.with(|list| list.iter().find(|group| group.id == id).cloned());
        followed(find)
            .map(|group| changing(move || view! { <Row group=group.get() page/> }))
            .into_any()
    };
    let none = move || view! { <Empty icon="users" title=tr!(i18n, groups.empty) lead=tr!(i18n, groups.empty_lead)/> };
    view! { <When when=move || !list.with(Vec::is_empty) otherwise=ViewFn::from(none)><ul class="list"><Rows keys row/></ul></When> }
}

#[component]
fn Row(group: Group, page: Page) -> impl IntoView {
    let i18n = use_i18n();
    let shown = StoredValue::new(group.clone());
    let members = move || {
        let names: Vec<String> = shown.with_value(|group| {
            page.users.with(|users| {
                let of = |id: &String| {
                    users
                        .iter()
                        .find(|user| user.id == *id)
                        .map(|user| user.name.clone())
                };
                group.members.iter().filter_map(of).collect()
            })
        });
        if names.is_empty() {
            t_string!(i18n, groups.no_members).to_owned()
        } else {
            names.join(", ")
        }
    };
    let abroad = group.international;
    view! {
        <li data-testid="group"><span class="col grow"><span class="med">{group.name}</span><span class="t12 soft wrap">{members}</span></span>
            {abroad.then(|| view! { <span class="chip">{tr!(i18n, groups.abroad)}</span> })}
            <IconButton icon="pencil" label=tr!(i18n, common.edit) press=move |()| page.editing.set(Some(Some(shown.get_value()))) testid="edit-group"/>
            <IconButton icon="trash-2" label=tr!(i18n, common.delete) press=move |()| page.deleting.set(Some(shown.get_value())) testid="delete-group"/></li>
    }
}

#[component]
fn GroupForm(page: Page, group: Option<Group>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let title = match &group {
        None => tr!(i18n, groups.new),
        Some(group) => Signal::stored(group.name.clone()),
    };
    let id = StoredValue::new(group.as_ref().map(|group| group.id.clone()));
    let draft = RwSignal::new(match group {
        None => GroupDraft::default(),
        Some(group) => GroupDraft {
            name: group.name,
            members: group.members,
            international: group.international,
        },
    });
    let fault = RwSignal::new(String::new());
    let close = Callback::new(move |()| page.editing.set(None));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let wanted = draft.get_untracked();
        if wanted.name.trim().is_empty() {
            return fault.set(tu_string!(i18n, groups.missing_name).to_owned());
        }
        spawn_local(async move {
            let saved: Result<Group, Failure> = match id.get_value() {
                None => api.post("/groups", &wanted).await,
                Some(id) => api.put(&format!("/groups/{id}"), &wanted).await,
            };
            match saved {
                Ok(group) => {
                    toasts.say(fill_now!(i18n, groups.saved, name = group.name));
                    take_in(page, group);
                    close.run(());
                }
                Err(failure) => {
                    let _ = fault.try_set(untrack(|| say_failure(i18n, &failure)));
                }
            }
        });
    };
    let name = draft.text(|draft| draft.name.clone(), |draft, text| draft.name = text);
    let abroad = draft.flag(
        |draft| draft.international,
        |draft, on| draft.international = on,
    );
    let chosen = Signal::derive(move || draft.with(|draft| draft.members.clone()));
    let write = Callback::new(move |members| draft.update(|draft| draft.members = members));
    let names: Names = Signal::derive(move || {
        page.users.with(|users| {
            let with_phone = users.iter().filter_map(|user| {
                Some((
                    user.id.clone(),
                    format!("{}, {}", user.name, user.extension.as_ref()?),
                ))
            });
            with_phone.collect()
        })
    });
    let foot = Box::new(move || {
        view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="group-form" class="btn btn--main" data-testid="save-group">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title close foot>
            <form class="form" id="group-form" on:submit=act(save) novalidate>
                <TextField id="group-name" label=tr!(i18n, groups.name) bound=name fault=fault/>
                <div class="field"><span class="field__label">{tr!(i18n, groups.members)}</span><PickList chosen write names add=tr!(i18n, groups.add_member) testid="group-members"/></div>
                <SwitchField id="group-abroad" label=tr!(i18n, groups.international) words=tr!(i18n, groups.international_words) bound=abroad/>
            </form>
        </Dialog>
    }
}

fn take_in(page: Page, group: Group) {
    let _ = page.groups.try_update(|groups| {
        let Some(list) = groups.ready_mut() else {
            return;
        };
        match list.iter_mut().find(|known| known.id == group.id) {
            Some(known) => *known = group,
            None => list.push(group),
        }
    });
}

#[component]
fn DeleteGroup(page: Page, group: Group) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let group = StoredValue::new(group);
    let close = Callback::new(move |()| page.deleting.set(None));
    let remove = move |_| {
        // The dialog takes it along.
        let group = group.get_value();
        close.run(());
        spawn_local(async move {
            match api.delete(&format!("/groups/{}", group.id)).await {
                Ok(()) => {
                    toasts.say(fill_now!(i18n, groups.deleted, name = group.name));
                    let _ = page.groups.try_update(|groups| {
                        if let Some(list) = groups.ready_mut() {
                            list.retain(|known| known.id != group.id);
                        }
                    });
                }
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    };
    let title = Signal::derive(move || {
        fill!(
            i18n,
            groups.delete_title,
            name = group.with_value(|group| group.name.clone())
        )
    });
    view! {
        <Dialog title close foot=Box::new(move || view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{text(move || t_string!(i18n, common.keep))}</button>
            <button type="button" class="btn btn--main" data-testid="confirm" on:click=act(remove)>{tr!(i18n, common.delete)}</button>
        }.into_any())>
            <p>{tr!(i18n, groups.delete_lead)}</p>
        </Dialog>
    }
}
