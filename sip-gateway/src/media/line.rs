//! The transport of a line leg: a pair of ports (RTP even, RTCP odd) and the peer's latch.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU16, Ordering},
};

use mio::net::UdpSocket;

use super::{latch::Latch, port::Port, sdes::Protection};

/// A pair of bound ports.
#[derive(Debug)]
pub(super) struct PortPair {
    pub rtp: Port,
    pub rtcp: Port,
    /// The even port.
    pub port: u16,
}

/// Hands out port pairs, going round the range so that a port rests before it is used again.
#[derive(Debug)]
pub(super) struct Ports {
    ip: IpAddr,
    first: u16,
    pairs: u16,
    next: AtomicU16,
}

impl Ports {
    /// Even ports from the first to the last; (0, 0): any the system gives.
    pub(super) fn new(ip: IpAddr, (first, last): (u16, u16), start: u16) -> Self {
        let first = first.next_multiple_of(2);
        let pairs = if last == 0 {
            0
        } else {
            (last.saturating_sub(first)) / 2 + 1
        };
        let next = AtomicU16::new(start.checked_rem(pairs).unwrap_or(0));
        Self {
            ip,
            first,
            pairs,
            next,
        }
    }

    /// The next free pair.
    ///
    /// # Errors
    /// When all are taken.
    pub(super) fn bind(&self) -> io::Result<PortPair> {
        if self.pairs == 0 {
            return self.bind_any();
        }
        for _ in 0..self.pairs {
            let at = self.next.fetch_add(1, Ordering::Relaxed) % self.pairs;
            match self.bind_pair(self.first + 2 * at) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                result => return result,
            }
        }
        let last = self.first + 2 * (self.pairs - 1);
        let message = format!("all RTP ports from {} to {last} are taken", self.first);
        Err(io::Error::new(io::ErrorKind::AddrInUse, message))
    }

    fn bind_any(&self) -> io::Result<PortPair> {
        for _ in 0..64 {
            let probe = std::net::UdpSocket::bind(SocketAddr::new(self.ip, 0))?;
            let port = probe.local_addr()?.port() & !1;
            drop(probe);
            if let Ok(pair) = self.bind_pair(port) {
                return Ok(pair);
            }
        }
        Err(io::Error::new(
            io::ErrorKind::AddrInUse,
            "no free pair of UDP ports",
        ))
    }

    fn bind_pair(&self, port: u16) -> io::Result<PortPair> {
        let bind = |port| UdpSocket::bind(SocketAddr::new(self.ip, port)).and_then(Port::new);
        Ok(PortPair {
            rtp: bind(port)?,
            rtcp: bind(port + 1)?,
            port,
        })
    }
}

/// The transport of one line leg.
pub(super) struct Line {
    pub ports: PortPair,
    pub latch: Latch,
    /// Where RTCP goes.
    pub rtcp_target: Option<SocketAddr>,
    pub protection: Protection,
}

impl Line {
    pub(super) fn new(ports: PortPair) -> Self {
        Self {
            ports,
            latch: Latch::default(),
            rtcp_target: None,
            protection: Protection::Plain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_begin_at_even_ports_and_never_collide() {
        let ports = Ports::new(IpAddr::from([127, 0, 0, 1]), (0, 0), 0);
        let (a, b) = (ports.bind().unwrap(), ports.bind().unwrap());
        assert_eq!((a.port % 2, b.port % 2), (0, 0));
        assert_ne!(a.port, b.port);
        assert_eq!(a.rtcp.socket.local_addr().unwrap().port(), a.port + 1);
    }

    #[test]
    fn a_full_range_is_said_in_words() {
        let any = Ports::new(IpAddr::from([127, 0, 0, 1]), (0, 0), 0);
        let taken = any.bind().unwrap();
        let range = Ports::new(IpAddr::from([127, 0, 0, 1]), (taken.port, taken.port), 5);
        let error = range.bind().unwrap_err();
        assert!(
            error
                .to_string()
                .contains(&format!("from {} to", taken.port)),
            "{error}"
        );
    }
}
