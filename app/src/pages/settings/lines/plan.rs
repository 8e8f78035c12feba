//! The ringing plan: the responsible employee first, then stages, then a number outside.

use api_types::{Forward, RingOrder, RingPlan, RingStage};
use leptos::prelude::*;

use super::people::People;
use crate::{
    components::{
        Icon,
        field::Fault,
        form::{
            Bound, Cell, IconButton, Options, Parts, PickList, Places, Select, digits, move_item,
            number,
        },
        reactive::{When, act, text},
    },
    i18n::*,
    view::named::Named,
};

/// Seconds that are usual: the responsible employee, a stage, a number outside.
const USUAL_SECS: (u32, u32, u32) = (10, 30, 15);

/// A plan within a draft; absent: everybody, or as the line.
#[derive(Clone, Copy)]
pub struct PlanPart {
    /// How it is now.
    pub read: Signal<Option<RingPlan>>,
    /// Changes it.
    pub write: Callback<Option<RingPlan>>,
}

impl Parts<RingPlan> for PlanPart {
    fn part<R>(self, read: impl FnOnce(&RingPlan) -> R) -> R {
        self.read.with(|plan| match plan {
            Some(plan) => read(plan),
            None => read(&RingPlan::default()),
        })
    }

    fn change(self, change: impl FnOnce(&mut RingPlan)) {
        let mut plan = self.read.get_untracked().unwrap_or_default();
        change(&mut plan);
        self.write.run(Some(plan));
    }
}

/// A stage of a plan, by its place.
#[derive(Clone, Copy)]
struct StagePart {
    plan: PlanPart,
    place: usize,
}

impl Parts<RingStage> for StagePart {
    fn part<R>(self, read: impl FnOnce(&RingStage) -> R) -> R {
        self.plan.part(|plan| match plan.stages.get(self.place) {
            Some(stage) => read(stage),
            None => read(&RingStage::default()),
        })
    }

    fn change(self, change: impl FnOnce(&mut RingStage)) {
        self.plan.change(|plan| {
            if let Some(stage) = plan.stages.get_mut(self.place) {
                change(stage);
            }
        });
    }
}

fn usual() -> RingPlan {
    RingPlan {
        responsible_secs: Some(USUAL_SECS.0),
        stages: vec![usual_stage()],
        forward: None,
    }
}

fn usual_stage() -> RingStage {
    RingStage {
        secs: USUAL_SECS.1,
        ..RingStage::default()
    }
}

/// Edits a plan. `inherit` says what holds without one.
#[component]
pub fn PlanEditor(
    plan: PlanPart,
    people: People,
    #[prop(into)] inherit: Signal<String>,
    fault: Fault,
) -> impl IntoView {
    let i18n = use_i18n();
    let own = Memo::new(move |_| plan.read.with(Option::is_some));
    let count = Signal::derive(move || plan.part(|plan| plan.stages.len()));
    let row =
        move |place: usize| view! { <Stage stage=StagePart { plan, place } people/> }.into_any();
    let choose = move |own: bool| plan.write.run(own.then(usual));
    let tab = move |is_own: bool, words: Signal<String>, testid: &'static str| {
        let pressed = text(move || own.get() == is_own);
        view! { <button type="button" data-testid=testid aria-pressed=pressed on:click=act(move |_| if own.get_untracked() != is_own { choose(is_own) })>{words}</button> }
    };
    view! {
        <div class="pl" data-testid="plan">
            <div class="seg" role="group">{tab(false, inherit, "plan-everybody")}{tab(true, tr!(i18n, plan.own), "plan-own")}</div>
            <When when=move || own.get()>
                <Responsible plan/>
                <ol class="pl__l"><Places count row/></ol>
                <button type="button" class="btn btn--acc pl__add" data-testid="add-stage" on:click=act(move |_| plan.change(|plan| plan.stages.push(usual_stage())))><Icon name="plus"/>{tr!(i18n, plan.add_stage)}</button>
                <ForwardStep plan/>
                <p class="t12 soft">{tr!(i18n, plan.last)}</p>
            </When>
            <When when=move || !fault.get().is_empty()><p class="field__error" role="alert"><Icon name="circle-x"/><span>{fault}</span></p></When>
        </div>
    }
}

/// A tick with its words.
#[component]
fn Tick(
    #[prop(into)] words: Signal<String>,
    #[prop(into)] on: Signal<bool>,
    #[prop(into)] set: Callback<bool>,
    testid: &'static str,
) -> impl IntoView {
    view! { <label class="check"><input type="checkbox" data-testid=testid prop:checked=on on:change=act(move |change| set.run(event_target_checked(&change)))/>{words}</label> }
}

/// Seconds, within a line of words.
#[component]
fn Secs(bound: Bound, #[prop(into)] after: Signal<String>) -> impl IntoView {
    let i18n = use_i18n();
    view! { <span class="row pl__s"><span class="t12 mute">{tr!(i18n, plan.during)}</span><Cell bound label=tr!(i18n, lines.seconds) class="input num input--secs"/><span class="t12 mute">{after}</span></span> }
}

