//! Sockets: the one UDP socket and the WebSocket connections.

mod local;
pub(crate) mod websocket;

pub(crate) use local::Locals;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use sip_core::{Flow, Millis, StreamKind};
use tokio::{net::UdpSocket, sync::mpsc};

use crate::registrar::guard::Bucket;

/// Largest message taken from any transport, octets.
pub(crate) const MAX_MESSAGE: usize = 65_535;

/// What happens on connections.
#[derive(Debug)]
pub(crate) enum StreamInput {
    /// A connection was opened; what is to be sent goes into `sender`.
    Opened {
        id: u64,
        peer: SocketAddr,
        sender: mpsc::Sender<Vec<u8>>,
    },
    /// One message came.
    Received { id: u64, bytes: Vec<u8> },
    /// It is gone.
    Closed { id: u64 },
}

/// The flow of a WebSocket connection.
pub(crate) fn websocket_flow(id: u64) -> Flow {
    Flow::Stream {
        kind: StreamKind::Ws,
        id,
    }
}

#[derive(Debug)]
struct Connection {
    peer: SocketAddr,
    sender: mpsc::Sender<Vec<u8>>,
    /// What a stranger may still say.
    patience: Bucket,
    /// Since when nothing has been registered over it.
    stranger_since: Option<Millis>,
}

/// Where bytes are sent.
#[derive(Debug)]
pub(crate) struct Transports {
    udp: Arc<UdpSocket>,
    connections: HashMap<u64, Connection>,
}

impl Transports {
    pub(crate) fn new(udp: Arc<UdpSocket>) -> Self {
        Self {
            udp,
            connections: HashMap::new(),
        }
    }

    pub(crate) fn opened(
        &mut self,
        now: Millis,
        id: u64,
        peer: SocketAddr,
        sender: mpsc::Sender<Vec<u8>>,
    ) {
        let connection = Connection {
            peer,
            sender,
            patience: Bucket::new(now),
            stranger_since: Some(now),
        };
        self.connections.insert(id, connection);
    }

    /// Connections, and how many of them are this address's.
    pub(crate) fn count(&self, address: IpAddr) -> (usize, usize) {
        let own = self.connections.values();
        let own = own.filter(|connection| connection.peer.ip() == address);
        (self.connections.len(), own.count())
    }

    /// A stranger says something; whether that is still borne.
    pub(crate) fn bears(&mut self, now: Millis, id: u64) -> bool {
        self.connections
            .get_mut(&id)
            .is_some_and(|connection| connection.patience.take(now))
    }

    /// Connections that have been strangers' for at least `limit` ms. `known`, sorted, are those
    /// something is registered over.
    pub(crate) fn strangers(&mut self, now: Millis, known: &[Flow], limit: Millis) -> Vec<u64> {
        let mut found = Vec::new();
        for (id, connection) in &mut self.connections {
            if known.binary_search(&websocket_flow(*id)).is_ok() {
                connection.stranger_since = None;
            } else if now.saturating_sub(*connection.stranger_since.get_or_insert(now)) >= limit {
                found.push(*id);
            }
        }
        found
    }

    pub(crate) fn closed(&mut self, id: u64) {
        self.connections.remove(&id);
    }

    /// The address at the other end.
    pub(crate) fn peer(&self, flow: Flow) -> Option<SocketAddr> {
        match flow {
            Flow::Udp { remote } => Some(remote),
            Flow::Stream { id, .. } => self.connections.get(&id).map(|connection| connection.peer),
        }
    }

    /// Sends without waiting. A full UDP buffer loses the datagram, which SIP repeats; a connection
    /// whose queue is full takes nothing any more and is dropped, which its task notices.
    pub(crate) fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        match flow {
            Flow::Udp { remote } => {
                if let Err(error) = self.udp.try_send_to(&bytes, remote) {
                    tracing::debug!(%error, "a datagram was not sent");
                }
            }
            Flow::Stream { id, .. } => {
                let Some(connection) = self.connections.get(&id) else {
                    return;
                };
                if connection.sender.try_send(bytes).is_err() {
                    tracing::warn!(connection = id, "a connection takes nothing any more");
                    self.connections.remove(&id);
                }
            }
        }
    }
}
