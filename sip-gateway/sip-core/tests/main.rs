//! Everything sip-core promises, tested from outside on a virtual clock.

#![expect(
    clippy::unwrap_used,
    reason = "tests: what is not there fails the test"
)]

mod calls;
mod golden;
mod lossy;
mod oracle;
mod races;
mod random_bytes;
mod registration;
mod reliable;
mod reoffers;
mod requests;
mod session_timers;
mod support;
mod tolerance;
mod torture;
mod transfers;
