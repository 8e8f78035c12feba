//! Parts of screens: they take values, signals and callbacks and fetch nothing.

pub mod avatar;
pub mod call_parts;
pub mod dialog;
pub mod empty;
pub mod field;
pub mod form;
pub mod icon;
pub mod menu;
pub mod reactive;
pub mod remote_view;
pub mod tel;
pub mod toast_list;

pub use avatar::Avatar;
pub use dialog::Dialog;
pub use empty::Empty;
pub use field::{Field, TextInput};
pub use icon::Icon;
pub use tel::Tel;

use crate::{
    i18n::*,
    view::failure::{Failure, FailureWords},
};

/// [`say_failure`] once, without following the language.
pub fn say_failure_now(i18n: I18n, failure: &Failure) -> String {
    leptos::prelude::untrack(|| say_failure(i18n, failure))
}

/// A failure in words: ours where its name is known, else the server's own sentence.
pub fn say_failure(i18n: I18n, failure: &Failure) -> String {
    match (FailureWords::of(failure), failure) {
        (Some(words), _) => words.say(i18n).to_owned(),
        (None, Failure::Refused { error, .. }) => error.message.clone(),
        (None, _) => t_string!(i18n, failure.garbled).to_owned(),
    }
}
