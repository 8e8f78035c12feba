//! The sign of how a call sounds: bars and a word, and what to do about it.

use leptos::prelude::*;
use phone::{Advice, Grade, QualityView};

use super::card::CardModel;
use crate::{
    components::{
        Icon,
        reactive::{When, act, text},
    },
    i18n::*,
    view::quality::{AdviceWords, GradeWords, bars, percent, tenths},
};

/// What both parts follow.
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

fn advice(i18n: I18n, view: QualityView) -> String {
    let (words, value) = AdviceWords::of(view.grade, view.advice, has_comma(i18n));
    crate::view::format::fill(words.say(i18n), &[("value", &value)])
}

fn figures(i18n: I18n, view: QualityView) -> String {
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

fn has_comma(i18n: I18n) -> bool {
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

/// What to do, as long as there is something to do or the sign was pressed. Changes to bad are said.
#[component]
pub fn QualityAdvice(sign: Sign) -> impl IntoView {
    let i18n = use_i18n();
    let shown = Memo::new(move |_| {
        let view = sign.now.get()?;
        (sign.open.get() || view.advice.is_some()).then_some(view)
    });
    let is_bad = Memo::new(move |_| {
        sign.now.get().is_some_and(|view| {
            view.grade == Grade::Bad || view.advice == Some(Advice::SilentMicrophone)
        })
    });
    let has_advice = Memo::new(move |_| sign.now.get().is_some_and(|view| view.advice.is_some()));
    // Only the change is said, not every new figure.
    let said = Memo::new(move |_| {
        let (is_bad, has_advice) = (is_bad.get(), has_advice.get());
        let view = sign.now.get_untracked().filter(|_| is_bad)?;
        Some(match has_advice {
            true => advice(i18n, view),
            false => fill!(
                i18n,
                quality.label,
                word = GradeWords::of(view.grade).say(i18n)
            ),
        })
    });
    view! {
        <div class="sr" role="status" data-testid="quality-said">{text(move || said.get())}</div>
        <When when=move || shown.get().is_some()>
            <div class="call__advice t12" data-testid="quality-advice">
                <Icon name="info"/>
                <div class="grow"><div>{text(move || shown.get().map(|view| advice(i18n, view)))}</div>
                <When when=move || sign.open.get()><div class="soft num" data-testid="quality-figures">{text(move || shown.get().map(|view| figures(i18n, view)))}</div></When></div>
            </div>
        </When>
    }
}
