//! How numbers are typed at home.

use api_types::DirectionGroup;
use leptos::{prelude::*, task::spawn_local};

use super::{
    Numbers,
    patterns::{PatternList, Patterns},
    places,
};
use crate::{
    api::use_api,
    components::form::{Bound, Options, Parts, SelectField, TextField, digits, number},
    i18n::*,
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
    let list = PatternList {
        read: Signal::derive(move || draft.with(|draft| draft.dial.patterns.clone())),
        write: Callback::new(move |patterns| draft.update(|draft| draft.dial.patterns = patterns)),
    };
    view! {
        <section><h3 class="h2">{tr!(i18n, numbers.home)}</h3>
            <div class="g3">
                <SelectField id="country" label=tr!(i18n, numbers.country) bound=country options=countries(i18n, numbers)/>
                <TextField id="area" label=tr!(i18n, numbers.area) hint=tr!(i18n, numbers.area_hint) bound=area fault=numbers.fault(i18n, "area_code")/>
                <TextField id="local" label=tr!(i18n, numbers.local_digits) hint=tr!(i18n, numbers.local_hint) bound=local fault=numbers.fault(i18n, "local_digits")/>
                <TextField id="abroad" label=tr!(i18n, numbers.international_prefix) hint=tr!(i18n, numbers.international_hint) bound=abroad fault=numbers.fault(i18n, "international_prefix")/>
                <TextField id="national" label=tr!(i18n, numbers.national_prefix) hint=tr!(i18n, numbers.national_hint) bound=national fault=numbers.fault(i18n, "national_prefix")/>
            </div>
            <Patterns list/>
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
