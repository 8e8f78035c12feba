//! `Check`: one real registration, its steps with their times, the answer in words.

use api_types::{CheckStep, Line, LineCheck, LineCheckRequest};
use leptos::{prelude::*, task::spawn_local};

use super::form::Form;
use crate::{
    api::{Api, use_api},
    components::{
        Icon,
        reactive::{act, changing, flag, text},
        say_failure,
    },
    i18n::*,
    platform::time::clock,
    view::{
        check::{CheckWords, StepDetail, StepWords, details, found_by, is_good, said},
        failure::Failure,
        format::fill,
    },
};

/// How far the check is.
#[derive(Debug, Clone, PartialEq)]
pub enum Check {
    /// Not asked for.
    Never,
    /// Under way.
    Running,
    /// Over.
    Done(LineCheck),
    /// The server could not do it.
    Failed(Failure),
}

/// Checks what is typed.
pub fn run(form: Form, api: Api) {
    let Some(line) = form.sent() else { return };
    if form.check.with_untracked(|check| *check == Check::Running) {
        return;
    }
    form.check.set(Check::Running);
    let saved = form.id.get_value().filter(|_| form.is_as_saved());
    let request = LineCheckRequest {
        id: form.id.get_value(),
        line,
    };
    spawn_local(async move {
        let asked = match saved {
            Some(id) => api.order(&format!("/lines/{id}/check")).await,
            None => api.post("/lines/check", &request).await,
        };
        let answer = match asked {
            Ok(check) => Check::Done(check),
            Err(failure) => Check::Failed(failure),
        };
        let _ = form.check.try_set(answer);
    });
}

/// The column beside the form.
#[component]
pub fn CheckAside(form: Form, line: Option<Line>) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let running = flag(move || form.check.with(|check| *check == Check::Running));
    let when = move || {
        form.check.with(|check| match check {
            Check::Done(check) => Some(format!(
                "{}, {}",
                clock(check.at, i18n.get_locale()),
                fill!(i18n, unit.ms, count = check.took_ms)
            )),
            Check::Never | Check::Running | Check::Failed(_) => None,
        })
    };
    let result = move || {
        match form.check.get() {
        Check::Never => view! { <p class="t12 soft">{tr!(i18n, check_line.never)}</p> }.into_any(),
        Check::Running => view! { <p class="soft row" role="status"><Icon name="loader"/>{tr!(i18n, check_line.running)}</p> }.into_any(),
        Check::Failed(failure) => view! { <div class="note note--stop" role="alert"><Icon name="circle-x"/><span>{say_failure(i18n, &failure)}</span></div> }.into_any(),
        Check::Done(check) => view! { <Answer check/> }.into_any(),
    }
    };
    view! {
        <aside class="ed__c" aria-label=tr!(i18n, lines.check_title)>
            <div class="row ed__ck"><span class="h2">{tr!(i18n, lines.check_title)}</span><span class="t12 mute num">{text(when)}</span>
                <button type="button" class="btn push" data-testid="run-check" disabled=running on:click=act(move |_| run(form, api))><Icon name="refresh-cw"/>{tr!(i18n, lines.check)}</button></div>
            <div data-testid="check-result">{changing(result)}</div>
            {line.map(|line| view! { <Facts line/> })}
        </aside>
    }
}

#[component]
fn Answer(check: LineCheck) -> impl IntoView {
    let i18n = use_i18n();
    let good = is_good(check.verdict);
    let steps = check.steps.clone();
    let secs = check
        .retry_after
        .unwrap_or_else(|| check.steps.iter().map(|step| step.secs).max().unwrap_or(0));
    let sentence = {
        let check = check.clone();
        move || {
            let words = CheckWords::of(check.verdict).say(i18n);
            let mut words = fill(
                words,
                &[("subject", &check.subject), ("secs", &secs.to_string())],
            );
            if let Some(secs) = check.retry_after {
                words.push(' ');
                words.push_str(&fill!(i18n, check_line.later, secs = secs));
            }
            words
        }
    };
    // What the wire said stands first; words of the TLS library and the like stand in the steps.
    let wire = if good { String::new() } else { said(&check) };
    let icon = if good { "circle-check" } else { "circle-x" };
    view! {
        <div class=if good { "note note--go" } else { "note note--stop" } role="status" data-testid="check-answer"><Icon name=icon/><div><b class="med">{wire}</b>" "<span>{text(sentence)}</span></div></div>
        <ol class="ck">{steps.into_iter().map(|step| view! { <Step step/> }).collect_view()}</ol>
    }
}

#[component]
fn Step(step: CheckStep) -> impl IntoView {
    let i18n = use_i18n();
    let icon = if step.ok { "circle-check" } else { "circle-x" };
    let colour = if step.ok { "acc" } else { "stop" };
    let title = {
        let step = step.clone();
        move || {
            let words = fill(
                StepWords::of(step.kind).say(i18n),
                &[("code", &step.code.to_string())],
            );
            if step.kind == api_types::CheckStepKind::Reachable && !step.reason.is_empty() {
                format!("{words} {}", step.reason)
            } else {
                words
            }
        }
    };
    let ms = step.ms;
    let below = move || {
        let (sentences, as_came) = details(&step);
        let mut parts: Vec<String> = sentences
            .into_iter()
            .map(|detail| say(i18n, detail, &step))
            .collect();
        if !as_came.is_empty() {
            parts.push(as_came);
        }
        parts.join(", ")
    };
    view! {
        <li><Icon name=icon class=colour/><div class="grow"><div>{text(title)}</div><div class="t12 soft wrap">{text(below)}</div></div><span class="num t12 mute">{text(move || fill!(i18n, unit.ms, count = ms))}</span></li>
    }
}

fn say(i18n: I18n, detail: StepDetail, step: &CheckStep) -> String {
    let address = if detail == StepDetail::SeenAs {
        &step.seen_as
    } else {
        &step.address
    };
    fill(
        detail.say(i18n),
        &[
            ("by", found_by(&step.source)),
            ("count", &step.found.to_string()),
            ("address", address),
            ("name", &step.name),
            ("secs", &step.secs.to_string()),
        ],
    )
}

/// What else is known of the line.
#[component]
fn Facts(line: Line) -> impl IntoView {
    let i18n = use_i18n();
    let used = line.channels_in_use;
    let most = line.channels;
    let channels = move || match most {
        Some(most) => format!("{used} / {most}"),
        None => format!("{used}, {}", t_string!(i18n, lines.unlimited)),
    };
    let recorded = line.record;
    let record = move || {
        if recorded {
            t_string!(i18n, lines.recorded)
        } else {
            t_string!(i18n, lines.not_recorded)
        }
    };
    view! {
        <hr class="rule"/>
        <dl class="kv"><dt>{tr!(i18n, lines.channels)}</dt><dd class="num">{text(channels)}</dd><dt>{tr!(i18n, lines.recording)}</dt><dd>{text(record)}</dd></dl>
    }
}
