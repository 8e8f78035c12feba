//! Macros for texts: `phrases` for a sentence that depends on a value, `tr` for a fixed one.

/// A text in the language of the page, followed.
#[cfg(target_arch = "wasm32")]
macro_rules! t_string {
    ($i18n:expr, $($key:tt)+) => { crate::i18n::td_string!($i18n.get_locale(), $($key)+) };
}

/// A text in the language of the page as it is now.
#[cfg(target_arch = "wasm32")]
macro_rules! tu_string {
    ($i18n:expr, $($key:tt)+) => { crate::i18n::td_string!($i18n.get_locale_untracked(), $($key)+) };
}

/// Declares an enum and the text of `locales/*.json` behind each variant.
///
/// `key` serves the native tests, which look every key up in every locale; `say` is the text in
/// the browser, checked by the compiler.
macro_rules! phrases {
    ($(#[$meta:meta])* pub enum $name:ident { $($(#[$doc:meta])* $variant:ident => $($key:ident).+,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every variant.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Where the text stands in the locales.
            pub fn key(self) -> &'static str {
                match self { $(Self::$variant => stringify!($($key).+),)+ }
            }

            /// The text.
            #[cfg(target_arch = "wasm32")]
            pub fn say(self, i18n: crate::i18n::I18n) -> &'static str {
                let locale = i18n.get_locale();
                match self { $(Self::$variant => crate::i18n::td_string!(locale, $($key).+),)+ }
            }
        }
    };
}

/// A text of the locales as a signal, for a place in a view.
#[cfg(target_arch = "wasm32")]
macro_rules! tr {
    ($i18n:expr, $($key:tt)+) => {
        crate::phrase::text($i18n, |locale| crate::i18n::td_string!(locale, $($key)+))
    };
}

/// [`fill`] once, without following the language: for what is said in a moment, not shown.
#[cfg(target_arch = "wasm32")]
macro_rules! fill_now {
    ($i18n:expr, $($key:ident).+, $($name:ident = $value:expr),+ $(,)?) => {
        crate::view::format::fill(tu_string!($i18n, $($key).+), &[$((stringify!($name), &$value.to_string())),+])
    };
}

/// What [`tr`] becomes: not generic, so that it is compiled once and not once for every text.
#[cfg(target_arch = "wasm32")]
pub fn text(
    i18n: crate::i18n::I18n,
    of: fn(crate::i18n::Locale) -> &'static str,
) -> leptos::prelude::Signal<String> {
    leptos::prelude::Signal::derive(move || of(i18n.get_locale()).to_owned())
}

/// A text of the locales with values in place of its `{names}`.
#[cfg(target_arch = "wasm32")]
macro_rules! fill {
    ($i18n:expr, $($key:ident).+, $($name:ident = $value:expr),+ $(,)?) => {
        crate::view::format::fill(t_string!($i18n, $($key).+), &[$((stringify!($name), &$value.to_string())),+])
    };
}
