//! Lists kept by name, as tabs.

use api_types::SavedView;
use leptos::prelude::*;

use super::{List, Record};
use crate::{
    components::{
        Icon,
        reactive::{When, act, changing, maybe},
    },
    i18n::*,
    pages::saved_views::{self, DeleteView, NameView},
    view::list::ListQuery,
};

/// The tabs.
#[component]
pub fn Views<T: Record>(list: List<T>) -> impl IntoView {
    let i18n = use_i18n();
    let page = list.spec.with_value(|spec| spec.page.clone());
    let views = RwSignal::new(Vec::<SavedView>::new());
    let naming = RwSignal::new(false);
    saved_views::read(&page, views);
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
    view! {
        <div class="row vws"><nav class="tabs grow" aria-label=tr!(i18n, list.views)>{all}{changing(tabs)}</nav>
            <When when=can_save><button class="btn" data-testid="save-view" on:click=act(move |_| naming.set(true))><Icon name="bookmark"/>{tr!(i18n, list.save_view)}</button></When>
            <DeleteView views current/>
        </div>
        {changing(move || naming.get().then(|| view! { <NameView page=page.clone() asked=now views naming/> }))}
    }
}
