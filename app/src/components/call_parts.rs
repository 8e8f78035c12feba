//! What tables of calls are made of.

use crate::components::reactive::{flag, text};
use api_types::CallRecord;
use leptos::prelude::*;

use super::{Icon, Tel};
use crate::{
    i18n::*,
    view::outcome::{DirectionSign, Outcome, Tone},
};

/// The sign of a call's direction; red when it was missed or failed.
#[component]
pub fn DirectionMark(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let sign = Memo::new(move |_| call.with(|call| DirectionSign::of(call.direction, call.status)));
    let words = Signal::derive(move || sign.get().say(i18n));
    let icon = Signal::derive(move || sign.get().icon());
    view! {
        <span class="dir" class:dir--miss=flag(move || sign.get().is_bad()) title=words>
            <Icon name=icon/><span class="sr">{words}</span>
        </span>
    }
}

/// How a call stands or ended.
#[component]
pub fn OutcomeChip(call: Signal<CallRecord>) -> impl IntoView {
    let i18n = use_i18n();
    let outcome = Memo::new(move |_| call.with(|call| Outcome::of(call.direction, call.status)));
    let class = move || match outcome.get().tone() {
        Tone::Plain => "chip",
        Tone::Accent => "chip chip--acc",
        Tone::Wait => "chip chip--wait",
        Tone::Stop => "chip chip--stop",
    };
    view! { <span class=text(class)>{text(move || outcome.get().say(i18n))}</span> }
}

/// Name of the client, or what stands for it.
pub fn client_name(i18n: I18n, call: &CallRecord) -> String {
    if let Some(contact) = &call.contact {
        return contact.name.clone();
    }
    if let Some(row) = &call.row {
        return row.title.clone();
    }
    match (&call.network_name, &call.number) {
        (Some(name), Some(_)) if !name.is_empty() => name.clone(),
        (_, Some(_)) => t_string!(i18n, common.unknown).to_owned(),
        (_, None) => t_string!(i18n, common.withheld).to_owned(),
    }
}

/// The number, ready to call; nothing when it is withheld.
#[component]
pub fn CallNumber(call: Signal<CallRecord>) -> impl IntoView {
    move || {
        let number = call.with(|call| call.number.clone());
        number.map(|number| view! { <Tel number=number.e164 shown=number.display/> })
    }
}
