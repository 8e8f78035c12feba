//! Registrar, lines and calls, against the test network and against programs that nobody here
//! wrote.

mod attended;
pub mod audio;
mod bad_input;
pub mod browser;
mod checks;
mod codecs;
mod conference;
mod connections;
mod flood;
mod gone;
mod hold;
mod hostile;
mod incoming;
mod keys;
mod line_audio;
mod names;
mod outgoing;
mod parking;
mod paths;
pub mod processes;
pub mod programs;
mod reattach;
pub mod recorded;
mod registrar;
mod servers;
mod session_timers;
mod soak;
mod srtp;
pub mod stage;
mod strangers;
mod transfer;
mod transports;

use std::time::Duration;

/// Longest a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(20);
