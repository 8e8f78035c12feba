//! Sockets: the one UDP socket, the connections others opened to us (WebSocket, TCP, TLS) and
//! those we opened to providers.

pub(crate) mod connect;
pub(crate) mod listen;
mod local;
mod stream;
pub(crate) mod tls;
pub(crate) mod websocket;

pub(crate) use local::Locals;

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use sip_core::{Flow, Millis, StreamKind};
use tokio::{net::UdpSocket, sync::mpsc};

use crate::{ports::Trouble, registrar::guard::Bucket};

/// Largest message taken from any transport, octets.
pub(crate) const MAX_MESSAGE: usize = 65_535;

/// Messages that may wait to be sent over one connection.
pub(crate) const MOST_WAITING: usize = 256;

/// What happens on connections.
#[derive(Debug)]
pub(crate) enum StreamInput {
    /// Somebody opened a connection to us; what is to be sent goes into `sender`.
    Opened {
        id: u64,
        kind: StreamKind,
        peer: SocketAddr,
        sender: mpsc::Sender<Vec<u8>>,
    },
    /// A connection of ours stands.
    Connected { id: u64, stands: Connected },
    /// A connection of ours did not come about.
    NotConnected { id: u64, trouble: Trouble },
    /// One message came.
    Received { id: u64, bytes: Vec<u8> },
    /// It is gone.
    Closed { id: u64 },
}

/// A connection of ours, as it stands.
#[derive(Debug)]
pub(crate) struct Connected {
    pub kind: StreamKind,
    pub peer: SocketAddr,
    pub sender: mpsc::Sender<Vec<u8>>,
    /// How long TCP took, ms.
    pub tcp_ms: u32,
    /// How long TLS took, ms, and its version; `None` without TLS.
    pub tls: Option<(u32, String)>,
}

/// Numbers of connections; never one twice. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct StreamIds(Arc<AtomicU64>);

impl StreamIds {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1)))
    }

    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

#[derive(Debug)]
struct Connection {
    kind: StreamKind,
    peer: SocketAddr,
    sender: mpsc::Sender<Vec<u8>>,
    /// We opened it: its peer is no stranger.
    ours: bool,
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

    /// Somebody opened a connection to us.
    pub(crate) fn opened(
        &mut self,
        now: Millis,
        id: u64,
        (kind, peer): (StreamKind, SocketAddr),
        sender: mpsc::Sender<Vec<u8>>,
    ) {
        let connection = Connection {
            kind,
            peer,
            sender,
            ours: false,
            patience: Bucket::new(now),
            stranger_since: Some(now),
        };
        self.connections.insert(id, connection);
    }

    /// A connection of ours stands.
    pub(crate) fn connected(&mut self, now: Millis, id: u64, stands: &Connected) -> Flow {
        let connection = Connection {
            kind: stands.kind,
            peer: stands.peer,
            sender: stands.sender.clone(),
            ours: true,
            patience: Bucket::new(now),
            stranger_since: None,
        };
        self.connections.insert(id, connection);
        Flow::Stream {
            kind: stands.kind,
            id,
        }
    }

    /// The flow of a connection.
    pub(crate) fn flow(&self, id: u64) -> Option<Flow> {
        let kind = self.connections.get(&id)?.kind;
        Some(Flow::Stream { kind, id })
    }

    /// Connections others opened, and how many of them are this address's.
    pub(crate) fn count(&self, address: IpAddr) -> (usize, usize) {
        let theirs = || self.connections.values().filter(|c| !c.ours);
        let own = theirs().filter(|connection| connection.peer.ip() == address);
        (theirs().count(), own.count())
    }

    /// Whether we opened it.
    pub(crate) fn is_ours(&self, id: u64) -> bool {
        self.connections.get(&id).is_some_and(|c| c.ours)
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
            let kind = connection.kind;
            if connection.ours || known.binary_search(&Flow::Stream { kind, id: *id }).is_ok() {
                connection.stranger_since = None;
            } else if now.saturating_sub(*connection.stranger_since.get_or_insert(now)) >= limit {
                found.push(*id);
            }
        }
        found
    }

    /// Forgets a connection, which closes it.
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
