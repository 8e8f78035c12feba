//! Decides about numbers, without any I/O: how a spelled number is read, what a dialled number
//! becomes, whether it may be called, and how it leaves by a line.
//!
//! Reading ([`Rules::read`]) and judging ([`Rules::judge`]) tell every step they take, so the same
//! code serves real calls and `Try a number`.
#![warn(missing_docs)]

mod directions;
mod emergency;
mod forbidden;
mod judge;
mod pattern;
mod price;
mod read;
mod rewrite;
mod rules;
mod spelling;
mod withheld;

pub use directions::{Place, directions, places};
pub use emergency::{Emergency, emergency};
pub use judge::{Judged, Rights};
pub use pattern::{Pattern, PatternError};
pub use price::cheapest;
pub use price::price_of;
pub use read::{Dialled, Reading};
pub use rewrite::{Rewrites, Rewritten};
pub use rules::{Problem, Rules, defaults};
pub use spelling::Numbers;
pub use withheld::is_withheld;
