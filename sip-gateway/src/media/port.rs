//! A UDP socket that does not mind which family an address is written in.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use mio::net::UdpSocket;

/// A bound, non-blocking UDP socket.
#[derive(Debug)]
pub(super) struct Port {
    /// For the poll's registry.
    pub socket: UdpSocket,
    is_v6: bool,
}

impl Port {
    pub(super) fn new(socket: UdpSocket) -> io::Result<Self> {
        let is_v6 = socket.local_addr()?.is_ipv6();
        Ok(Self { socket, is_v6 })
    }

    /// The next datagram and where it came from.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        let (len, from) = self.socket.recv_from(buffer)?;
        Ok((len, SocketAddr::new(from.ip().to_canonical(), from.port())))
    }

    /// Sends a datagram; what the kernel does not take now is lost, like any datagram.
    pub(super) fn transmit(&self, datagram: &[u8], to: SocketAddr) {
        let to = match to.ip() {
            IpAddr::V4(ip) if self.is_v6 => SocketAddr::new(ip.to_ipv6_mapped().into(), to.port()),
            _ => to,
        };
        if let Err(error) = self.socket.send_to(datagram, to) {
            tracing::trace!(%error, "sending failed");
        }
    }
}
