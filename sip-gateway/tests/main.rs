//! The gateway from outside: over real sockets, with tones that are detected.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on ends here"
)]

mod lab;
mod media;
mod signalling;
