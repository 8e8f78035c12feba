//! Language and theme, where they are chosen.

use crate::components::reactive::{act, text};
use leptos::prelude::*;

use crate::{
    components::Icon,
    i18n::*,
    platform::theme::{Theme, ThemeChoice},
};

/// The languages by their own names.
#[component]
pub fn LanguageChoice() -> impl IntoView {
    let i18n = use_i18n();
    let buttons = LANGUAGES.map(|(locale, tag, name)| {
        let on = move || (i18n.get_locale() == locale).to_string();
        view! { <button type="button" lang=tag aria-pressed=text(on) data-testid=format!("language-{tag}") on:click=act(move |_| i18n.choose(locale))>{name}</button> }
    });
    view! { <div class="seg" role="group" aria-label=tr!(i18n, language.title)>{buttons.into_iter().collect_view()}</div> }
}

/// System, light, dark.
#[component]
pub fn ThemeButtons() -> impl IntoView {
    let i18n = use_i18n();
    let theme = ThemeChoice::use_it();
    let buttons = [
        (Theme::System, "monitor", tr!(i18n, theme.system)),
        (Theme::Light, "sun", tr!(i18n, theme.light)),
        (Theme::Dark, "moon", tr!(i18n, theme.dark)),
    ]
    .map(|(choice, icon, words)| {
        let on = move || (theme.get() == choice).to_string();
        view! { <button type="button" aria-pressed=text(on) aria-label=words title=words on:click=act(move |_| theme.set(choice))><Icon name=icon/></button> }
    });
    view! { <div class="seg" role="group" aria-label=tr!(i18n, theme.title)>{buttons.into_iter().collect_view()}</div> }
}

/// One button that turns the theme over.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let i18n = use_i18n();
    let theme = ThemeChoice::use_it();
    let words = move || {
        if theme.is_dark() {
            t_string!(i18n, theme.light)
        } else {
            t_string!(i18n, theme.dark)
        }
    };
    let icon = Signal::derive(move || if theme.is_dark() { "sun" } else { "moon" });
    let turn = move |_| {
        theme.set(if theme.is_dark() {
            Theme::Light
        } else {
            Theme::Dark
        })
    };
    view! { <button type="button" class="btn btn--icon btn--quiet" aria-label=text(words) title=text(words) on:click=act(turn)><Icon name=icon/></button> }
}
