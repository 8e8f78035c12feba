//! Who rings and where calls go: pure decisions over [`Office`], which is all they know. Nothing
//! here waits, reads a clock or changes anything.

mod incoming;
mod office;
mod outgoing;
mod rule;

pub(crate) use incoming::{Arrival, Step, asks_for_responsible, incoming};
pub(crate) use office::{Employee, Group, KnownLine, KnownNumber, Office};
pub(crate) use outgoing::{End, Outgoing, Wish, callable, outgoing};
pub(crate) use rule::{read_rule, write_rule};

#[cfg(test)]
mod samples;
