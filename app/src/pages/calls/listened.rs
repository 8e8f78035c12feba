//! Who listened to a recording, and who took it away.

use api_types::{CallRecord, Change};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::reactive::{When, act, changing},
    i18n::*,
    pages::desktop::short_time,
};

/// Read when it is opened.
#[component]
pub fn Listened(call: Signal<CallRecord>) -> impl IntoView {
    let (i18n, api) = (use_i18n(), use_api());
    let list = RwSignal::new(None::<Vec<Change>>);
    let read = move |_| {
        let path = call.with_untracked(|call| format!("/calls/{}/listened", call.id));
        spawn_local(async move {
            if let Ok(all) = api.get::<Vec<Change>>(&path).await {
                let _ = list.try_set(Some(all));
            }
        });
    };
    let rows = move || {
        let all = list.get()?;
        let none = all.is_empty();
        let rows = all.into_iter().map(|one| {
            let what = match one.what.as_str() {
                "downloaded" => t_string!(i18n, log.downloaded),
                _ => t_string!(i18n, log.listened),
            };
            view! { <li class="row t12"><span class="med">{one.by}</span><span class="soft">{what}</span><span class="push mute num">{short_time(i18n, one.at)}</span></li> }
        });
        let rows = rows.collect_view();
        Some(
            view! { <ul class="part__list">{rows}{none.then(|| view! { <li class="t12 mute">{t_string!(i18n, log.nobody_listened)}</li> })}</ul> },
        )
    };
    let rows = StoredValue::new(changing(rows));
    view! {
        <When when=move || call.with(|call| call.recording.is_some())>
            <details data-testid="listened" on:toggle=act(read)><summary class="eyebrow">{tr!(i18n, log.who_listened)}</summary>{rows.get_value()}</details>
        </When>
    }
}
