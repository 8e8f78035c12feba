//! The filters above the log.

use std::time::Duration;

use crate::components::reactive::{When, act, flag, text};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use crate::{
    components::Icon,
    i18n::*,
    view::{
        call_log::{DIRECTIONS, Filter, STATUSES, status_words},
        outcome::DirectionSign,
    },
};

/// Pause in typing before the server is asked.
const PAUSE: Duration = Duration::from_millis(150);

/// Search, direction, result, recording.
#[component]
pub fn Filters(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let recorded = move || filter.with(|filter| filter.recorded);
    let bad = move || filter.with(|filter| filter.bad);
    view! {
        <div class="row row--wrap filters" role="search">
            <Search filter/>
            <Direction filter/>
            <Result filter/>
            <button class="fchip" class:fchip--on=flag(recorded) aria-pressed=text(move || recorded().to_string()) data-testid="filter-recorded" on:click=act(move |_| filter.update(|filter| filter.recorded = !filter.recorded))>
                <Icon name="audio-lines"/>{tr!(i18n, calls.with_recording)}
            </button>
            <button class="fchip" class:fchip--on=flag(bad) aria-pressed=text(move || bad().to_string()) data-testid="filter-bad" on:click=act(move |_| filter.update(|filter| filter.bad = !filter.bad))>
                <Icon name="triangle-alert"/>{tr!(i18n, calls.bad_sound)}
            </button>
            <When when=move || !filter.with(Filter::is_empty)><button class="btn btn--acc" on:click=act(move |_| filter.set(Filter::default()))>{tr!(i18n, calls.clear)}</button></When>
        </div>
    }
}

#[component]
fn Search(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let typed = move |input| {
        let text = event_target_value(&input);
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        timer.set_value(
            set_timeout_with_handle(move || filter.update(|filter| filter.search = text), PAUSE)
                .ok(),
        );
    };
    view! {
        <label class="find find--filter"><Icon name="search"/><span class="sr">{tr!(i18n, common.search)}</span>
            <input type="search" placeholder=tr!(i18n, calls.search) autocomplete="off" data-testid="filter-search" prop:value=text(move || filter.with(|filter| filter.search.clone())) on:input=act(typed)/></label>
    }
}

#[component]
fn Direction(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = move || {
        filter.with(|filter| {
            DIRECTIONS
                .iter()
                .find(|(direction, _)| Some(*direction) == filter.direction)
                .map_or("", |(_, name)| *name)
        })
    };
    let options = [
        DirectionSign::Incoming,
        DirectionSign::Outgoing,
        DirectionSign::Internal,
    ]
    .into_iter()
    .zip(DIRECTIONS)
    .map(|(sign, (_, name))| view! { <option value=name>{text(move || sign.say(i18n))}</option> })
    .collect_view();
    let choose = move |name: String| {
        filter.update(|filter| {
            filter.direction = DIRECTIONS
                .iter()
                .find(|(_, known)| *known == name)
                .map(|(direction, _)| *direction)
        })
    };
    view! {
        <select class="select select--chip" class:is-set=flag(move || !chosen().is_empty()) aria-label=tr!(i18n, direction.title) data-testid="filter-direction"
            prop:value=text(chosen) on:change=act(move |change| choose(event_target_value(&change)))>
            <option value="">{tr!(i18n, direction.any)}</option>{options}
        </select>
    }
}

#[component]
fn Result(filter: RwSignal<Filter>) -> impl IntoView {
    let i18n = use_i18n();
    let chosen = move || {
        filter.with(|filter| {
            STATUSES
                .iter()
                .find(|(status, _)| Some(*status) == filter.status)
                .map_or("", |(_, name)| *name)
        })
    };
    let options = STATUSES.map(|(status, name)| view! { <option value=name>{text(move || status_words(status).say(i18n))}</option> }).into_iter().collect_view();
    let choose = move |name: String| {
        filter.update(|filter| {
            filter.status = STATUSES
                .iter()
                .find(|(_, known)| *known == name)
                .map(|(status, _)| *status)
        })
    };
    view! {
        <select class="select select--chip" class:is-set=flag(move || !chosen().is_empty()) aria-label=tr!(i18n, outcome.title) data-testid="filter-result"
            prop:value=text(chosen) on:change=act(move |change| choose(event_target_value(&change)))>
            <option value="">{tr!(i18n, outcome.any)}</option>{options}
        </select>
    }
}
