//! Extra rules: `_XXXX` and what happens to such a number.

use api_types::{DialPattern, PatternAction};
use leptos::prelude::*;

use crate::{
    components::{
        Icon,
        form::{Cell, IconButton, Options, Parts, Places, Select, move_item},
        reactive::{When, act, text},
    },
    i18n::*,
    view::{dialling::pattern_fault, named::Named},
};

/// A list of rules, wherever it is kept.
#[derive(Clone, Copy)]
pub struct PatternList {
    /// How it is now.
    pub read: Signal<Vec<DialPattern>>,
    /// Replaces it.
    pub write: Callback<Vec<DialPattern>>,
}

impl PatternList {
    fn change(self, change: impl FnOnce(&mut Vec<DialPattern>)) {
        let mut list = self.read.get_untracked();
        change(&mut list);
        self.write.run(list);
    }
}

/// A rule by its place.
#[derive(Clone, Copy)]
struct RulePart {
    list: PatternList,
    place: usize,
}

impl Parts<DialPattern> for RulePart {
    fn part<R>(self, read: impl FnOnce(&DialPattern) -> R) -> R {
        self.list.read.with(|list| match list.get(self.place) {
            Some(rule) => read(rule),
            None => read(&DialPattern::default()),
        })
    }

    fn change(self, change: impl FnOnce(&mut DialPattern)) {
        self.list.change(|list| {
            if let Some(rule) = list.get_mut(self.place) {
                change(rule);
            }
        });
    }
}

/// The rules with their heading.
#[component]
pub fn Patterns(list: PatternList) -> impl IntoView {
    let i18n = use_i18n();
    let count = Signal::derive(move || list.read.with(Vec::len));
    let add = move |_| {
        list.change(|list| {
            list.push(DialPattern {
                pattern: "_".to_owned(),
                ..DialPattern::default()
            })
        })
    };
    let row = move |place: usize| view! { <Rule part=RulePart { list, place }/> }.into_any();
    let none = move || view! { <p class="t12 soft">{tr!(i18n, numbers.patterns_none)}</p> };
    view! {
        <div class="ed__s" data-testid="patterns">
            <div class="row row--wrap"><span class="med">{tr!(i18n, numbers.patterns)}</span><span class="t12 mute">{tr!(i18n, numbers.patterns_lead)}</span>
                <button type="button" class="btn btn--acc push" data-testid="add-pattern" on:click=act(add)><Icon name="plus"/>{tr!(i18n, numbers.add_rule)}</button></div>
            <When when=move || { count.get() > 0 } otherwise=ViewFn::from(none)>
                <ol><Places count row/></ol>
                <p class="field__hint">{tr!(i18n, numbers.patterns_hint)}</p>
            </When>
        </div>
    }
}

#[component]
fn Rule(part: RulePart) -> impl IntoView {
    let i18n = use_i18n();
    let pattern = part.text(
        |rule| rule.pattern.clone(),
        |rule, text| rule.pattern = text,
    );
    let prefix = part.text(|rule| rule.prefix.clone(), |rule, text| rule.prefix = text);
    let action = part.choice(|rule| rule.action, |rule, action| rule.action = action);
    let actions: Options = Signal::derive(move || {
        vec![
            (
                PatternAction::Pass.name(),
                t_string!(i18n, numbers.pass).to_owned(),
            ),
            (
                PatternAction::Prefix.name(),
                t_string!(i18n, numbers.prefix).to_owned(),
            ),
            (
                PatternAction::Forbid.name(),
                t_string!(i18n, numbers.forbid).to_owned(),
            ),
        ]
    });
    let fault = Signal::derive(move || {
        part.part(|rule| pattern_fault(&rule.pattern))
            .map(|fault| fault.say(i18n).to_owned())
            .unwrap_or_default()
    });
    let prefixed = Memo::new(move |_| part.part(|rule| rule.action) == PatternAction::Prefix);
    let shift = move |up: bool| part.list.change(|list| move_item(list, part.place, up));
    let remove = move |()| {
        part.list.change(|list| {
            if part.place < list.len() {
                list.remove(part.place);
            }
        });
    };
    view! {
        <li class="ptn" data-testid="pattern">
            <Cell bound=pattern label=tr!(i18n, numbers.pattern) class="input mono" fault testid="pattern-text"/>
            <Select bound=action options=actions label=tr!(i18n, numbers.action)/>
            <span><When when=move || prefixed.get()><Cell bound=prefix label=tr!(i18n, numbers.prefix) testid="pattern-prefix"/></When></span>
            <span class="row ar__b">
                <IconButton icon="chevron-up" label=tr!(i18n, form.up) press=move |()| shift(true)/>
                <IconButton icon="chevron-down" label=tr!(i18n, form.down) press=move |()| shift(false)/>
                <IconButton icon="trash-2" label=tr!(i18n, form.remove) press=remove/>
            </span>
            <span class="t12 stop ptn__e" role="alert">{text(move || fault.get())}</span>
        </li>
    }
}
