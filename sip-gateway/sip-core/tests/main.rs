//! Everything sip-core promises, tested from outside on a virtual clock.

mod calls;
mod golden;
mod lossy;
mod oracle;
mod races;
mod random_bytes;
mod registration;
mod reoffers;
mod requests;
mod support;
