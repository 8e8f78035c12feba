//! TCP connections of browsers whose network blocks UDP: passive host candidates (RFC 6544) on one
//! port, packets in frames (RFC 4571).
//!
//! ```text
//!  accept ─► stranger ──valid check──► of a leg ──leg closed──► leaving ──1 s──► closed
//!               └─ anything else, 5 s, too many ─► closed   └─ silent for 60 s ─► closed
//! ```

pub(super) mod framing;
mod outbox;
mod strangers;

use std::{
    collections::HashMap,
    io::{self, Read as _},
    net::SocketAddr,
    ops::Range,
};

use mio::{
    Interest, Registry, Token,
    net::{TcpListener, TcpStream},
};

use self::{
    framing::{LENGTH, Remainder, packet_at},
    outbox::Outbox,
    strangers::{LONGEST, Strangers},
};
use super::{leg::BUFFER, path::StreamId};

/// The listener's token.
pub(super) const LISTENER: Token = Token(usize::MAX - 2);
/// Connections have tokens from here on.
const FIRST: usize = 1 << 48;
/// Octets read from one connection at a time.
pub(super) const READ: usize = 16 << 10;
/// What the kernel keeps of what we send, octets; it doubles this. More would only be older audio.
const SEND_BUFFER: usize = 16 << 10;
/// A connection of a leg that is silent for so long has died; browsers check every few seconds.
const SILENT_US: u64 = 60_000_000;
/// Time for the goodbye of a leg that was closed.
const LEAVING_US: u64 = 1_000_000;
/// Connections taken before packets have their turn.
const ACCEPTED_AT_ONCE: usize = 64;

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Nobody knows whose it is.
    Stranger,
    /// A valid check came over it.
    Proven,
    /// Its leg is closed.
    Leaving { until_us: u64 },
}

struct Connection {
    stream: TcpStream,
    peer: SocketAddr,
    standing: Standing,
    remainder: Remainder,
    outbox: Outbox,
    heard_us: u64,
}

/// All connections of browsers.
#[derive(Default)]
pub(super) struct Streams {
    listener: Option<TcpListener>,
    connections: HashMap<StreamId, Connection>,
    strangers: Strangers,
    next: u64,
}

/// How a reading ended.
pub(super) enum Reading {
    /// The buffer has octets up to here, with whole packets or not; there may be more.
    More(usize),
    /// There is nothing now.
    Empty,
    /// The connection is over.
    Over,
}

impl Streams {
    /// Listens, if there is something to listen on.
    pub(super) fn new(listener: Option<TcpListener>, registry: &Registry) -> io::Result<Self> {
        let mut streams = Self {
            listener,
            ..Self::default()
        };
        if let Some(listener) = &mut streams.listener {
            registry.register(listener, LISTENER, Interest::READABLE)?;
        }
        Ok(streams)
    }

    /// The connection of a token.
    pub(super) fn of(token: Token) -> Option<StreamId> {
        let number = token.0.checked_sub(FIRST)?;
        (token < LISTENER).then_some(StreamId(number as u64))
    }

