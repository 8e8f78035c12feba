//! Auto-replace of a line, each rule with what it makes of a number.

use std::time::Duration;

use api_types::{Rewrite, RewriteExample, RewriteTry};
use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*, task::spawn_local};

use super::form::Form;
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{Bound, Cell, IconButton, Places},
        reactive::{When, act, flag, text},
    },
    i18n::*,
    view::dialling::PatternReason,
};

/// Pause in typing before the server is asked for examples.
const PAUSE: Duration = Duration::from_millis(250);

/// The rules in their order.
#[component]
pub fn Rewrites(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let examples = RwSignal::new(Vec::<RewriteExample>::new());
    follow(form, examples);
    let count = Signal::derive(move || form.draft.with(|draft| draft.rewrites.len()));
    let add = move |_| {
        form.draft.update(|draft| {
            draft.rewrites.push(Rewrite {
                pattern: String::new(),
                replacement: String::new(),
            })
        })
    };
    let row = move |place: usize| view! { <Rule form place examples/> }.into_any();
    view! {
        <div class="ed__s">
            <div class="row row--wrap"><span class="med">{tr!(i18n, lines.rewrites)}</span><span class="t12 mute">{tr!(i18n, lines.rewrites_lead)}</span>
                <button type="button" class="btn btn--acc push" data-testid="add-rewrite" on:click=act(add)><Icon name="plus"/>{tr!(i18n, lines.rule)}</button></div>
            <When when=move || { count.get() > 0 } otherwise=ViewFn::from(move || view! { <p class="t12 soft">{tr!(i18n, lines.no_rules)}</p> })>
                <ol class="ar"><Places count row/></ol>
                <p class="field__hint">{tr!(i18n, lines.pattern_hint)}</p>
            </When>
        </div>
    }
}

/// Asks for examples a moment after the rules changed.
fn follow(form: Form, examples: RwSignal<Vec<RewriteExample>>) {
    let api = use_api();
    let rules = Memo::new(move |_| form.draft.with(|draft| draft.rewrites.clone()));
    let timer = StoredValue::new(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let wanted = RewriteTry {
            rewrites: rules.get(),
            numbers: Vec::new(),
        };
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
        if wanted.rewrites.is_empty() {
            return examples.set(Vec::new());
        }
        let ask = move || {
            let wanted = wanted.clone();
            spawn_local(async move {
                if let Ok(found) = api.post("/lines/rewrites/try", &wanted).await {
                    let _ = examples.try_set(found);
                }
            });
        };
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    });
}

#[component]
fn Rule(form: Form, place: usize, examples: RwSignal<Vec<RewriteExample>>) -> impl IntoView {
    let i18n = use_i18n();
    let read = move |of: fn(&Rewrite) -> String| {
        move || {
            form.draft
                .with(|draft| draft.rewrites.get(place).map(of).unwrap_or_default())
        }
    };
    let write = move |of: fn(&mut Rewrite, String)| {
        move |text: String| {
            form.draft.update(|draft| {
                if let Some(rule) = draft.rewrites.get_mut(place) {
                    of(rule, text);
                }
            });
        }
    };
    let pattern = Bound::new(
        read(|rule| rule.pattern.clone()),
        write(|rule, text| rule.pattern = text),
    );
    let replacement = Bound::new(
        read(|rule| rule.replacement.clone()),
        write(|rule, text| rule.replacement = text),
    );
    let problem = Signal::derive(move || {
        examples.with(|examples| {
            examples
                .get(place)
                .and_then(|example| example.problem.as_ref())
                .map(|problem| {
                    fill!(
                        i18n,
                        lines.bad_pattern,
                        place = problem.position + 1,
                        reason = PatternReason::of(problem.kind).say(i18n)
                    )
                })
                .unwrap_or_default()
        })
    });
    let example = move || {
        examples.with(|examples| {
            let example = examples.get(place)?;
            Some(match (&example.problem, &example.before, &example.after) {
                (Some(_), ..) => problem.get(),
                (None, Some(before), Some(after)) => format!("{before} → {after}"),
                (None, ..) => t_string!(i18n, lines.no_example).to_owned(),
            })
        })
    };
    let wrong = flag(move || !problem.get().is_empty());
    let remove = move |()| {
        form.draft.update(|draft| {
            if place < draft.rewrites.len() {
                draft.rewrites.remove(place);
            }
        });
    };
    let shift = move |up: bool| {
        form.draft
            .update(|draft| crate::components::form::move_item(&mut draft.rewrites, place, up))
    };
    view! {
        <li class="ar__r" data-testid="rewrite">
            <span class="mute num">{(place + 1).to_string()}</span>
            <Cell bound=pattern label=tr!(i18n, lines.pattern) placeholder=tr!(i18n, lines.pattern) class="input mono" fault=problem testid="rewrite-pattern"/>
            <Icon name="arrow-right" class="i--14"/>
            <Cell bound=replacement label=tr!(i18n, lines.replacement) placeholder=tr!(i18n, lines.replacement) class="input mono" testid="rewrite-replacement"/>
            <span class="t12 num ar__e" class:soft=flag(move || !wrong.get()) class:stop=wrong role="status" data-testid="rewrite-example">{text(example)}</span>
            <span class="row ar__b">
                <IconButton icon="chevron-up" label=tr!(i18n, form.up) press=move |()| shift(true)/>
                <IconButton icon="chevron-down" label=tr!(i18n, form.down) press=move |()| shift(false)/>
                <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove/>
            </span>
        </li>
    }
}
