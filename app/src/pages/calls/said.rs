//! What was said of a call: result, reason, client, deal; and whether it is to be kept.

use api_types::{CallPatch, CallRecord, Choice};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    api::use_api,
    components::{
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    state::{house::use_house, session::use_session, toasts::use_toasts},
    view::{choice, outcome},
};

/// Below the recording.
#[component]
pub fn Said(call: Signal<CallRecord>, shown: Callback<CallRecord>) -> impl IntoView {
    let (i18n, api, toasts, house) = (use_i18n(), use_api(), use_toasts(), use_house());
    let session = use_session();
    let may_hold = Memo::new(move |_| session.is_administrator());
    let patch = Callback::new(move |patch: CallPatch| {
        let id = call.with_untracked(|call| call.id.clone());
        spawn_local(async move {
            match api.patch_call(&id, &patch).await {
                Ok(call) => shown.run(call),
                Err(failure) => toasts.fail(say_failure_now(i18n, &failure)),
            }
        });
    });
    let was_talked = Memo::new(move |_| {
        call.with(|call| call.answered_at.is_some() && outcome::is_over(call.status))
    });
    let hold = move |change| {
        patch.run(CallPatch {
            legal_hold: Some(event_target_checked(&change)),
            ..CallPatch::default()
        });
    };
    view! {
        <dl class="kv facts">
            <When when=move || was_talked.get()>
                <dt>{tr!(i18n, wrap.result)}</dt><dd><Chosen call part=Part::Result patch/></dd>
                <When when=move || house.work(|work| !work.reasons.is_empty())><dt>{tr!(i18n, wrap.reason)}</dt><dd><Chosen call part=Part::Reason patch/></dd></When>
            </When>
            {changing(move || call.with(|call| call.contact.clone()).map(|contact| view! { <dt>{tr!(i18n, calls.client)}</dt><dd><a class="link" data-testid="call-contact" href=format!("/contacts/{}", contact.id)>{contact.name}</a></dd> }))}
            {changing(move || call.with(|call| call.row.clone()).map(|row| view! { <dt>{tr!(i18n, calls.client)}</dt><dd><a class="link" data-testid="call-row" href=format!("/tables/{}?open={}", row.table, row.id)>{row.title}</a></dd> }))}
            {changing(move || call.with(|call| call.deal.clone()).map(|deal| view! { <dt>{tr!(i18n, client.deal_of)}</dt><dd><a class="link" data-testid="call-deal" href=format!("/deals/{}", deal.id)>{deal.title}</a></dd> }))}
            <When when=move || may_hold.get()>
                <dt>{tr!(i18n, log.hold)}</dt><dd><label class="switch" title=tr!(i18n, log.hold_hint)><input type="checkbox" role="switch" data-testid="legal-hold" prop:checked=flag(move || call.with(|call| call.legal_hold)) on:change=act(hold)/><span class="soft">{text(move || if call.with(|call| call.legal_hold) { t_string!(i18n, log.held) } else { t_string!(i18n, log.not_held) })}</span></label></dd>
            </When>
        </dl>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Result,
    Reason,
}

#[component]
fn Chosen(call: Signal<CallRecord>, part: Part, patch: Callback<CallPatch>) -> impl IntoView {
    let (i18n, house) = (use_i18n(), use_house());
    let now = Memo::new(move |_| {
        call.with(|call| match part {
            Part::Result => call.result.clone(),
            Part::Reason => call.reason.clone(),
        })
        .unwrap_or_default()
    });
    let all = move || {
        house.work(|work| match part {
            Part::Result => work.results.clone(),
            Part::Reason => work.reasons.clone(),
        })
    };
    let options = move || {
        let chosen = now.get();
        let mut all = all();
        // One that is no longer offered stays what it was.
        if !chosen.is_empty() && !all.iter().any(|one| one.key == chosen) {
            all.push(Choice::known(&chosen));
        }
        all.into_iter().map(|one| view! { <option value=one.key.clone() selected=one.key == chosen>{choice::say(i18n, &one.name, &one.key)}</option> }).collect_view()
    };
    let choose = move |change| {
        let key = Some(event_target_value(&change));
        patch.run(match part {
            Part::Result => CallPatch {
                result: key,
                ..CallPatch::default()
            },
            Part::Reason => CallPatch {
                reason: key,
                ..CallPatch::default()
            },
        });
    };
    let (label, testid) = match part {
        Part::Result => (tr!(i18n, wrap.result), "call-result"),
        Part::Reason => (tr!(i18n, wrap.reason), "call-reason"),
    };
    view! { <select class="select select--in" aria-label=label data-testid=testid prop:value=now on:change=act(choose)><option value="">"—"</option>{changing(options)}</select> }
}
