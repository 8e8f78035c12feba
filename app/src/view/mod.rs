//! What a screen shows, computed from records, states and events. Pure; tested natively.

pub mod call_log;
pub mod call_path;
pub mod call_quality;
pub mod callee;
pub mod card;
pub mod check;
pub mod choice;
pub mod client_card;
pub mod contact_draft;
pub mod dial;
pub mod dialling;
pub mod directory;
pub mod ending;
pub mod event;
pub mod failure;
pub mod format;
pub mod item_draft;
pub mod keys;
pub mod line;
pub mod line_draft;
pub mod list;
pub mod make;
pub mod missed;
pub mod named;
pub mod outcome;
pub mod people;
pub mod pop_up;
pub mod precheck;
pub mod quality;
pub mod query;
pub mod search;
pub mod sound;
pub mod stack;
pub mod trouble;
pub mod wave;
pub mod way;
pub mod work;
pub mod wrap_up;

#[cfg(test)]
mod locale_tests;
