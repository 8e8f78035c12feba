//! A deal, task, interaction, order or request made from a call: who it is with is known already.

use std::{cell::RefCell, collections::BTreeMap};

use api_types::{Item, ItemKind};
use leptos::{prelude::*, task::spawn_local};

use super::{Of, when};
use crate::{
    api::use_api,
    components::{
        Icon,
        reactive::{When, act, changing, flag, text},
        say_failure_now,
    },
    i18n::*,
    state::{house::use_house, session::use_session, toasts::use_toasts},
    view::{
        choice,
        make::{Made, draft},
        work::KindName,
    },
};

thread_local! {
    /// What was typed and not made yet, by call and kind: it outlives the tab it was typed in.
    static TYPED: RefCell<BTreeMap<String, Made>> = const { RefCell::new(BTreeMap::new()) };
}

/// The form. Enter makes it, Escape puts it away; what was typed is there when it opens again.
#[component]
pub fn Make(of: Of, kind: ItemKind) -> impl IntoView {
    let (i18n, api, toasts) = (use_i18n(), use_api(), use_toasts());
    let me = use_session();
    let place = format!("{} {kind:?}", of.id());
    let kept = TYPED.with_borrow(|all| all.get(&place).cloned());
    let made = RwSignal::new(kept.unwrap_or_else(|| Made {
        due: if kind == ItemKind::Task {
            when::in_an_hour()
        } else {
            String::new()
        },
        ..Made::default()
    }));
    let is_done = StoredValue::new(false);
    let remembered = place.clone();
    Effect::new(move |_| {
        let now = made.get();
        TYPED.with_borrow_mut(|all| all.insert(remembered.clone(), now));
    });
    on_cleanup(move || {
        if is_done.try_get_value().unwrap_or(false) {
            TYPED.with_borrow_mut(|all| all.remove(&place));
        }
    });
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(String::new());
    let make = move || {
        let call = of.call.get_untracked();
        let due = made.with_untracked(|made| when::moment(&made.due));
        let own = me.me_now(|me| me.id.clone());
        let drafted = made.with_untracked(|made| draft(kind, made, &call, due, own));
        let Some(drafted) = drafted else {
            return fault.set(tu_string!(i18n, wrap.bad_sum).to_owned());
        };
        busy.set(true);
        spawn_local(async move {
            match api.post::<Item>("/items", &drafted).await {
                Ok(_) => {
                    let what = untrack(|| KindName::of(kind).say(i18n));
                    toasts.say(fill_now!(i18n, wrap.made, what = what));
                    let _ = is_done.try_set_value(true);
                    of.tell("close");
                }
                Err(failure) => {
                    let _ = fault.try_set(say_failure_now(i18n, &failure));
                }
            }
            let _ = busy.try_set(false);
        });
    };
    let submit = move |submit: leptos::ev::SubmitEvent| {
        submit.prevent_default();
        make();
    };
    let key = move |press: leptos::ev::KeyboardEvent| {
        if press.key() == "Escape" {
            press.stop_propagation();
            of.tell("close");
        }
    };
    view! {
        <form class="part__form" data-testid="card-make" data-kind=format!("{kind:?}").to_lowercase() on:submit=act(submit) on:keydown=act(key)>
            <Fields of kind made/>
            <When when=move || !fault.with(String::is_empty)><p class="field__error" role="alert"><Icon name="circle-x"/><span>{fault}</span></p></When>
            <div class="row">
                <button class="btn btn--main" data-testid="card-make-do" disabled=flag(move || busy.get())>{tr!(i18n, wrap.create)}</button>
                <button type="button" class="btn btn--quiet" on:click=act(move |_| of.tell("close"))>{tr!(i18n, common.cancel)}</button>
            </div>
        </form>
    }
}

/// A line of the form.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Title,
    Text,
    Sum,
    Due,
    Owner,
    Result,
}

fn lines(kind: ItemKind) -> &'static [Line] {
    match kind {
        ItemKind::Deal => &[Line::Title, Line::Sum, Line::Owner],
        ItemKind::Interaction => &[Line::Text, Line::Result],
        ItemKind::Order => &[Line::Title, Line::Sum],
        ItemKind::Request => &[Line::Title, Line::Text],
        _ => &[Line::Title, Line::Due, Line::Owner],
    }
}

