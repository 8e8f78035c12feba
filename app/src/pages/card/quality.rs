//! What to do about how a call sounds, on its card: as long as there is something to do or the sign was
//! pressed. Changes to bad are said.

use leptos::prelude::*;
use phone::{Advice, CallKey, Grade, QualityView};

use crate::{
    components::{
        Icon,
        reactive::{When, text},
    },
    dock::quality::{figures, has_comma},
    i18n::*,
    pages::sound::mirror::Mirror,
    view::quality::{AdviceWords, GradeWords},
};

/// Of a call; `detail` is `key open`.
pub fn quality(detail: &str) -> AnyView {
    let (key, open) = detail.split_once(' ').unwrap_or_default();
    key.parse()
        .ok()
        .map(|key| view! { <Advices key=CallKey(key) open=open == "true"/> })
        .into_any()
}

fn advice(i18n: I18n, view: QualityView) -> String {
    let (words, value) = AdviceWords::of(view.grade, view.advice, has_comma(i18n));
    crate::view::format::fill(words.say(i18n), &[("value", &value)])
}

#[component]
fn Advices(key: CallKey, open: bool) -> impl IntoView {
    let i18n = use_i18n();
    let mirror = Mirror::new();
    let now = Memo::new(move |_| mirror.call(key, |call| call.quality).flatten());
    let shown = Memo::new(move |_| {
        let view = now.get()?;
        (open || view.advice.is_some()).then_some(view)
    });
    let is_bad = Memo::new(move |_| {
        now.get().is_some_and(|view| {
            view.grade == Grade::Bad || view.advice == Some(Advice::SilentMicrophone)
        })
    });
    let has_advice = Memo::new(move |_| now.get().is_some_and(|view| view.advice.is_some()));
    // Only the change is said, not every new figure.
    let said = Memo::new(move |_| {
        let (is_bad, has_advice) = (is_bad.get(), has_advice.get());
        let view = now.get_untracked().filter(|_| is_bad)?;
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
                <When when=move || open><div class="soft num" data-testid="quality-figures">{text(move || shown.get().map(|view| figures(i18n, view)))}</div></When></div>
            </div>
        </When>
    }
}
