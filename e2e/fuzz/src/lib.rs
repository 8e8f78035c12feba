//! Readers of the network under hostile input.
//!
//! A target is a function that must neither panic nor take long, whatever it is given. The fuzzer
//! ([`campaign`]) mutates the corpus of a target; the corpus itself is replayed by an ordinary test.
//! Built with coverage counters (`cargo xtask fuzz` does), inputs that reach something new are kept
//! and mutated further; without, mutation is blind.

pub mod campaign;
pub mod corpus;
mod coverage;
mod mutation;
mod targets;

pub use targets::{Target, all};
