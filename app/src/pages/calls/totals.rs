//! Figures over everything the filter finds.

use std::time::Duration;

use api_types::{CallTotals, Event};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::Log;
use crate::{
    api::{events::use_live, use_api},
    components::reactive::changing,
    i18n::*,
    platform::time,
    state::remote::Turn,
    view::{call_log::Filter, format, outcome},
};

/// Pause after a call is over before the figures are asked for again.
const PAUSE: Duration = Duration::from_secs(1);

/// Calls, answered, missed, not returned, talk, wait.
#[component]
pub fn Totals(log: Log) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let read = move || {
        let path = format!("/calls/totals{}", log.query());
        let turn = Turn::next(&log.totals);
        spawn_local(async move {
            if let Ok(totals) = api.get::<CallTotals>(&path).await
                && turn.is_last()
            {
                let _ = log.totals.try_set(Some(totals));
            }
        });
    };
    Effect::new(move |_| {
        log.filter.with(Filter::address);
        read();
    });
    let timer = StoredValue::new(None::<TimeoutHandle>);
    use_live().follow(move |event| {
        let counts = match event {
            Event::Call(call) => outcome::is_over(call.status),
            Event::Many | Event::Resync => true,
            _ => false,
        };
        if counts {
            if let Some(timer) = timer.get_value() {
                timer.clear();
            }
            timer.set_value(set_timeout_with_handle(read, PAUSE).ok());
        }
    });
    on_cleanup(move || {
        if let Some(timer) = timer.try_get_value().flatten() {
            timer.clear();
        }
    });
    let kpi = |figure: String, words: &'static str| {
        view! { <div class="kpi"><span class="num strong t14">{figure}</span>" "<span class="soft">{words}</span></div> }
    };
    let row = move || {
        let totals = log.totals.get()?;
        let number = |count: u64| time::decimal(count as f64, i18n.get_locale());
        Some(view! {
            {kpi(number(totals.calls), t_string!(i18n, log.calls))}
            {kpi(number(totals.answered), t_string!(i18n, log.answered))}
            {kpi(number(totals.missed), t_string!(i18n, log.missed))}
            {kpi(number(totals.not_returned), t_string!(i18n, log.not_returned))}
            {kpi(format::duration(totals.talk_ms), t_string!(i18n, log.talk))}
            {kpi(format::duration(totals.wait_ms), t_string!(i18n, log.wait))}
        })
    };
    view! { <div class="row tot" role="group" aria-label=tr!(i18n, log.totals) data-testid="totals">{changing(row)}</div> }
}
