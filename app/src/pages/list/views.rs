//! Lists kept by name, as tabs.

use api_types::{SavedView, SavedViewDraft};
use leptos::{prelude::*, task::spawn_local};

use super::{List, Record};
use crate::{
    api::use_api,
    components::{
        Dialog, Icon,
        form::{Bound, IconButton, TextField},
        reactive::{When, act, changing, maybe},
        say_failure_now,
    },
    i18n::*,
    state::toasts::use_toasts,
    view::list::ListQuery,
};

#[component]
pub fn Views<T: Record>(list: List<T>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let toasts = use_toasts();
    let page = list.spec.with_value(|spec| spec.page.clone());
    let views = RwSignal::new(Vec::<SavedView>::new());
    let naming = RwSignal::new(false);
    let path = format!("/views{}", crate::view::query::query(&[("page", &page)]));
    spawn_local(async move {
        if let Ok(read) = api.get(&path).await {
            let _ = views.try_set(read);
        }
    });
    let now = Memo::new(move |_| {
        list.query
            .with(|query| query.address().trim_start_matches('?').to_owned())
    });
    let known = StoredValue::new(list.known());
    let tab = move |name: AnyView, query: String| {
        let wanted = query.clone();
        let here = Memo::new(move |_| now.with(|now| *now == wanted));
        let show = move |_| list.query.set(ListQuery::read(&query, &known.get_value()));
        view! { <button data-testid="view-tab" aria-current=maybe(move || here.get().then_some("page")) on:click=act(show)>{name}</button> }
    };
    let all = tab(tr!(i18n, list.all).into_any(), String::new());
    let tabs = move || {
        views
            .get()
            .into_iter()
            .map(|one| tab(one.name.into_any(), one.query))
            .collect_view()
    };
    let current = Memo::new(move |_| {
        now.with(|now| views.with(|views| views.iter().find(|one| one.query == *now).cloned()))
    });
    let can_save = move || !now.with(String::is_empty) && current.with(Option::is_none);
    let remove = move |()| {
        let Some(gone) = current.get_untracked() else {
            return;
        };
        spawn_local(async move {
            if let Err(failure) = api.delete(&format!("/views/{}", gone.id)).await {
                return toasts.fail(say_failure_now(i18n, &failure));
            }
            let _ = views.try_update(|views| views.retain(|one| one.id != gone.id));
            let again = SavedViewDraft {
                page: gone.page.clone(),
                name: gone.name.clone(),
                query: gone.query.clone(),
            };
            let undo = move || {
                let again = again.clone();
                spawn_local(async move {
                    if let Ok(back) = api.post::<SavedView>("/views", &again).await {
                        let _ = views.try_update(|views| views.push(back));
                    }
                });
            };
            toasts.say_with(
                fill_now!(i18n, list.view_deleted, name = gone.name),
                tu_string!(i18n, common.undo),
                undo,
            );
        });
    };
    view! {
        <div class="row vws"><nav class="tabs grow" aria-label=tr!(i18n, list.views)>{all}{changing(tabs)}</nav>
            <When when=can_save><button class="btn" data-testid="save-view" on:click=act(move |_| naming.set(true))><Icon name="bookmark"/>{tr!(i18n, list.save_view)}</button></When>
            <When when=move || current.with(Option::is_some)><IconButton icon="trash-2" label=tr!(i18n, list.delete_view) press=remove testid="delete-view"/></When>
        </div>
        {changing(move || naming.get().then(|| view! { <NameView list views naming/> }))}
    }
}

#[component]
fn NameView<T: Record>(
    list: List<T>,
    views: RwSignal<Vec<SavedView>>,
    naming: RwSignal<bool>,
) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let name = RwSignal::new(String::new());
    let fault = RwSignal::new(String::new());
    let close = Callback::new(move |()| naming.set(false));
    let page = list.spec.with_value(|spec| spec.page.clone());
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let draft = SavedViewDraft {
            page: page.clone(),
            name: name.get_untracked().trim().to_owned(),
            query: list
                .query
                .with_untracked(|query| query.address().trim_start_matches('?').to_owned()),
        };
        if draft.name.is_empty() {
            return fault.set(tu_string!(i18n, groups.missing_name).to_owned());
        }
        spawn_local(async move {
            match api.post::<SavedView>("/views", &draft).await {
                Ok(view) => {
                    let _ = views.try_update(|views| views.push(view));
                    close.run(());
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                }
            }
        });
    };
    let foot = Box::new(move || {
        view! {
            <button type="button" class="btn" on:click=act(move |_| close.run(()))>{tr!(i18n, common.cancel)}</button>
            <button type="submit" form="view-form" class="btn btn--main" data-testid="save-view-name">{tr!(i18n, common.save)}</button>
        }
        .into_any()
    });
    view! {
        <Dialog title=tr!(i18n, list.save_view) close foot>
            <form class="form" id="view-form" on:submit=act(save) novalidate><TextField id="view-name" label=tr!(i18n, list.view_name) bound=Bound::of(name) fault=fault hint=tr!(i18n, list.view_hint)/></form>
        </Dialog>
    }
}
