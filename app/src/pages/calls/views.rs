//! The tabs above the log: those every house has, and those somebody keeps for himself.

use api_types::{SavedView, SavedViewDraft};
use leptos::{prelude::*, task::spawn_local};

use super::Log;
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
    view::call_log::{Filter, tabs},
};

/// What kept views are of.
const PAGE: &str = "calls";

/// Reads the views kept.
pub fn read(log: Log) {
    let api = use_api();
    spawn_local(async move {
        let path = format!("/views?page={PAGE}");
        if let Ok(read) = api.get(&path).await {
            let _ = log.views.try_set(read);
        }
    });
}

fn words(i18n: I18n, name: &str) -> &'static str {
    match name {
        "missed" => t_string!(i18n, log.tab_missed),
        "mine" => t_string!(i18n, log.tab_mine),
        "long" => t_string!(i18n, log.tab_long),
        "no_result" => t_string!(i18n, log.tab_no_result),
        _ => t_string!(i18n, log.tab_all),
    }
}

/// The tabs.
#[component]
pub fn Tabs(log: Log) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let now = Memo::new(move |_| log.filter.with(Filter::address));
    let tab = move |name: AnyView, testid: String, filter: Filter| {
        let own = filter.address();
        let here = Memo::new(move |_| now.with(|now| *now == own));
        let show = move |_| log.filter.set(filter.clone());
        view! { <button data-testid=testid aria-current=maybe(move || here.get().then_some("page")) on:click=act(show)>{name}</button> }
    };
    let known = tabs().map(|(name, filter)| {
        let words = move || words(i18n, name);
        tab(
            crate::components::reactive::text(words).into_any(),
            format!("tab-{name}"),
            filter,
        )
    });
    let own = move || {
        let views = log.views.get();
        let tabs = views.into_iter().map(|one| {
            tab(
                one.name.into_any(),
                "view-tab".to_owned(),
                Filter::read(&one.query),
            )
        });
        tabs.collect_view()
    };
    let current = Memo::new(move |_| {
        let same = |one: &&SavedView| now.with(|now| Filter::read(&one.query).address() == *now);
        log.views.with(|views| views.iter().find(same).cloned())
    });
    let remove = move |()| {
        let Some(gone) = current.get_untracked() else {
            return;
        };
        spawn_local(async move {
            if let Err(failure) = api.delete(&format!("/views/{}", gone.id)).await {
                return toasts.fail(say_failure_now(i18n, &failure));
            }
            let _ = log
                .views
                .try_update(|views| views.retain(|one| one.id != gone.id));
            let words = fill_now!(i18n, list.view_deleted, name = gone.name);
            toasts.say_with(words, tu_string!(i18n, common.undo), move || {
                let draft = SavedViewDraft {
                    page: gone.page.clone(),
                    name: gone.name.clone(),
                    query: gone.query.clone(),
                };
                spawn_local(async move {
                    if let Ok(back) = api.post::<SavedView>("/views", &draft).await {
                        let _ = log.views.try_update(|views| views.push(back));
                    }
                });
            });
        });
    };
    view! {
        <nav class="tabs cl__tabs" aria-label=tr!(i18n, list.views)>{known.into_iter().collect_view()}{changing(own)}
            <When when=move || current.with(Option::is_some)><IconButton icon="trash-2" label=tr!(i18n, list.delete_view) press=remove testid="delete-view"/></When>
        </nav>
    }
}

/// Keeps the present filter by a name.
#[component]
pub fn Save(log: Log) -> impl IntoView {
    let i18n = use_i18n();
    let naming = RwSignal::new(false);
    let can = move || {
        log.filter
            .with(|filter| !tabs().iter().any(|(_, known)| known == filter))
    };
    view! {
        <When when=can><button class="btn" data-testid="save-view" on:click=act(move |_| naming.set(true))><Icon name="bookmark"/><span class="wide">{tr!(i18n, list.save_view)}</span></button></When>
        <When when=move || naming.get()><Name log naming/></When>
    }
}

#[component]
fn Name(log: Log, naming: RwSignal<bool>) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let (name, fault) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let close = Callback::new(move |()| naming.set(false));
    let save = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        let draft = SavedViewDraft {
            page: PAGE.to_owned(),
            name: name.get_untracked().trim().to_owned(),
            query: log
                .filter
                .with_untracked(|filter| filter.address().trim_start_matches('?').to_owned()),
        };
        if draft.name.is_empty() {
            return fault.set(tu_string!(i18n, groups.missing_name).to_owned());
        }
        spawn_local(async move {
            match api.post::<SavedView>("/views", &draft).await {
                Ok(view) => {
                    let _ = log.views.try_update(|views| views.push(view));
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
