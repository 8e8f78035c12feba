//! Which address of ours a peer sees: what is written into Via and Contact of datagrams.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr, UdpSocket},
};

use sip_core::{Flow, StreamKind};

use crate::config::SipAddress;

/// Peers remembered; beyond that all are asked anew.
const MOST_PEERS: usize = 4096;

/// Finds our address for each peer.
#[derive(Debug)]
pub(crate) struct Locals {
    bound: SocketAddr,
    /// Port of the TLS door, if there is one.
    tls_port: Option<u16>,
    public: Option<SipAddress>,
    known: HashMap<IpAddr, IpAddr>,
}

impl Locals {
    pub(crate) fn new(bound: SocketAddr, public: Option<SipAddress>) -> Self {
        Self {
            bound,
            tls_port: None,
            public,
            known: HashMap::new(),
        }
    }

    pub(crate) fn with_tls_port(self, tls_port: Option<u16>) -> Self {
        Self { tls_port, ..self }
    }

    /// Host and port towards `peer` over this flow.
    pub(crate) fn over(&mut self, flow: Flow, peer: IpAddr) -> SipAddress {
        let address = self.towards(peer);
        match (flow, self.tls_port) {
            (
                Flow::Stream {
                    kind: StreamKind::Tls,
                    ..
                },
                Some(port),
            ) => SipAddress {
                port: Some(port),
                ..address
            },
            _ => address,
        }
    }

    pub(crate) fn set_public(&mut self, public: Option<SipAddress>) {
        self.public = public;
        self.known.clear();
    }

    /// Host and port towards `peer`: the public address if one is set, else the bound address, else
    /// (bound to every address) the one the system would send from.
    pub(crate) fn towards(&mut self, peer: IpAddr) -> SipAddress {
        if let Some(public) = &self.public {
            return SipAddress {
                host: public.host.clone(),
                port: public.port.or(Some(self.bound.port())),
            };
        }
        let host = if self.bound.ip().is_unspecified() {
            self.source_for(peer)
        } else {
            self.bound.ip()
        };
        SipAddress {
            host: host.to_string(),
            port: Some(self.bound.port()),
        }
    }

    fn source_for(&mut self, peer: IpAddr) -> IpAddr {
        if let Some(known) = self.known.get(&peer) {
            return *known;
        }
        if self.known.len() >= MOST_PEERS {
            self.known.clear();
        }
        let source = ask_system(peer).unwrap_or_else(|| self.bound.ip());
        self.known.insert(peer, source);
        source
    }
}

/// Connecting a datagram socket sends nothing; it only picks the route.
fn ask_system(peer: IpAddr) -> Option<IpAddr> {
    let any: SocketAddr = if peer.is_ipv4() {
        ([0, 0, 0, 0], 0).into()
    } else {
        ([0u16; 8], 0).into()
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect((peer, 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_socket_shows_the_address_that_reaches_the_peer() {
        let mut locals = Locals::new("0.0.0.0:5060".parse().unwrap(), None);
        assert_eq!(
            locals.towards("127.0.0.1".parse().unwrap()).to_string(),
            "127.0.0.1:5060"
        );
    }

    #[test]
    fn a_public_address_is_shown_to_everyone() {
        let mut locals = Locals::new("0.0.0.0:5060".parse().unwrap(), "203.0.113.5".parse().ok());
        assert_eq!(
            locals.towards("127.0.0.1".parse().unwrap()).to_string(),
            "203.0.113.5:5060"
        );
        locals.set_public("pbx.example:5070".parse().ok());
        assert_eq!(
            locals.towards("127.0.0.1".parse().unwrap()).to_string(),
            "pbx.example:5070"
        );
    }
}
