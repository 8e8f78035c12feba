//! `Try a number`: every step from what is typed to the Request-URI, or the rule that forbids it.

use api_types::{Line, NumberTried, NumberTry, StepVerdict, TryRule, TryStep, TryVerdict, User};
use leptos::{prelude::*, task::spawn_local};

use super::{Numbers, places};
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Select},
        reactive::{Rows, When, act, changing, text},
        say_failure,
    },
    i18n::*,
    view::{
        dialling::{RuleWords, money},
        failure::Failure,
        format::fill,
    },
};

/// Numbers remembered on the page.
const REMEMBERED: usize = 5;

/// What was tried last.
#[derive(Clone, PartialEq)]
enum Tried {
    Nothing,
    Done(NumberTried),
    Failed(Failure),
}

/// The column beside the rules.
#[component]
pub fn TryNumber(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let (dialled, user, line) = (
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
        RwSignal::new(String::new()),
    );
    let tried = RwSignal::new(Tried::Nothing);
    let before = RwSignal::new(Vec::<String>::new());
    let run = move || {
        let wanted = NumberTry {
            dialled: dialled.get_untracked(),
            user: filled(user),
            line: filled(line),
            settings: numbers.differs().then(|| numbers.draft.get_untracked()),
        };
        if wanted.dialled.trim().is_empty() {
            return;
        }
        before.update(|before| {
            before.retain(|known| *known != wanted.dialled);
            before.insert(0, wanted.dialled.clone());
            before.truncate(REMEMBERED);
        });
        spawn_local(async move {
            let answer = match api.post("/numbers/try", &wanted).await {
                Ok(answer) => Tried::Done(answer),
                Err(failure) => Tried::Failed(failure),
            };
            let _ = tried.try_set(answer);
        });
    };
    let submit = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        untrack(run);
    };
    let again = move |number: String| {
        dialled.set(number);
        untrack(run);
    };
    let result = move || {
        match tried.get() {
        Tried::Nothing => ().into_any(),
        Tried::Failed(failure) => view! { <div class="note note--stop try__o" role="alert"><Icon name="circle-x"/><span>{say_failure(i18n, &failure)}</span></div> }.into_any(),
        Tried::Done(answer) => view! { <Answer answer/> }.into_any(),
    }
    };
    view! {
        <aside class="try" aria-labelledby="try-title"><h3 class="h2" id="try-title">{tr!(i18n, numbers.try_title)}</h3><p class="soft t12 try__l">{tr!(i18n, numbers.try_lead)}</p>
            <form on:submit=act(submit)>
                <div class="row"><input class="input num grow big" aria-label=tr!(i18n, numbers.try_label) placeholder="8 495 123-45-67" autocomplete="off" data-testid="try-number" prop:value=dialled on:input=act(move |input| dialled.set(event_target_value(&input)))/><button class="btn btn--main" data-testid="try">{tr!(i18n, numbers.try_now)}</button></div>
                <div class="row try__o"><Select bound=Bound::of(user) options=users(i18n) label=tr!(i18n, numbers.as_whom)/><Select bound=Bound::of(line) options=lines(i18n) label=tr!(i18n, numbers.which_line)/></div>
            </form>
            <div aria-live="polite">{changing(result)}</div>
            <Before before again/>
        </aside>
    }
}

fn filled(field: RwSignal<String>) -> Option<String> {
    Some(field.get_untracked()).filter(|text| !text.is_empty())
}

fn users(i18n: I18n) -> Signal<Vec<(String, String)>> {
    let api = use_api();
    let users = RwSignal::new(Vec::<User>::new());
    spawn_local(async move {
        if let Ok(all) = api.get("/users").await {
            let _ = users.try_set(all);
        }
    });
    Signal::derive(move || {
        let mut options = vec![(String::new(), t_string!(i18n, numbers.as_me).to_owned())];
        users.with(|users| {
            let with_phone = users.iter().filter(|user| user.extension.is_some());
            options.extend(with_phone.map(|user| {
                (
                    user.id.clone(),
                    fill!(i18n, numbers.as_user, name = user.name),
                )
            }));
        });
        options
    })
}

fn lines(i18n: I18n) -> Signal<Vec<(String, String)>> {
    let api = use_api();
    let lines = RwSignal::new(Vec::<Line>::new());
    spawn_local(async move {
        if let Ok(all) = api.lines().await {
            let _ = lines.try_set(all);
        }
    });
    Signal::derive(move || {
        let mut options = vec![(String::new(), t_string!(i18n, numbers.any_line).to_owned())];
        lines.with(|lines| {
            options.extend(
                lines
                    .iter()
                    .map(|line| (line.id.clone(), line.label.clone())),
            )
        });
        options
    })
}