    /// Takes the connections that wait. Whether there may be more.
    pub(super) fn accept(&mut self, registry: &Registry, now_us: u64) -> bool {
        for _ in 0..ACCEPTED_AT_ONCE {
            let Some(listener) = &self.listener else {
                return false;
            };
            match listener.accept() {
                Ok((stream, peer)) => self.add(stream, peer, registry, now_us),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) => {
                    // No descriptors are left, mostly; it is tried again with the next chores.
                    tracing::debug!(%error, "a connection for media could not be taken");
                    return false;
                }
            }
        }
        true
    }

    fn add(&mut self, mut stream: TcpStream, peer: SocketAddr, registry: &Registry, now_us: u64) {
        let id = StreamId(self.next);
        self.next += 1;
        let _ = stream.set_nodelay(true);
        let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
        let both = Interest::READABLE | Interest::WRITABLE;
        if let Err(error) = registry.register(&mut stream, token_of(id), both) {
            return tracing::debug!(%error, "a connection for media cannot be watched");
        }
        let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
        if let Some(oldest) = self.strangers.add(id, peer.ip(), now_us) {
            self.close(oldest);
        }
        let connection = Connection {
            stream,
            peer,
            standing: Standing::Stranger,
            remainder: Remainder::default(),
            outbox: Outbox::default(),
            heard_us: now_us,
        };
        self.connections.insert(id, connection);
    }

    /// The next octets into `buffer` of [`READ`] octets, after what was left of the last ones. What
    /// waits for the peer is sent on the way.
    pub(super) fn read(&mut self, id: StreamId, buffer: &mut [u8], now_us: u64) -> Reading {
        let Some(connection) = self.connections.get_mut(&id) else {
            return Reading::Empty;
        };
        if connection.outbox.flush(&mut connection.stream).is_err() {
            return Reading::Over;
        }
        let kept = connection.remainder.resume(buffer);
        match connection.stream.read(&mut buffer[kept..]) {
            Ok(0) => Reading::Over,
            Ok(read) => {
                connection.heard_us = now_us;
                Reading::More(kept + read)
            }
            Err(error) if is_nothing(&error) => {
                connection.remainder.keep(&buffer[..kept]);
                Reading::Empty
            }
            Err(_) => Reading::Over,
        }
    }

    /// Where the next packet lies in what was read; what is no whole frame is kept for the next
    /// reading. `None`: there is none, or the connection is closed.
    pub(super) fn packet(
        &mut self,
        id: StreamId,
        octets: &[u8],
        at: usize,
    ) -> Result<Option<Range<usize>>, Broken> {
        let connection = self.connections.get_mut(&id).ok_or(Broken)?;
        let longest = match connection.standing {
            Standing::Stranger => LONGEST,
            Standing::Proven | Standing::Leaving { .. } => BUFFER,
        };
        match packet_at(octets, at, longest) {
            Ok(None) => {
                connection.remainder.keep(&octets[at..]);
                Ok(None)
            }
            Ok(packet) => Ok(packet),
            Err(error) => {
                tracing::debug!(%error, "a connection for media is closed");
                Err(Broken)
            }
        }
    }

    /// The peer of a connection.
    pub(super) fn peer(&self, id: StreamId) -> Option<SocketAddr> {
        self.connections.get(&id).map(|connection| connection.peer)
    }

    /// A valid check came over it.
    pub(super) fn proven(&mut self, id: StreamId) {
        if let Some(connection) = self.connections.get_mut(&id)
            && connection.standing == Standing::Stranger
        {
            connection.standing = Standing::Proven;
            self.strangers.remove(id);
        }
    }

    /// Whether nobody knows whose it is.
    pub(super) fn is_stranger(&self, id: StreamId) -> bool {
        let connection = self.connections.get(&id);
        connection.is_some_and(|connection| connection.standing == Standing::Stranger)
    }

    /// Its leg is closed: only a goodbye goes out still.
    pub(super) fn leave(&mut self, id: StreamId, now_us: u64) {
        if let Some(connection) = self.connections.get_mut(&id) {
            connection.standing = Standing::Leaving {
                until_us: now_us + LEAVING_US,
            };
        }
    }

    /// Sends a packet as far as the peer takes it.
    pub(super) fn transmit(&mut self, packet: &[u8], id: StreamId) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        // A connection that broke says so when it is read.
        if let Err(error) = connection.outbox.send(packet, &mut connection.stream) {
            tracing::trace!(%error, "sending over a connection failed");
        }
    }

    /// Closes it.
    pub(super) fn close(&mut self, id: StreamId) {
        self.strangers.remove(id);
        // Dropping closes, and closing takes it off the poll.
        self.connections.remove(&id);
    }

    /// One whose time is over. What it belonged to is to be told before it is closed.
    pub(super) fn overdue(&mut self, now_us: u64) -> Option<StreamId> {
        let is_over = |connection: &Connection| match connection.standing {
            Standing::Stranger => false,
            Standing::Proven => now_us.saturating_sub(connection.heard_us) > SILENT_US,
            Standing::Leaving { until_us } => until_us <= now_us,
        };
        let old = self.connections.iter();
        let old = old.filter(|(_, connection)| is_over(connection));
        self.strangers
            .overdue(now_us)
            .or_else(|| old.map(|(id, _)| *id).next())
    }
}

/// The connection cannot be followed or is gone.
pub(super) struct Broken;

fn token_of(id: StreamId) -> Token {
    Token(FIRST + usize::try_from(id.0).unwrap_or(0))
}

fn is_nothing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

// A frame that is not complete leaves room to read on.
const _: () = assert!(READ > 2 * (LENGTH + BUFFER));
