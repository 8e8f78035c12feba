//! Transactions (RFC 3261 §17 with the corrections of RFC 6026).

use crate::map::Map;

mod client;
mod derived;
mod key;
mod server;

pub use client::{Client, Outcome, Owner};
pub use key::ServerKey;
pub use server::{Arrival, Server};

/// What every branch of RFC 3261 begins with (§8.1.1.7).
pub const MAGIC_COOKIE: &str = "z9hG4bK";

/// Names a client transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(u64);

/// Names a server transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerId(u64);

/// All transactions, with the indexes that match messages to them.
#[derive(Default)]
pub struct Transactions {
    clients: Map<ClientId, Client>,
    /// Branch and method (RFC 3261 §17.1.3).
    client_keys: Map<(String, String), ClientId>,
    servers: Map<ServerId, Server>,
    server_keys: Map<ServerKey, ServerId>,
}