#[component]
fn Before(before: RwSignal<Vec<String>>, #[prop(into)] again: Callback<String>) -> impl IntoView {
    let i18n = use_i18n();
    let row = move |number: String| {
        let dialled = number.clone();
        view! { <li><button type="button" class="num" on:click=act(move |_| again.run(dialled.clone()))>{number}</button></li> }.into_any()
    };
    view! { <When when=move || before.with(|before| before.len() > 1)><h4 class="eyebrow tried__h">{tr!(i18n, numbers.tried)}</h4><ul class="list tried"><Rows keys=before row/></ul></When> }
}

#[component]
fn Answer(answer: NumberTried) -> impl IntoView {
    let steps = answer.steps.clone();
    let steps = steps
        .into_iter()
        .zip(1_usize..)
        .map(|(step, place)| view! { <Step step place/> });
    view! { <ol class="st" data-testid="try-steps">{steps.collect_view()}</ol><Outcome answer/> }
}

#[component]
fn Step(step: TryStep, place: usize) -> impl IntoView {
    let i18n = use_i18n();
    let title = {
        let step = step.clone();
        move || {
            fill(
                RuleWords::of(step.rule).say(i18n),
                &[("detail", &step.detail)],
            )
        }
    };
    let detail = {
        let step = step.clone();
        move || match step.rule {
            TryRule::Direction | TryRule::FullNumber if !step.detail.is_empty() => {
                places::full_name(i18n, &step.detail)
            }
            TryRule::Extension
            | TryRule::Line
            | TryRule::International
            | TryRule::Rewrite
            | TryRule::TooManyCalls => step.detail.clone(),
            _ => String::new(),
        }
    };
    let colour = if step.verdict == StepVerdict::Forbidden {
        "num st__r stop"
    } else {
        "num st__r"
    };
    let result = move || match step.verdict {
        StepVerdict::Changed => step.after.clone(),
        StepVerdict::Allowed if step.after != step.before && !step.after.is_empty() => {
            step.after.clone()
        }
        StepVerdict::Allowed => t_string!(i18n, numbers.allowed).to_owned(),
        StepVerdict::Forbidden => t_string!(i18n, numbers.forbidden).to_owned(),
        StepVerdict::Skipped => t_string!(i18n, numbers.skipped).to_owned(),
    };
    view! { <li><span class="st__n num">{place.to_string()}</span><div class="grow"><div class="med">{text(title)}</div><div class="t12 soft">{text(detail)}</div></div><span class=colour>{text(result)}</span></li> }
}

#[component]
fn Outcome(answer: NumberTried) -> impl IntoView {
    let i18n = use_i18n();
    let (class, icon) = match answer.verdict {
        TryVerdict::Out | TryVerdict::Inside => ("note note--go", "phone"),
        TryVerdict::Refused => ("note note--stop", "circle-x"),
    };
    let uri = answer
        .request_uri
        .as_ref()
        .map(|uri| format!("INVITE {uri}"));
    let refused_by = answer
        .steps
        .iter()
        .rev()
        .find(|step| step.verdict == StepVerdict::Forbidden)
        .cloned();
    let answer = StoredValue::new(answer);
    let title = move || {
        answer.with_value(|answer| match answer.verdict {
            TryVerdict::Out => fill!(
                i18n,
                numbers.out,
                line = answer
                    .line
                    .as_ref()
                    .map(|line| line.label.clone())
                    .unwrap_or_default()
            ),
            TryVerdict::Inside => fill!(
                i18n,
                numbers.inside,
                extension = answer.extension.clone().unwrap_or_default()
            ),
            TryVerdict::Refused => t_string!(i18n, numbers.refused).to_owned(),
        })
    };
    let why = move || {
        let step = refused_by.as_ref()?;
        let words = fill(
            RuleWords::of(step.rule).say(i18n),
            &[("detail", &step.detail)],
        );
        Some(match step.rule {
            TryRule::Direction => format!("{words}: {}", places::full_name(i18n, &step.detail)),
            _ => words,
        })
    };
    let facts = move || answer.with_value(|answer| facts(i18n, answer));
    view! {
        <div class=class role="status" data-testid="try-verdict"><Icon name=icon/><div class="grow"><b class="med">{text(title)}</b><div class="mono uri">{uri}</div><div class="t12">{text(why)}</div><div class="t12 soft num wrap">{text(facts)}</div></div></div>
    }
}

/// Caller number, price, the lines after this one.
fn facts(i18n: I18n, answer: &NumberTried) -> String {
    let mut facts = Vec::new();
    if let Some(number) = &answer.caller_number {
        facts.push(fill!(i18n, numbers.caller_number, number = number.display));
    }
    if let (Some(micros), Some(currency)) = (answer.minute_micros, &answer.currency) {
        facts.push(fill!(
            i18n,
            numbers.price,
            price = money(micros),
            currency = currency
        ));
    }
    if !answer.then.is_empty() {
        let names: Vec<&str> = answer.then.iter().map(|line| line.label.as_str()).collect();
        facts.push(fill!(i18n, numbers.then, lines = names.join(", ")));
    }
    facts.join(" · ")
}
