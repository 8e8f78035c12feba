//! Macros for texts: [`phrases`] for a sentence that depends on a value, [`tr`] for a fixed one.

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
            pub fn say(self, i18n: leptos_i18n::I18nContext<crate::i18n::Locale>) -> &'static str {
                match self { $(Self::$variant => crate::i18n::t_string!(i18n, $($key).+),)+ }
            }
        }
    };
}

/// A text of the locales as a signal, for a place in a view.
#[cfg(target_arch = "wasm32")]
macro_rules! tr {
    ($i18n:expr, $($key:tt)+) => {
        leptos::prelude::Signal::derive(move || crate::i18n::t_string!($i18n, $($key)+).to_string())
    };
}

/// [`fill`] once, without following the language: for what is said in a moment, not shown.
#[cfg(target_arch = "wasm32")]
macro_rules! fill_now {
    ($i18n:expr, $($key:ident).+, $($name:ident = $value:expr),+ $(,)?) => {
        crate::view::format::fill(crate::i18n::tu_string!($i18n, $($key).+), &[$((stringify!($name), &$value.to_string())),+])
    };
}

/// A text of the locales with values in place of its `{names}`.
#[cfg(target_arch = "wasm32")]
macro_rules! fill {
    ($i18n:expr, $($key:ident).+, $($name:ident = $value:expr),+ $(,)?) => {
        crate::view::format::fill(crate::i18n::t_string!($i18n, $($key).+), &[$((stringify!($name), &$value.to_string())),+])
    };
}
