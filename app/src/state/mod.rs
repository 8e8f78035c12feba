//! Contexts: `Copy` structs of signals, one `provide` each.

pub mod colleagues;
pub mod phone;
pub mod remote;
pub mod session;
pub mod toasts;
