//! Requests, responses, events and errors of `/api/v1`, shared by the server and the app.
//!
//! Times are milliseconds since 1970 (UTC); durations are milliseconds; ids are UUIDs as text.

mod address;
mod call;
mod client;
mod client_care;
mod contact;
mod error;
mod event;
mod file;
mod import;
mod item;
mod line;
mod line_check;
mod lock_out;
mod notice;
mod number;
mod page;
mod presence;
mod preset;
mod quality;
mod rewrite;
mod ring_plan;
mod search;
mod session;
mod tariff;
mod test_network;
mod user;
mod work_lists;
mod work_settings;

pub use address::*;
pub use call::*;
pub use client::*;
pub use client_care::*;
pub use contact::*;
pub use error::*;
pub use event::*;
pub use file::*;
pub use import::*;
pub use item::*;
pub use line::*;
pub use line_check::*;
pub use lock_out::*;
pub use notice::*;
pub use number::*;
pub use page::*;
pub use presence::*;
pub use preset::*;
pub use quality::*;
pub use rewrite::*;
pub use ring_plan::*;
pub use search::*;
pub use session::*;
pub use tariff::*;
pub use test_network::*;
pub use user::*;
pub use work_lists::*;
pub use work_settings::*;

/// Milliseconds since 1970-01-01T00:00:00Z.
pub type UnixMs = i64;
