//! Lists kept by a name: read, made, deleted and brought back.

use api_types::{SavedView, SavedViewDraft};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        Dialog,
        form::{Bound, IconButton, TextField},
        reactive::{When, act},
        say_failure_now,
    },
    i18n::*,
    state::toasts::use_toasts,
    view::query::query,
};

/// Reads those of a page.
pub fn read(page: &str, views: RwSignal<Vec<SavedView>>) {
    let api = use_api();
    let path = format!("/views{}", query(&[("page", page)]));
    spawn_local(async move {
        if let Ok(read) = api.get(&path).await {
            let _ = views.try_set(read);
        }
    });
}

/// Deletes the one that is shown; it can be brought back.
#[component]
pub fn DeleteView(
    views: RwSignal<Vec<SavedView>>,
    current: Memo<Option<SavedView>>,
) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let remove = move |()| {
        let Some(gone) = current.get_untracked() else {
            return;
        };
        spawn_local(async move {
            if let Err(failure) = api.delete(&format!("/views/{}", gone.id)).await {
                return toasts.fail(say_failure_now(i18n, &failure));
            }
            let _ = views.try_update(|views| views.retain(|one| one.id != gone.id));
            let words = fill_now!(i18n, list.view_deleted, name = gone.name);
            toasts.say_with(words, tu_string!(i18n, common.undo), move || {
                let again = SavedViewDraft {
                    page: gone.page.clone(),
                    name: gone.name.clone(),
                    query: gone.query.clone(),
                };
                spawn_local(async move {
                    if let Ok(back) = api.post::<SavedView>("/views", &again).await {
                        let _ = views.try_update(|views| views.push(back));
                    }
                });
            });
        });
    };
    view! { <When when=move || current.with(Option::is_some)><IconButton icon="trash-2" label=tr!(i18n, list.delete_view) press=remove testid="delete-view"/></When> }
}

/// Keeps what is shown by a name. `asked`: the page's address after the question mark.
#[component]
pub fn NameView(
    #[prop(into)] page: String,
    #[prop(into)] asked: Signal<String>,
    views: RwSignal<Vec<SavedView>>,
    naming: RwSignal<bool>,
) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let (name, fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let close = Callback::new(move |()| naming.set(false));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let draft = SavedViewDraft {
            page: page.clone(),
            name: name.get_untracked().trim().to_owned(),
            query: asked.get_untracked(),
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
                Err(failure) => drop(fault.try_set(say_failure_now(i18n, &failure))),
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
