//! Everything sip-core promises, tested from outside on a virtual clock.

#![expect(
    clippy::unwrap_used,
    reason = "tests: what is not there fails the test"
)]

mod calls;
mod forks;
mod golden;
mod lossy;
mod offers;
mod oracle;
mod races;
mod random_bytes;
mod registration;
mod reliable;
mod reoffers;
mod requests;
mod routes;
mod session_timers;
mod support;
mod tolerance;
mod torture;
mod transfers;
