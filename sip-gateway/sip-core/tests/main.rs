//! Everything sip-core promises, tested from outside on a virtual clock.

mod calls;
mod golden;
mod oracle;
mod random_bytes;
mod lossy;
mod races;
mod registration;
mod reoffers;
mod requests;
mod support;
