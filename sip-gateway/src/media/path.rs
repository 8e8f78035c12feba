//! Where packets of a peer come from and go to.

use std::net::SocketAddr;

/// Names a TCP connection of a browser. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct StreamId(pub u64);

/// One way to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Path {
    /// Datagrams from and to this address.
    Udp(SocketAddr),
    /// Frames over a connection (RFC 4571).
    Tcp(StreamId),
}
