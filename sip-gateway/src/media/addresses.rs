//! The addresses we tell peers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The addresses of our host candidates, the preferred ones first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Candidates {
    pub udp: Vec<SocketAddr>,
    /// Passive ones (RFC 6544 §4.5).
    pub tcp: Vec<SocketAddr>,
}

impl Candidates {
    /// What browsers are told of a UDP and a TCP port.
    pub(super) fn new(udp: SocketAddr, tcp: Option<SocketAddr>, public: &[IpAddr]) -> Self {
        Self {
            udp: candidates(udp, public),
            tcp: tcp.map_or_else(Vec::new, |tcp| candidates(tcp, public)),
        }
    }
}

/// What browsers are told: the configured addresses, else the one bound, else all this machine has.
fn candidates(bound: SocketAddr, public: &[IpAddr]) -> Vec<SocketAddr> {
    let ips = if !public.is_empty() {
        public.to_vec()
    } else if !bound.ip().is_unspecified() {
        vec![bound.ip()]
    } else {
        interfaces(bound.is_ipv6())
    };
    ips.into_iter()
        .map(|ip| SocketAddr::new(ip, bound.port()))
        .collect()
}

/// Addresses of all interfaces, those of networks first and loopback last.
fn interfaces(with_v6: bool) -> Vec<IpAddr> {
    let found = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::warn!(%error, "the network interfaces cannot be listed");
        Vec::new()
    });
    let usable = |ip: &IpAddr| match ip {
        IpAddr::V4(ip) => !ip.is_link_local(),
        // Link-local ones need a zone, which candidates cannot carry.
        IpAddr::V6(ip) => with_v6 && !ip.is_unicast_link_local(),
    };
    let mut ips: Vec<IpAddr> = found
        .iter()
        .map(if_addrs::Interface::ip)
        .filter(usable)
        .collect();
    ips.sort_by_key(|ip| (ip.is_loopback(), ip.is_ipv6(), *ip));
    ips.dedup();
    if ips.is_empty() {
        ips.push(Ipv4Addr::LOCALHOST.into());
    }
    ips
}

/// The address to describe a line leg with: the one bound, or for a wildcard the one from which
/// this machine would reach the peer (or, with no peer known yet, the world).
pub(super) fn local_towards(bound: IpAddr, peer: Option<SocketAddr>) -> IpAddr {
    if !bound.is_unspecified() {
        return bound;
    }
    // Connecting a UDP socket sends nothing; it only asks the routing table. 192.0.2.0/24 is
    // reserved (RFC 5737) and so takes the default route.
    let anywhere = SocketAddr::from(([192, 0, 2, 1], 9));
    let route = |to: SocketAddr| -> Option<IpAddr> {
        let any: IpAddr = if to.is_ipv4() {
            Ipv4Addr::UNSPECIFIED.into()
        } else {
            std::net::Ipv6Addr::UNSPECIFIED.into()
        };
        let socket = UdpSocket::bind(SocketAddr::new(any, 0)).ok()?;
        socket.connect(to).ok()?;
        socket.local_addr().ok().map(|local| local.ip())
    };
    peer.and_then(route)
        .or_else(|| route(anywhere))
        .or_else(|| interfaces(false).first().copied())
        .unwrap_or(Ipv4Addr::LOCALHOST.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configured_addresses_win_over_bound_and_found_ones() {
        let public = [IpAddr::from([203, 0, 113, 5])];
        let bound = SocketAddr::from(([0, 0, 0, 0], 7000));
        assert_eq!(
            candidates(bound, &public),
            [SocketAddr::from(([203, 0, 113, 5], 7000))]
        );
        let bound = SocketAddr::from(([127, 0, 0, 1], 7000));
        assert_eq!(candidates(bound, &[]), [bound]);
        let all = candidates(SocketAddr::from(([0, 0, 0, 0], 7000)), &[]);
        assert!(all.contains(&bound), "{all:?}");
    }

    #[test]
    fn a_wildcard_is_described_by_the_address_that_reaches_the_peer() {
        let wildcard = IpAddr::from([0, 0, 0, 0]);
        let peer = SocketAddr::from(([127, 0, 0, 9], 4000));
        assert!(local_towards(wildcard, Some(peer)).is_loopback());
        let bound = IpAddr::from([127, 0, 0, 3]);
        assert_eq!(local_towards(bound, Some(peer)), bound);
    }
}
