//! A line in the list: what it is and how it is now.

use api_types::{Balance, Line, LineState};
use leptos::{prelude::*, task::spawn_local};

use super::{Editing, Form, form::LineForm};
use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{When, act, flag, text},
    },
    i18n::*,
    pages::desktop::short_time,
    view::{
        line::{LineWords, provider_said},
        named::Named,
    },
};

/// Opened by its chevron or by Check.
#[component]
pub fn LineRow(line: Signal<Line>, editing: RwSignal<Editing>) -> impl IntoView {
    let i18n = use_i18n();
    let id = line.with_untracked(|line| line.id.clone());
    let is_open = {
        let id = id.clone();
        move |editing: &Editing| matches!(editing, Editing::Line { id: open, .. } if *open == id)
    };
    let open = Memo::new(move |_| editing.with(&is_open));
    let show = move |check: bool| {
        editing.set(if open.get_untracked() && !check {
            Editing::Nothing
        } else {
            Editing::Line {
                id: id.clone(),
                check,
            }
        });
    };
    let check = {
        let show = show.clone();
        move |_| show(true)
    };
    let chevron = Signal::derive(move || {
        if open.get() {
            "chevron-up"
        } else {
            "chevron-down"
        }
    });
    let edit_words = move || {
        fill!(
            i18n,
            lines.edit,
            name = line.with(|line| line.label.clone())
        )
    };
    let provider = move || {
        line.with(|line| match &line.provider {
            Some(provider) => provider.clone(),
            None if line.trunk => t_string!(i18n, lines.by_address).to_owned(),
            None => line.domain.clone(),
        })
    };
    let travels = move || {
        line.with(|line| {
            let recorded = if line.record {
                t_string!(i18n, lines.recorded)
            } else {
                t_string!(i18n, lines.not_recorded)
            };
            format!("{}, {recorded}", line.transport.name())
        })
    };
    view! {
        <div class="ln" class:ln--open=flag(move || open.get()) data-testid="line">
            <div class="ln__r">
                <StateSign line/>
                <div class="ln__n">
                    <div class="row"><span class="med t14 cut">{text(move || line.with(|line| line.label.clone()))}</span><When when=move || line.with(|line| line.default_outgoing)><span class="chip chip--acc">{tr!(i18n, lines.default)}</span></When></div>
                    <div class="t12 mute num cut">{text(move || line.with(|line| line.number.display.clone()))}</div>
                </div>
                <div class="ln__p"><div class="cut">{text(provider)}</div><div class="t12 mute">{text(travels)}</div></div>
                <StateWords line/>
                <BalanceWords line/>
                <button class="btn" data-testid="check-line" aria-label=tr!(i18n, lines.check) on:click=act(check)><Icon name="refresh-cw"/><span class="wide">{tr!(i18n, lines.check)}</span></button>
                <button class="btn btn--icon btn--quiet" data-testid="edit-line" aria-label=text(edit_words) title=text(edit_words) aria-expanded=text(move || open.get().to_string()) on:click=act(move |_| show(false))><Icon name=chevron/></button>
            </div>
            <When when=move || open.get()><LineForm form=Form::of(line.with_untracked(|line| line.id.clone())) editing/></When>
        </div>
    }
}

/// Calls now, of how many.
fn channels(i18n: I18n, line: &Line) -> Option<String> {
    match (line.channels, line.channels_in_use) {
        (Some(most), used) => Some(fill!(i18n, lines.channels_used, used = used, most = most)),
        (None, 0) => None,
        (None, used) => Some(fill!(i18n, lines.channels_now, used = used)),
    }
}

/// What is left on the account, where the provider says.
#[component]
fn BalanceWords(line: Signal<Line>) -> impl IntoView {
    let api = use_api();
    let balance = RwSignal::new(None::<Balance>);
    let asked = Memo::new(move |_| line.with(|line| line.has_balance.then(|| line.id.clone())));
    Effect::new(move |_| {
        let Some(id) = asked.get() else {
            return balance.set(None);
        };
        spawn_local(async move {
            let answer = api.get(&format!("/lines/{id}/balance")).await.ok();
            let _ = balance.try_set(answer);
        });
    });
    let words = move || {
        balance.with(|balance| {
            balance
                .as_ref()
                .map(|balance| format!("{} {}", balance.amount, balance.currency))
        })
    };
    view! { <div class="ln__b num cut">{text(words)}</div> }
}

#[component]
fn StateSign(line: Signal<Line>) -> impl IntoView {
    let state = Memo::new(move |_| line.with(|line| line.registration.clone()));
    let class = move || {
        state.with(|state| match state {
            LineState::Registered { .. } => "hs hs--ok",
            LineState::Trying => "hs hs--try",
            LineState::Failed { .. } => "hs hs--no",
        })
    };
    let icon = Signal::derive(move || {
        state.with(|state| match state {
            LineState::Registered { .. } => "phone",
            LineState::Trying => "phone-call",
            LineState::Failed { .. } => "phone-off",
        })
    });
    view! { <span class=text(class)><Icon name=icon/></span> }
}

#[component]
fn StateWords(line: Signal<Line>) -> impl IntoView {
    let i18n = use_i18n();
    let class = move || {
        line.with(|line| match line.registration {
            LineState::Registered { .. } => "med go cut",
            LineState::Trying => "med soft cut",
            LineState::Failed { .. } => "med stop cut",
        })
    };
    let words = move || {
        line.with(|line| {
            let said = provider_said(&line.registration);
            let words = if line.trunk && matches!(line.registration, LineState::Registered { .. }) {
                t_string!(i18n, lines.answers)
            } else {
                LineWords::of(&line.registration).say(i18n)
            };
            if said.is_empty() {
                words.to_owned()
            } else {
                format!(
                    "{said}: {}",
                    String::from(js_sys::JsString::from(words).to_lower_case())
                )
            }
        })
    };
    let details = move || {
        line.with(|line| {
            let since = fill!(i18n, lines.since, time = short_time(i18n, line.changed_at));
            match line.registration {
                LineState::Registered {
                    expires_secs,
                    round_trip_ms,
                } => {
                    let mut said = vec![since];
                    if expires_secs > 0 {
                        said.push(fill!(i18n, lines.renews, secs = expires_secs));
                    }
                    said.push(fill!(i18n, unit.ms, count = round_trip_ms));
                    said.extend(channels(i18n, line));
                    said.join(" · ")
                }
                LineState::Trying | LineState::Failed { .. } => since,
            }
        })
    };
    view! { <div class="ln__s" role="status"><div class=text(class) data-testid="line-state">{text(words)}</div><div class="t12 mute num cut">{text(details)}</div></div> }
}
