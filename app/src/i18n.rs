//! The language of the page, and its texts.
//!
//! The texts are those of `leptos_i18n`, checked when compiled. Which language they are in is kept
//! here: the library's own context reads locales by ICU's rules, which everybody would download
//! to tell English from Russian.

use gloo::storage::{LocalStorage, Storage};
use leptos::prelude::*;

use crate::platform::bridge::{self, Topic};
pub use crate::texts::i18n::{Locale, td_string};

const KEY: &str = "trubka.language";

/// The languages with their tags and their own names.
pub const LANGUAGES: [(Locale, &str, &str); 2] =
    [(Locale::en, "en", "English"), (Locale::ru, "ru", "Русский")];

/// The language as a signal, in the context.
#[derive(Clone, Copy)]
pub struct I18n(RwSignal<Locale>);

/// From the context.
pub fn use_i18n() -> I18n {
    expect_context()
}

impl I18n {
    /// The remembered language, else the browser's.
    pub fn provide() {
        let i18n = Self(RwSignal::new(wanted()));
        provide_context(i18n);
        bridge::hear(Topic::Appearance, move |_| {
            let wanted = wanted();
            if i18n.get_locale_untracked() != wanted {
                i18n.0.set(wanted);
            }
        });
        Effect::new(move |_| {
            if let Some(root) = document().document_element() {
                let _ = root.set_attribute("lang", tag_of(i18n.get_locale()));
            }
        });
    }

    /// The language, followed.
    pub fn get_locale(self) -> Locale {
        self.0.get()
    }

    /// The language now.
    pub fn get_locale_untracked(self) -> Locale {
        self.0.get_untracked()
    }

    /// Chooses a language and remembers it.
    pub fn choose(self, locale: Locale) {
        let _ = LocalStorage::set(KEY, tag_of(locale));
        self.0.set(locale);
        bridge::tell(Topic::Appearance, "");
    }
}

/// The remembered language, else the browser's.
fn wanted() -> Locale {
    let remembered: Option<String> = LocalStorage::get(KEY).ok();
    let tag = remembered.or_else(|| window().navigator().language());
    of_tag(&tag.unwrap_or_default())
}

/// `ru-RU` is Russian; what is not spoken here is English.
fn of_tag(tag: &str) -> Locale {
    LANGUAGES
        .into_iter()
        .find(|(_, known, _)| tag.split('-').next() == Some(known))
        .map_or(Locale::en, |(locale, ..)| locale)
}

fn tag_of(locale: Locale) -> &'static str {
    match locale {
        Locale::en => "en",
        Locale::ru => "ru",
    }
}
