//! What a line reads and allows otherwise than the installation.

use api_types::{LineDraft, NumberSettings, NumbersPage};
use leptos::{prelude::*, task::spawn_local};

use super::form::Form;
use crate::{
    api::use_api,
    components::{
        form::{Bound, Flag, Parts, SwitchField, TextField, digits, number},
        reactive::When,
    },
    i18n::*,
    pages::settings::numbers::{
        directions::{DirectionList, DirectionsPart},
        patterns::{PatternList, Patterns},
    },
};

/// What this line reads otherwise than the installation.
#[component]
pub fn DialRules(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let draft = form.draft;
    let area = draft.optional(
        |draft| &mut draft.dial.area_code,
        |draft| draft.dial.area_code.as_deref(),
    );
    let abroad = draft.optional(
        |draft| &mut draft.dial.international_prefix,
        |draft| draft.dial.international_prefix.as_deref(),
    );
    let national = draft.optional(
        |draft| &mut draft.dial.national_prefix,
        |draft| draft.dial.national_prefix.as_deref(),
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
    let forbidden = codes_bound(draft);
    let usual = tr!(i18n, lines.as_everywhere);
    let has_own = form
        .draft
        .with_untracked(|draft| draft.dial != api_types::DialOverrides::default());
    view! {
        <details class="ed__s" open=has_own data-testid="line-dial"><summary class="med">{tr!(i18n, lines.dial)}" "<span class="t12 mute">{tr!(i18n, lines.dial_lead)}</span></summary>
            <div class="g3">
                <TextField id="line-area" label=tr!(i18n, numbers.area) bound=area placeholder=usual/>
                <TextField id="line-abroad" label=tr!(i18n, numbers.international_prefix) bound=abroad placeholder=usual/>
                <TextField id="line-national" label=tr!(i18n, numbers.national_prefix) bound=national placeholder=usual/>
                <TextField id="line-local" label=tr!(i18n, numbers.local_digits) bound=local placeholder=usual/>
                <TextField id="line-forbidden" label=tr!(i18n, numbers.never) hint=tr!(i18n, numbers.never_hint) bound=forbidden placeholder=usual/>
            </div>
            <OwnPatterns form/>
            <OwnDirections form/>
        </details>
    }
}

/// Extra rules of this line in place of the installation's.
#[component]
fn OwnPatterns(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let own = form.draft.flag(
        |draft| draft.dial.patterns.is_some(),
        |draft, on| draft.dial.patterns = on.then(Vec::new),
    );
    let list = PatternList {
        read: Signal::derive(move || {
            form.draft
                .with(|draft| draft.dial.patterns.clone().unwrap_or_default())
        }),
        write: Callback::new(move |patterns| {
            form.draft
                .update(|draft| draft.dial.patterns = Some(patterns))
        }),
    };
    view! {
        <SwitchField id="line-own-patterns" label=tr!(i18n, numbers.patterns) words=tr!(i18n, lines.own_rules) bound=own/>
        <When when=move || own.read.get()><Patterns list/></When>
    }
}

/// Allowed directions of this line in place of the installation's, which they begin with.
#[component]
fn OwnDirections(form: Form) -> impl IntoView {
    let i18n = use_i18n();
    let api = use_api();
    let usual = RwSignal::new(None::<NumberSettings>);
    spawn_local(async move {
        if let Ok(page) = api.get::<NumbersPage>("/settings/numbers").await {
            let _ = usual.try_set(Some(page.settings));
        }
    });
    let own = Flag {
        read: Signal::derive(move || form.draft.with(|draft| draft.dial.directions.is_some())),
        write: Callback::new(move |on: bool| {
            let begin = usual.with_untracked(|usual| {
                usual
                    .as_ref()
                    .map(|usual| usual.directions.clone())
                    .unwrap_or_default()
            });
            form.draft
                .update(|draft| draft.dial.directions = on.then_some(begin));
        }),
    };
    let part = DirectionsPart {
        read: Signal::derive(move || {
            form.draft
                .with(|draft| draft.dial.directions.clone().unwrap_or_default())
        }),
        write: Callback::new(move |directions| {
            form.draft
                .update(|draft| draft.dial.directions = Some(directions))
        }),
        home: Signal::derive(move || {
            usual.with(|usual| {
                usual
                    .as_ref()
                    .map(|usual| usual.dial.country.clone())
                    .unwrap_or_default()
            })
        }),
    };
    view! {
        <When when=move || usual.with(Option::is_some)><SwitchField id="line-own-directions" label=tr!(i18n, lines.directions) words=tr!(i18n, lines.own_directions) bound=own/></When>
        <When when=move || own.read.get()><DirectionList part/></When>
    }
}

/// Codes with commas. The text is kept as it is typed; the draft has the codes.
fn codes_bound(draft: RwSignal<LineDraft>) -> Bound {
    let typed = RwSignal::new(
        draft.with_untracked(|draft| draft.dial.forbidden.clone().unwrap_or_default().join(", ")),
    );
    Bound::new(
        move || typed.get(),
        move |text| {
            let codes = crate::view::dialling::codes(&text);
            typed.set(text);
            draft.update(|draft| {
                draft.dial.forbidden = Some(codes).filter(|codes| !codes.is_empty())
            });
        },
    )
}