#[component]
fn Responsible(plan: PlanPart) -> impl IntoView {
    let i18n = use_i18n();
    let on = Memo::new(move |_| plan.part(|plan| plan.responsible_secs.is_some()));
    let set =
        move |on: bool| plan.change(|plan| plan.responsible_secs = on.then_some(USUAL_SECS.0));
    let secs = plan.number(
        |plan| plan.responsible_secs,
        |plan, secs| plan.responsible_secs = Some(secs.unwrap_or(0)),
    );
    view! {
        <div class="pl__r">
            <Tick words=tr!(i18n, plan.responsible) on set testid="plan-responsible"/>
            <When when=move || on.get()><Secs bound=secs after=tr!(i18n, form.seconds)/></When>
            <span class="t12 mute pl__h">{tr!(i18n, plan.responsible_hint)}</span>
        </div>
    }
}

fn orders(i18n: I18n) -> Options {
    Signal::derive(move || {
        vec![
            (
                RingOrder::Together.name(),
                t_string!(i18n, plan.together).to_owned(),
            ),
            (
                RingOrder::InTurn.name(),
                t_string!(i18n, plan.in_turn).to_owned(),
            ),
        ]
    })
}

#[component]
fn Stage(stage: StagePart, people: People) -> impl IntoView {
    let i18n = use_i18n();
    let place = stage.place;
    let order = stage.choice(|stage| stage.order, |stage, order| stage.order = order);
    let secs = stage.number(
        |stage| Some(stage.secs).filter(|secs| *secs > 0),
        |stage, secs| stage.secs = secs.unwrap_or(0),
    );
    let group = stage.optional(|stage| &mut stage.group, |stage| stage.group.as_deref());
    let groups = Signal::derive(move || {
        let mut options = vec![(String::new(), t_string!(i18n, plan.no_group).to_owned())];
        options.extend(people.groups().get());
        options
    });
    let chosen = Signal::derive(move || stage.part(|stage| stage.users.clone()));
    let write = Callback::new(move |users| stage.change(|stage| stage.users = users));
    let after = Signal::derive(move || {
        if stage.part(|stage| stage.order) == RingOrder::InTurn {
            t_string!(i18n, plan.each).to_owned()
        } else {
            t_string!(i18n, plan.together_for).to_owned()
        }
    });
    let shift = move |up: bool| {
        stage
            .plan
            .change(|plan| move_item(&mut plan.stages, place, up))
    };
    let remove = move |()| {
        stage.plan.change(|plan| {
            if place < plan.stages.len() {
                plan.stages.remove(place);
            }
        });
    };
    view! {
        <li class="pl__r pl__r--stage" data-testid="stage">
            <div class="row row--wrap grow">
                <span class="med">{text(move || fill!(i18n, plan.stage, place = place + 1))}</span>
                <Select bound=order options=orders(i18n) label=tr!(i18n, plan.order) class="select select--in"/>
                <Secs bound=secs after/>
                <span class="row push">
                    <IconButton icon="chevron-up" label=tr!(i18n, form.up) press=move |()| shift(true)/>
                    <IconButton icon="chevron-down" label=tr!(i18n, form.down) press=move |()| shift(false)/>
                    <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove testid="remove-stage"/>
                </span>
            </div>
            <div class="row row--wrap pl__w">
                <PickList chosen write names=people.users() add=tr!(i18n, plan.add_person) testid="stage-users"/>
                <Select bound=group options=groups label=tr!(i18n, plan.group) class="select select--in"/>
            </div>
        </li>
    }
}

#[component]
fn ForwardStep(plan: PlanPart) -> impl IntoView {
    let i18n = use_i18n();
    let on = Memo::new(move |_| plan.part(|plan| plan.forward.is_some()));
    let set = move |on: bool| {
        plan.change(|plan| {
            plan.forward = on.then(|| Forward {
                number: String::new(),
                secs: USUAL_SECS.2,
            })
        });
    };
    let to = Bound::new(
        move || {
            plan.part(|plan| {
                plan.forward
                    .as_ref()
                    .map(|forward| forward.number.clone())
                    .unwrap_or_default()
            })
        },
        move |text| change_forward(plan, |forward| forward.number = text),
    );
    let secs = Bound::new(
        move || {
            digits(plan.part(|plan| {
                plan.forward
                    .as_ref()
                    .map(|forward| forward.secs)
                    .filter(|secs| *secs > 0)
            }))
        },
        move |text| change_forward(plan, |forward| forward.secs = number(&text).unwrap_or(0)),
    );
    view! {
        <div class="pl__r">
            <Tick words=tr!(i18n, plan.forward) on set testid="plan-forward"/>
            <When when=move || on.get()>
                <Cell bound=to label=tr!(i18n, plan.forward_number) placeholder=Signal::stored("+7 921 555-00-10".to_owned()) class="input num input--number" testid="forward-number"/>
                <Secs bound=secs after=tr!(i18n, form.seconds)/>
            </When>
        </div>
    }
}

fn change_forward(plan: PlanPart, change: impl FnOnce(&mut Forward)) {
    plan.change(|plan| {
        if let Some(forward) = &mut plan.forward {
            change(forward);
        }
    });
}