#[component]
fn Fields(of: Of, kind: ItemKind, made: RwSignal<Made>) -> impl IntoView {
    let i18n = use_i18n();
    let prefix = StoredValue::new(format!("{}-{kind:?}", of.id()));
    let title = match kind {
        ItemKind::Order => tr!(i18n, wrap.number),
        _ => tr!(i18n, wrap.title),
    };
    let what = match kind {
        ItemKind::Interaction => tr!(i18n, wrap.said),
        _ => tr!(i18n, wrap.text),
    };
    let line = move |line: Line| {
        let id = prefix.with_value(|prefix| format!("{prefix}-{}", line as u8));
        let label = match line {
            Line::Title => title,
            Line::Text => what,
            Line::Sum => tr!(i18n, wrap.sum),
            Line::Due => tr!(i18n, wrap.due),
            Line::Owner => tr!(i18n, wrap.owner),
            Line::Result => tr!(i18n, wrap.result),
        };
        view! { <div class="field"><label class="field__label t12" for=id.clone()>{label}</label>{input(line, id, made)}</div> }
    };
    lines(kind).iter().map(|one| line(*one)).collect_view()
}

fn input(line: Line, id: String, made: RwSignal<Made>) -> AnyView {
    let read = move |part: fn(&Made) -> &String| text(move || made.with(|made| part(made).clone()));
    let write = move |part: fn(&mut Made) -> &mut String| {
        act(move |input| {
            let typed = event_target_value(&input);
            made.update(|made| *part(made) = typed);
        })
    };
    match line {
        Line::Title => view! { <input class="input" id=id autocomplete="off" data-testid="make-title" prop:value=read(|made| &made.title) on:input=write(|made| &mut made.title)/> }.into_any(),
        Line::Text => view! { <textarea class="area" id=id rows="2" data-testid="make-text" prop:value=read(|made| &made.text) on:input=write(|made| &mut made.text)></textarea> }.into_any(),
        Line::Sum => view! { <input class="input num" id=id inputmode="decimal" autocomplete="off" data-testid="make-sum" prop:value=read(|made| &made.sum) on:input=write(|made| &mut made.sum)/> }.into_any(),
        Line::Due => view! { <input class="input num" id=id type="datetime-local" data-testid="make-due" prop:value=read(|made| &made.due) on:input=write(|made| &mut made.due)/> }.into_any(),
        Line::Owner => view! { <Owners id made/> }.into_any(),
        Line::Result => view! { <Results id made/> }.into_any(),
    }
}

/// Oneself until another is chosen.
#[component]
fn Owners(id: String, made: RwSignal<Made>) -> impl IntoView {
    let (house, me) = (use_house(), use_session());
    let own = me.me_now(|me| me.id.clone()).unwrap_or_default();
    let all = house.people(Signal::default());
    let options = move || {
        let chosen = made.with_untracked(|made| made.owner.clone());
        let chosen = if chosen.is_empty() {
            own.clone()
        } else {
            chosen
        };
        let people = all.get().into_iter().filter(|(id, _)| !id.is_empty());
        people.map(|(id, name)| view! { <option value=id.clone() selected=id == chosen>{name}</option> }).collect_view()
    };
    view! {
        <select class="select" id=id data-testid="make-owner" on:change=act(move |change| { let owner = event_target_value(&change); made.update(|made| made.owner = owner); })>{changing(options)}</select>
    }
}

#[component]
fn Results(id: String, made: RwSignal<Made>) -> impl IntoView {
    let (i18n, work) = (use_i18n(), use_house());
    let options = move || {
        let chosen = made.with_untracked(|made| made.state.clone());
        let results = work.work(|work| work.results.clone());
        let option = |one: api_types::Choice| view! { <option value=one.key.clone() selected=one.key == chosen>{choice::say(i18n, &one.name, &one.key)}</option> };
        results.into_iter().map(option).collect_view()
    };
    view! {
        <select class="select" id=id on:change=act(move |change| { let state = event_target_value(&change); made.update(|made| made.state = state); })><option value="">"—"</option>{changing(options)}</select>
    }
}
