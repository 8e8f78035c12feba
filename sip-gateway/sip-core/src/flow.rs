//! Where a message came from and where one goes: the shell's sockets seen from the core.

use std::net::SocketAddr;

/// The kind of a connection, as written in Via (RFC 3261 §20.42, RFC 7118 §5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StreamKind {
    /// TCP with RFC 3261 §18.3 framing.
    Tcp,
    /// TLS over TCP.
    Tls,
    /// SIP over WebSocket: one message per WebSocket message.
    Ws,
    /// SIP over secure WebSocket.
    Wss,
}

/// One path to a peer. Cheap to copy; the shell maps it to a socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flow {
    /// Datagrams between the shell's UDP socket and `remote`.
    Udp {
        /// The peer's address as seen on the wire.
        remote: SocketAddr,
    },
    /// A connection the shell opened or accepted; `id` is the shell's own number, never reused.
    Stream {
        /// What runs over the connection.
        kind: StreamKind,
        /// The shell's number of the connection.
        id: u64,
    },
}

impl Flow {
    /// Whether lost messages are repeated below SIP (RFC 3261 §17: timers A, E, G are off).
    #[must_use]
    pub fn is_reliable(self) -> bool {
        matches!(self, Flow::Stream { .. })
    }

    /// The transport as Via names it.
    #[must_use]
    pub fn transport(self) -> rsip::Transport {
        match self {
            Flow::Udp { .. } => rsip::Transport::Udp,
            Flow::Stream {
                kind: StreamKind::Tcp,
                ..
            } => rsip::Transport::Tcp,
            Flow::Stream {
                kind: StreamKind::Tls,
                ..
            } => rsip::Transport::Tls,
            Flow::Stream {
                kind: StreamKind::Ws,
                ..
            } => rsip::Transport::Ws,
            Flow::Stream {
                kind: StreamKind::Wss,
                ..
            } => rsip::Transport::Wss,
        }
    }
}
