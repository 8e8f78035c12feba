//! Pipelines with their stages; results, reasons, states: what people choose from.

use std::sync::Arc;

use api_types::{Choice, Pipeline, Stage, StageKind, WorkSettings};
use leptos::prelude::*;

use super::{Draft, flag_of, line_buttons, new_key, text_of, use_draft};
use crate::{
    components::{
        Icon,
        form::{Bound, Cell, Places, Select, Switch},
        reactive::{When, act, text},
    },
    i18n::*,
    view::choice,
};

/// A list of the settings.
type ListOf = fn(&mut WorkSettings) -> &mut Vec<Choice>;

#[component]
pub fn Choices() -> impl IntoView {
    let (i18n, draft) = (use_i18n(), use_draft());
    let pipelines = Memo::new(move |_| draft.now.with(|work| work.pipelines.len()));
    let add = move |_| {
        draft.change(|work| {
            let stages = Pipeline::default().stages;
            work.pipelines.push(Pipeline {
                key: new_key("pipeline"),
                name: tu_string!(i18n, work_set.new_pipeline).to_owned(),
                stages,
            });
        })
    };
    let result_required = flag_of(
        draft,
        |work| work.result_required,
        |work, on| work.result_required = on,
    );
    let reason_required = flag_of(
        draft,
        |work| work.reason_required,
        |work, on| work.reason_required = on,
    );
    let currency = text_of(
        draft,
        |work| work.currency.clone(),
        |work, text| work.currency = text.trim().to_uppercase(),
    );
    view! {
        <section><div class="sec"><h3 class="h2">{tr!(i18n, work_set.pipelines)}</h3><span class="soft t12">{tr!(i18n, work_set.pipelines_lead)}</span></div>
            <Places count=pipelines row=move |place| pipeline(draft, place)/>
            <button type="button" class="btn btn--acc" data-testid="add-pipeline" on:click=act(add)><Icon name="plus"/>{tr!(i18n, work_set.add_pipeline)}</button></section>
        <div class="wk__two">
            <section><List title=tr!(i18n, work_set.results) draft id="results" read=|work| &work.results list=|work| &mut work.results/><Switch id="result-required" words=tr!(i18n, work_set.result_required) bound=result_required/></section>
            <section><List title=tr!(i18n, work_set.reasons) draft id="reasons" read=|work| &work.reasons list=|work| &mut work.reasons/><Switch id="reason-required" words=tr!(i18n, work_set.reason_required) bound=reason_required/></section>
            <section><List title=tr!(i18n, work_set.statuses) draft id="statuses" read=|work| &work.statuses list=|work| &mut work.statuses/></section>
            <section><List title=tr!(i18n, work_set.order_states) draft id="order-states" read=|work| &work.order_states list=|work| &mut work.order_states/></section>
        </div>
        <section><div class="wk__cur"><crate::components::form::TextField id="currency" label=tr!(i18n, work_set.currency) bound=currency hint=tr!(i18n, work_set.currency_hint)/></div></section>
    }
}

#[component]
fn List(
    #[prop(into)] title: Signal<String>,
    draft: Draft,
    id: &'static str,
    read: fn(&WorkSettings) -> &Vec<Choice>,
    list: ListOf,
) -> impl IntoView {
    let i18n = use_i18n();
    let count = Memo::new(move |_| draft.now.with(|work| read(work).len()));
    let row = move |place: usize| {
        let name = text_of(
            draft,
            move |work| {
                read(work)
                    .get(place)
                    .map(|one| one.name.clone())
                    .unwrap_or_default()
            },
            move |work, text| {
                if let Some(one) = list(work).get_mut(place) {
                    one.name = text;
                }
            },
        );
        let usual = text(move || {
            draft.now.with(|work| {
                read(work)
                    .get(place)
                    .map(|one| choice::say(i18n, "", &one.key))
            })
        });
        let buttons = line_buttons(draft, Arc::new(list), place, Signal::stored(true));
        view! { <div class="wk__l"><Cell bound=name label=title placeholder=usual testid=id class="input"/>{buttons}</div> }.into_any()
    };
    let add = move |_| {
        draft.change(|work| {
            list(work).push(Choice {
                key: new_key(&id.replace('-', "_")),
                name: String::new(),
            })
        })
    };
    view! { <h3 class="h2 wk__h">{title}</h3><Places count row/><button type="button" class="btn btn--acc" data-testid=format!("add-{id}") on:click=act(add)><Icon name="plus"/>{tr!(i18n, work_set.add)}</button> }
}

fn stages(work: &mut WorkSettings, pipeline: usize) -> Option<&mut Vec<Stage>> {
    work.pipelines
        .get_mut(pipeline)
        .map(|pipeline| &mut pipeline.stages)
}

