//! What came of a call, in one chip: its result, else whether it was returned, else how it ended.

use api_types::CallRecord;
use leptos::prelude::*;

use crate::{
    components::{call_parts::OutcomeChip, reactive::changing},
    i18n::*,
    pages::desktop::short_time,
    state::house::use_house,
    view::missed,
};

/// In tables and the head of a call.
#[component]
pub fn ResultChip(call: Signal<CallRecord>) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    changing(move || {
        let (result, returned, waits) = call.with(|call| {
            let returned = call.returned.as_ref().map(|returned| returned.at);
            (call.result.clone(), returned, missed::waits(call))
        });
        match (result, returned) {
            (Some(key), _) => view! { <span class="chip" data-testid="result-chip">{house.result(&key)}</span> }.into_any(),
            (None, Some(at)) => view! { <span class="chip">{fill!(i18n, log.returned, time = short_time(i18n, at))}</span> }.into_any(),
            (None, None) if waits => view! { <span class="chip chip--stop">{t_string!(i18n, log.not_returned_chip)}</span> }.into_any(),
            (None, None) => view! { <OutcomeChip call/> }.into_any(),
        }
    })
}
