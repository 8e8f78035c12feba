//! The language: the browser's unless the person chose.

use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;
use leptos_i18n::{I18nContext, Locale as _, context::init_i18n_context};

use crate::i18n::Locale;

const KEY: &str = "trubka.language";

/// Provides the texts in the remembered language, else in the browser's.
pub fn provide() {
    let i18n = init_i18n_context::<Locale>();
    provide_context(i18n);
    // After the library's own effect, which takes the browser's language.
    Effect::new(move |_| {
        if let Some(known) = remembered() {
            i18n.set_locale(known);
        }
    });
    Effect::new(move |_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", i18n.get_locale().as_str());
        }
    });
}

/// Chooses a language and remembers it.
pub fn choose(i18n: I18nContext<Locale>, locale: Locale) {
    let _ = LocalStorage::set(KEY, locale.as_str());
    i18n.set_locale(locale);
}

/// The languages with their own names.
pub const LANGUAGES: [(Locale, &str, &str); 2] =
    [(Locale::en, "en", "English"), (Locale::ru, "ru", "Русский")];

fn remembered() -> Option<Locale> {
    let known: String = LocalStorage::get(KEY).ok()?;
    LANGUAGES
        .iter()
        .find(|(_, tag, _)| *tag == known)
        .map(|(locale, ..)| *locale)
}
