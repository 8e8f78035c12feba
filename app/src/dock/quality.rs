//! The sign of how a call sounds: bars and a word. What to do about it the later module says.

use leptos::prelude::*;
use phone::QualityView;

use super::card::CardModel;
use crate::{
    components::reactive::{When, act, changing, text},
    i18n::*,
    pages::host::Part,
    view::quality::{GradeWords, bars, percent, tenths},
};

/// What is followed.
#[derive(Clone, Copy)]
pub struct Sign {
    now: Memo<Option<QualityView>>,
    open: RwSignal<bool>,
}

impl Sign {
    /// Of a card.
    pub fn new(model: CardModel) -> Self {
        let now = Memo::new(move |_| {
            model
                .call
                .with(|call| call.as_ref().and_then(|call| call.quality))
        });
        Self {
            now,
            open: RwSignal::new(false),
        }
    }
}

/// What was measured, in figures.
pub fn figures(i18n: I18n, view: QualityView) -> String {
    let comma = has_comma(i18n);
    let trip = view.round_trip_ms.map(|ms| ms.to_string());
    fill!(
        i18n,
        quality.figures,
        mos = tenths(view.mos_tenths.into(), comma),
        loss = percent(view.loss_permille, comma),
        jitter = view.jitter_ms,
        trip = trip.unwrap_or_else(|| "–".to_owned())
    )
}

/// How decimals are written.
pub fn has_comma(i18n: I18n) -> bool {
    i18n.get_locale() == Locale::ru
}

/// Bars and a word under the time.
#[component]
pub fn QualitySign(sign: Sign) -> impl IntoView {
    let i18n = use_i18n();
    let grade = Memo::new(move |_| sign.now.get().map(|view| view.grade));
    let word = move || grade.get().map(|grade| GradeWords::of(grade).say(i18n));
    let label = move || word().map(|word| fill!(i18n, quality.label, word = word));
    let title = move || sign.now.get().map(|view| figures(i18n, view));
    let level = move || grade.get().map(|grade| bars(grade).to_string());
    view! {
        <When when=move || grade.get().is_some()>
            <button class="quality row t12 soft" data-testid="quality" data-bars=text(level) title=text(title) aria-label=text(label)
                aria-expanded=text(move || sign.open.get().to_string()) on:click=act(move |_| sign.open.update(|open| *open = !*open))>
                <span class="sig" aria-hidden="true"><i></i><i></i><i></i><i></i></span>{text(word)}
            </button>
        </When>
    }
}

/// Where the later module says what to do about it.
#[component]
pub fn QualityAdvice(model: CardModel, sign: Sign) -> impl IntoView {
    let key = Memo::new(move |_| model.call.with(|call| call.as_ref().map(|call| call.key.0)));
    changing(move || {
        let detail = format!("{} {}", key.get()?, sign.open.get());
        Some(view! { <Part name="quality" detail/> })
    })
}