fn pipeline(draft: Draft, at: usize) -> AnyView {
    let i18n = use_i18n();
    let name = text_of(
        draft,
        move |work| {
            work.pipelines
                .get(at)
                .map(|one| one.name.clone())
                .unwrap_or_default()
        },
        move |work, text| {
            if let Some(one) = work.pipelines.get_mut(at) {
                one.name = text;
            }
        },
    );
    let usual = text(move || {
        draft.now.with(|work| {
            work.pipelines
                .get(at)
                .map(|one| choice::say(i18n, "", &one.key))
        })
    });
    let several = Signal::derive(move || draft.now.with(|work| work.pipelines.len() > 1));
    let buttons = line_buttons(
        draft,
        Arc::new(|work: &mut WorkSettings| &mut work.pipelines),
        at,
        several,
    );
    let count = Memo::new(move |_| {
        draft
            .now
            .with(|work| work.pipelines.get(at).map_or(0, |one| one.stages.len()))
    });
    let row = move |place: usize| stage(draft, at, place);
    // Before the end: a new stage goes on.
    let add = move |_| {
        draft.change(|work| {
            if let Some(stages) = stages(work, at) {
                let place = stages
                    .iter()
                    .position(|stage| stage.kind != StageKind::Open)
                    .unwrap_or(stages.len());
                stages.insert(
                    place,
                    Stage {
                        key: new_key("stage"),
                        name: tu_string!(i18n, work_set.new_stage).to_owned(),
                        kind: StageKind::Open,
                        script: String::new(),
                    },
                );
            }
        })
    };
    view! {
        <div class="wk__p"><div class="wk__l"><Cell bound=name label=tr!(i18n, work_set.pipeline) placeholder=usual class="input med" testid="pipeline-name"/>{buttons}</div>
            <div class="wk__s"><Places count row/><button type="button" class="btn btn--acc" data-testid="add-stage" on:click=act(add)><Icon name="plus"/>{tr!(i18n, work_set.add_stage)}</button></div></div>
    }
    .into_any()
}

fn stage(draft: Draft, at: usize, place: usize) -> AnyView {
    let i18n = use_i18n();
    let read = move |work: &WorkSettings| {
        work.pipelines
            .get(at)
            .and_then(|one| one.stages.get(place))
            .cloned()
    };
    let name = text_of(
        draft,
        move |work| read(work).map(|stage| stage.name).unwrap_or_default(),
        move |work, text| {
            if let Some(stage) = stages(work, at).and_then(|all| all.get_mut(place)) {
                stage.name = text;
            }
        },
    );
    let usual = text(move || {
        draft
            .now
            .with(read)
            .map(|stage| choice::say(i18n, "", &stage.key))
    });
    let kind = Bound::new(
        move || {
            draft
                .now
                .with(read)
                .map_or("open", |stage| match stage.kind {
                    StageKind::Open => "open",
                    StageKind::Won => "won",
                    StageKind::Lost => "lost",
                })
                .to_owned()
        },
        move |name: String| {
            draft.change(|work| {
                if let Some(stage) = stages(work, at).and_then(|all| all.get_mut(place)) {
                    stage.kind = match name.as_str() {
                        "won" => StageKind::Won,
                        "lost" => StageKind::Lost,
                        _ => StageKind::Open,
                    };
                }
            })
        },
    );
    let kinds = Signal::derive(move || {
        vec![
            (
                "open".to_owned(),
                t_string!(i18n, work_set.goes_on).to_owned(),
            ),
            (
                "won".to_owned(),
                t_string!(i18n, work_set.is_won).to_owned(),
            ),
            (
                "lost".to_owned(),
                t_string!(i18n, work_set.is_lost).to_owned(),
            ),
        ]
    });
    let script = text_of(
        draft,
        move |work| read(work).map(|stage| stage.script).unwrap_or_default(),
        move |work, text| {
            if let Some(stage) = stages(work, at).and_then(|all| all.get_mut(place)) {
                stage.script = text;
            }
        },
    );
    let is_open = Memo::new(move |_| {
        let stage = draft.now.with(read);
        stage.is_some_and(|stage| stage.kind == StageKind::Open)
    });
    // Each pipeline keeps one of each kind.
    let can_go = Signal::derive(move || {
        draft.now.with(|work| {
            read(work).is_some_and(|stage| {
                work.pipelines[at]
                    .stages
                    .iter()
                    .filter(|one| one.kind == stage.kind)
                    .count()
                    > 1
            })
        })
    });
    let buttons = line_buttons(
        draft,
        Arc::new(move |work: &mut WorkSettings| &mut work.pipelines[at].stages),
        place,
        can_go,
    );
    view! { <div class="wk__l wk__l--stage"><Cell bound=name label=tr!(i18n, items.stage) placeholder=usual class="input" testid="stage-name"/><Select bound=kind options=kinds label=tr!(i18n, work_set.meaning) class="select select--in"/>{buttons}</div>
        <When when=move || is_open.get()><details class="wk__script" open=move || draft.now.with_untracked(read).is_some_and(|stage| !stage.script.is_empty())><summary class="t12 soft">{tr!(i18n, work_set.script)}</summary>
            <textarea class="area" rows="4" aria-label=tr!(i18n, work_set.script) placeholder=tr!(i18n, work_set.script_ph) data-testid="stage-script" prop:value=script.read on:input=act(move |input| script.write.run(event_target_value(&input)))></textarea></details></When>
    }.into_any()
}
