//! Contexts: `Copy` structs of signals, one `provide` each.

pub mod call_note;
pub mod colleagues;
pub mod house;
pub mod known;
pub mod own_server;
pub mod phone;
pub mod quality;
pub mod remote;
pub mod session;
pub mod toasts;
