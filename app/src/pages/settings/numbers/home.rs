//! How numbers are typed at home, and the extra rules.

use api_types::{DialPattern, DirectionGroup, PatternAction};
use leptos::{prelude::*, task::spawn_local};

use super::{Numbers, places};
use crate::{
    api::use_api,
    components::{
        Icon,
        form::{
            Bound, Cell, IconButton, Options, Parts, Places, Select, SelectField, TextField,
            digits, move_item, number,
        },
        reactive::{When, act, text},
    },
    i18n::*,
    view::{dialling::pattern_fault, named::Named},
};

/// The first section.
#[component]
pub fn Home(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let draft = numbers.draft;
    let country = draft.text(
        |draft| draft.dial.country.clone(),
        |draft, text| draft.dial.country = text,
    );
    let area = draft.text(
        |draft| draft.dial.area_code.clone(),
        |draft, text| draft.dial.area_code = text,
    );
    let abroad = draft.text(
        |draft| draft.dial.international_prefix.clone(),
        |draft, text| draft.dial.international_prefix = text,
    );
    let national = draft.text(
        |draft| draft.dial.national_prefix.clone(),
        |draft, text| draft.dial.national_prefix = text,
    );
    let local = Bound::new(
        move || draft.with(|draft| digits(draft.dial.local_digits.map(u32::from))),
        move |typed| {
            draft.update(|draft| {
                draft.dial.local_digits =
                    number(&typed).and_then(|digits| u8::try_from(digits).ok())
            })
        },
    );
    view! {
        <section><h3 class="h2">{tr!(i18n, numbers.home)}</h3>
            <div class="g3">
                <SelectField id="country" label=tr!(i18n, numbers.country) bound=country options=countries(i18n, numbers)/>
                <TextField id="area" label=tr!(i18n, numbers.area) hint=tr!(i18n, numbers.area_hint) bound=area fault=numbers.fault(i18n, "area_code")/>
                <TextField id="local" label=tr!(i18n, numbers.local_digits) hint=tr!(i18n, numbers.local_hint) bound=local fault=numbers.fault(i18n, "local_digits")/>
                <TextField id="abroad" label=tr!(i18n, numbers.international_prefix) hint=tr!(i18n, numbers.international_hint) bound=abroad fault=numbers.fault(i18n, "international_prefix")/>
                <TextField id="national" label=tr!(i18n, numbers.national_prefix) hint=tr!(i18n, numbers.national_hint) bound=national fault=numbers.fault(i18n, "national_prefix")/>
            </div>
            <Patterns numbers/>
        </section>
    }
}

/// Every country by its name; until the list is here, the one that is set.
fn countries(i18n: I18n, numbers: Numbers) -> Options {
    let api = use_api();
    let ids = RwSignal::new(Vec::<String>::new());
    spawn_local(async move {
        if let Ok(groups) = api.get::<Vec<DirectionGroup>>("/numbers/directions").await {
            let all = groups.into_iter().flat_map(|group| group.directions);
            let _ = ids.try_set(
                all.map(|direction| direction.id)
                    .filter(|id| id != "001")
                    .collect(),
            );
        }
    });
    Signal::derive(move || {
        let set = numbers.draft.with(|draft| draft.dial.country.clone());
        let mut names: Vec<(String, String)> = ids.with(|ids| {
            ids.iter()
                .map(|id| (id.clone(), places::name(i18n, id)))
                .collect()
        });
        if !names.iter().any(|(id, _)| *id == set) {
            names.push((set.clone(), places::name(i18n, &set)));
        }
        names.sort_by(|a, b| a.1.cmp(&b.1));
        names
    })
}

/// A rule by its place.
#[derive(Clone, Copy)]
struct RulePart {
    numbers: Numbers,
    place: usize,
}

impl Parts<DialPattern> for RulePart {
    fn part<R>(self, read: impl FnOnce(&DialPattern) -> R) -> R {
        self.numbers
            .draft
            .with(|draft| match draft.dial.patterns.get(self.place) {
                Some(rule) => read(rule),
                None => read(&DialPattern::default()),
            })
    }

    fn change(self, change: impl FnOnce(&mut DialPattern)) {
        self.numbers.draft.update(|draft| {
            if let Some(rule) = draft.dial.patterns.get_mut(self.place) {
                change(rule);
            }
        });
    }
}

#[component]
fn Patterns(numbers: Numbers) -> impl IntoView {
    let i18n = use_i18n();
    let draft = numbers.draft;
    let count = Signal::derive(move || draft.with(|draft| draft.dial.patterns.len()));
    let add = move |_| {
        draft.update(|draft| {
            draft.dial.patterns.push(DialPattern {
                pattern: "_".to_owned(),
                ..DialPattern::default()
            })
        })
    };
    let row = move |place: usize| view! { <Rule part=RulePart { numbers, place }/> }.into_any();
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
    let shift = move |up: bool| {
        part.numbers
            .draft
            .update(|draft| move_item(&mut draft.dial.patterns, part.place, up))
    };
    let remove = move |()| {
        part.numbers.draft.update(|draft| {
            if part.place < draft.dial.patterns.len() {
                draft.dial.patterns.remove(part.place);
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
