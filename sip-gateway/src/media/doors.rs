//! The two doors browsers reach the media plane by: the UDP port and the TCP connections.

use std::{
    io,
    net::{SocketAddr, TcpListener, UdpSocket},
};

use socket2::{Domain, Protocol, Socket, Type};

use super::{path::Path, port::Port, streams::Streams};

/// Enough for a burst of some hundred calls.
const SOCKET_BUFFER: usize = 4 << 20;
/// Connections that wait to be taken.
const BACKLOG: i32 = 1024;

/// Both doors.
pub(super) struct Doors {
    pub udp: Port,
    pub streams: Streams,
}

impl Doors {
    /// Sends a packet; what is not taken now is lost, like any datagram.
    pub(super) fn transmit(&mut self, packet: &[u8], to: Path) {
        match to {
            Path::Udp(address) => self.udp.transmit(packet, address),
            Path::Tcp(stream) => self.streams.transmit(packet, stream),
        }
    }
}

/// The UDP socket of all browsers.
///
/// # Errors
/// When it cannot be bound; the message names the port.
pub(super) fn bind_udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let bind = || {
        let socket = socket(address, Type::DGRAM, Protocol::UDP)?;
        // The kernel caps it silently; less is only less room for bursts.
        let _ = socket.set_recv_buffer_size(SOCKET_BUFFER);
        let _ = socket.set_send_buffer_size(SOCKET_BUFFER);
        socket.bind(&address.into())?;
        Ok(socket.into())
    };
    bind().map_err(|error| named("UDP", address, &error))
}

/// The TCP port of all browsers; where any port is asked for, that of `udp` if it is free.
///
/// # Errors
/// As [`bind_udp`].
pub(super) fn bind_tcp(address: SocketAddr, udp: SocketAddr) -> io::Result<TcpListener> {
    let beside = SocketAddr::new(address.ip(), udp.port());
    let bound = match address.port() {
        0 => listen(beside).or_else(|_| listen(address)),
        _ => listen(address),
    };
    bound.map_err(|error| named("TCP", address, &error))
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = socket(address, Type::STREAM, Protocol::TCP)?;
    // A restart does not wait for the connections of the process before.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

fn socket(address: SocketAddr, kind: Type, protocol: Protocol) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), kind, Some(protocol))?;
    if address.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    Ok(socket)
}

fn named(protocol: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    let words = format!("{protocol} port {address} for browsers' media: {error}");
    io::Error::new(error.kind(), words)
}
