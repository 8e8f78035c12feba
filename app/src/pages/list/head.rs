//! Search within, filters, columns.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::{List, Record};
use crate::{
    components::{
        Icon,
        form::{Bound, Select},
        reactive::{When, act, changing, flag, text},
    },
    i18n::*,
    platform::time,
    view::list::ListQuery,
};

/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

#[component]
pub fn Filters<T: Record>(list: List<T>) -> impl IntoView {
    let i18n = use_i18n();
    let (filters, words, testid) = list
        .spec
        .with_value(|spec| (spec.filters, spec.words, spec.testid));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        let wanted = event_target_value(&input);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        let ask = move || list.query.update(|query| query.search = wanted.clone());
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let chips = move || {
        filters.get().into_iter().map(|filter| {
            let (read_key, write_key, label) = (filter.key.clone(), filter.key.clone(), filter.label);
            let value = move |query: &ListQuery| query.filters.get(&read_key).cloned().unwrap_or_default();
            let value = Memo::new(move |_| list.query.with(&value));
            let bound = Bound::new(move || value.get(), move |chosen| list.query.update(|query| query.set(&write_key, chosen)));
            let options = Signal::derive(move || {
                let mut options = vec![(String::new(), label.get())];
                options.extend(filter.options.get());
                options
            });
            view! { <span class="fsel" class:is-set=flag(move || !value.with(String::is_empty)) data-filter=filter.key><Select bound options label class="select select--chip"/></span> }
        }).collect_view()
    };
    // A tag or company that a link named has no list to stand in.
    let named = move |key: &'static str, icon: &'static str| {
        let value = Memo::new(move |_| list.query.with(|query| query.filters.get(key).cloned()));
        changing(move || {
            value.get().map(|value| view! { <button class="fchip fchip--on" on:click=act(move |_| list.query.update(|query| query.set(key, String::new())))><Icon name=icon/><b>{if key == "tag" { value } else { tr!(i18n, clients.one_company).get() }}</b><Icon name="x"/></button> })
        })
    };
    let counted = move || {
        list.total.get().map(|total| {
            fill!(
                i18n,
                list.counted,
                count = time::decimal(total as f64, i18n.get_locale())
            )
        })
    };
    view! {
        <div class="row row--wrap filters" role="search">
            <label class="find find--filter"><Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
                <input type="search" placeholder=words.search autocomplete="off" data-testid=format!("{testid}-search") prop:value=text(move || list.query.with(|query| query.search.clone())) on:input=act(typed)/></label>
            {changing(chips)}
            {named("tag", "tag")}{named("company", "building-2")}
            <When when=move || list.query.with(ListQuery::is_narrowed)><button class="btn btn--acc" data-testid="clear-filters" on:click=act(move |_| list.query.update(|query| { query.search.clear(); query.filters.clear(); }))>{tr!(i18n, calls.clear)}</button></When>
            <span class="push mute num t12" role="status">{text(counted)}</span>
            <Columns list/>
        </div>
    }
}

#[component]
fn Columns<T: Record>(list: List<T>) -> impl IntoView {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let all = list.spec.with_value(|spec| spec.columns);
    let boxes = move || {
        all.get().into_iter().enumerate().map(|(place, column)| {
            let key = column.key.clone();
            let is_on = Memo::new(move |_| list.columns().iter().any(|shown| shown.key == key));
            let key = column.key.clone();
            let turn = move |_| {
                let shown: Vec<String> = untrack(|| list.columns()).into_iter().map(|column| column.key).collect();
                let wanted = |one: &String| if *one == key { !shown.contains(one) } else { shown.contains(one) };
                let columns = all.get_untracked().into_iter().map(|column| column.key).filter(wanted).collect();
                list.query.update(|query| query.columns = columns);
            };
            // The first column names the row.
            view! { <label class="check"><input type="checkbox" disabled=place == 0 prop:checked=flag(move || is_on.get()) on:change=act(turn)/><span>{column.label}</span></label> }
        }).collect_view()
    };
    let on_key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" && open.get_untracked() {
            press.stop_propagation();
            open.set(false);
        }
    };
    view! {
        <div class="anchor" on:keydown=act(on_key)>
            <button class="btn btn--icon btn--quiet" data-testid="columns" aria-label=tr!(i18n, list.columns) title=tr!(i18n, list.columns) aria-expanded=text(move || open.get()) on:click=act(move |_| open.update(|open| *open = !*open))><Icon name="columns-3"/></button>
            <When when=move || open.get()>
                <div class="veil" on:click=act(move |_| open.set(false))></div>
                <div class="pop pop--right cols" role="group" aria-label=tr!(i18n, list.columns)>{changing(boxes)}
                    <button class="btn btn--acc" on:click=act(move |_| list.query.update(|query| query.columns.clear()))>{tr!(i18n, list.usual_columns)}</button></div>
            </When>
        </div>
    }
}
