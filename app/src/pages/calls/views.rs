//! The tabs above the log: those every house has, and those somebody keeps for himself.

use api_types::SavedView;
use leptos::prelude::*;

use super::Log;
use crate::{
    components::{
        Icon,
        reactive::{When, act, changing, maybe},
    },
    i18n::*,
    pages::saved_views::{self, DeleteView, NameView},
    view::call_log::{Filter, tabs},
};

/// What kept views are of.
const PAGE: &str = "calls";

/// Reads the views kept.
pub fn read(log: Log) {
    saved_views::read(PAGE, log.views);
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
    let i18n = use_i18n();
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
    view! {
        <nav class="tabs cl__tabs" aria-label=tr!(i18n, list.views)>{known.into_iter().collect_view()}{changing(own)}
            <DeleteView views=log.views current/>
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
    let asked = Signal::derive(move || {
        log.filter
            .with(|filter| filter.address().trim_start_matches('?').to_owned())
    });
    view! {
        <When when=can><button class="btn" data-testid="save-view" on:click=act(move |_| naming.set(true))><Icon name="bookmark"/><span class="wide">{tr!(i18n, list.save_view)}</span></button></When>
        <When when=move || naming.get()><NameView page=PAGE asked views=log.views naming/></When>
    }
}
