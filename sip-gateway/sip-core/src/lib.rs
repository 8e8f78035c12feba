//! A SIP user agent core without sockets, clocks or randomness of its own (sans-IO).
//!
//! The same code is the telephone in the browser (WASM) and both sides of the gateway's
//! back-to-back user agent. Everything it does follows from three calls: bytes and commands go in
//! together with the time, [`Output`]s come out, and [`UserAgent::poll_timeout`] says when it wants
//! to be called again.
//!
//! ```text
//!  bytes ──► wire ──► transaction ──► dialog / call / registration ──► Event
//!  bytes ◄── wire ◄── transaction ◄── command
//! ```
//!
//! Rules for the shell that drives it:
//! 1. After **every** call that takes `now`, drain [`UserAgent::poll_output`] until `None`.
//! 2. Then ask [`UserAgent::poll_timeout`] and call [`UserAgent::handle_timeout`] at that time.
//! 3. `now` is milliseconds on a monotonic clock that started anywhere; it never goes back.

#![warn(missing_docs)]

pub mod agent;
pub mod call;
mod dialog;
pub mod digest;
pub mod dtmf;
pub mod flow;
pub mod header;
mod map;
pub mod message;
mod random;
pub mod registration;
mod stack;
mod timers;
mod transaction;
pub mod uri;
pub mod wire;

pub use agent::{AgentConfig, Event, OutgoingHandle, Output, RequestHandle, UserAgent};
pub use call::{
    CallHandle, CallOptions, EndedBy, IncomingInvite, IncomingRefer, InviteRequest, ReferRequest,
    RefreshBy, Reliability, Replaced, SessionTimers, SipCause,
};
pub use flow::{Flow, StreamKind};
pub use registration::{
    Binding, RegistrationFailure, RegistrationHandle, RegistrationRequest, RegistrationState,
};

/// Milliseconds on the shell's monotonic clock.
pub type Millis = u64;
