//! Patience with strangers: how often an address may ask without being known.
//!
//! Scanners try thousands of users and passwords. Each address has a bucket of chances; a wrong
//! password costs one, and so does any answer over UDP, which may go to somebody else; time gives
//! them back. An empty bucket means silence on UDP and a cheap 403 elsewhere, without a look at the
//! credentials. A datagram's sender may be forged: what datagrams cost is no connection's matter,
//! and a registered phone pays for itself only.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
};

use sip_core::{Flow, Millis};

/// Chances an address has at first.
const CHANCES: u32 = 40;
/// One chance comes back after this long, ms.
const RETURN: Millis = 500;
/// Addresses remembered; when there are more, full buckets are forgotten.
const MOST_ADDRESSES: usize = 10_000;

/// Programs that do nothing but look for holes, by what they call themselves.
const SCANNERS: [&str; 6] = [
    "friendly-scanner",
    "sipvicious",
    "sipcli",
    "sundayddr",
    "vaxsipuseragent",
    "pplsip",
];

/// Whose chances.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Payer {
    /// Everyone who sends datagrams from (or in the name of) this address.
    Datagrams(IpAddr),
    /// Strangers' connections from this address.
    Connections(IpAddr),
    /// A connection something is registered over.
    Phone(Flow),
}

impl Payer {
    pub(crate) fn datagrams(address: IpAddr) -> Self {
        Self::Datagrams(network_of(address))
    }

    pub(crate) fn connections(address: IpAddr) -> Self {
        Self::Connections(network_of(address))
    }
}

/// RFC 6177 §2: who has one IPv6 address has at least its /64.
pub(super) fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.into(),
            None => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
        },
    }
}

/// Chances that come back with time.
#[derive(Debug)]
pub(crate) struct Bucket {
    chances: u32,
    since: Millis,
}

/// Datagrams of all strangers together: so many at once, and one more after each so many ms.
///
/// Senders can be forged, each with chances of its own; what is taken in makes transactions that
/// live for half a minute.
const ALL_STRANGERS: u32 = 4_000;
const EACH_STRANGER: Millis = 2;

/// The buckets.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    buckets: HashMap<Payer, Bucket>,
    /// Datagrams of strangers taken, and when that was brought up to date.
    taken: u32,
    taken_at: Millis,
}

impl Guard {
    /// Whether another datagram of a stranger can be taken in.
    pub(crate) fn has_room(&mut self, now: Millis) -> bool {
        let back = now.saturating_sub(self.taken_at) / EACH_STRANGER;
        self.taken_at += back * EACH_STRANGER;
        self.taken = u32::try_from(back).map_or(0, |back| self.taken.saturating_sub(back));
        let room = self.taken < ALL_STRANGERS;
        self.taken += u32::from(room);
        room
    }

    /// Whether it has a chance left.
    pub(crate) fn admits(&mut self, now: Millis, payer: Payer) -> bool {
        match self.buckets.get_mut(&payer) {
            Some(bucket) => {
                bucket.refill(now);
                bucket.chances > 0
            }
            None => true,
        }
    }

    /// Takes one chance.
    pub(crate) fn charge(&mut self, now: Millis, payer: Payer) {
        if self.buckets.len() >= MOST_ADDRESSES && !self.buckets.contains_key(&payer) {
            self.buckets.retain(|_, bucket| {
                bucket.refill(now);
                bucket.chances < CHANCES
            });
        }
        let bucket = self.buckets.entry(payer).or_insert(Bucket::new(now));
        bucket.take(now);
    }

    /// Who proved to be known gets the challenge's price back.
    pub(crate) fn forgive(&mut self, payer: Payer) {
        if let Some(bucket) = self.buckets.get_mut(&payer) {
            bucket.chances = (bucket.chances + 1).min(CHANCES);
        }
    }
}

impl Bucket {
    pub(crate) fn new(now: Millis) -> Self {
        Self {
            chances: CHANCES,
            since: now,
        }
    }

    /// Takes a chance; whether there was one.
    pub(crate) fn take(&mut self, now: Millis) -> bool {
        self.refill(now);
        let had = self.chances > 0;
        self.chances = self.chances.saturating_sub(1);
        had
    }

    fn refill(&mut self, now: Millis) {
        let back = now.saturating_sub(self.since) / RETURN;
        self.since += back * RETURN;
        self.chances = u32::try_from(back).map_or(CHANCES, |back| {
            (self.chances.saturating_add(back)).min(CHANCES)
        });
    }
}

/// Whether the first kilobyte of a datagram carries a scanner's name.
pub(crate) fn is_scanner(datagram: &[u8]) -> bool {
    let head = &datagram[..datagram.len().min(1024)];
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    head.lines()
        .filter(|line| line.starts_with("user-agent:"))
        .any(|line| SCANNERS.iter().any(|name| line.contains(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Payer = Payer::Datagrams(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    #[test]
    fn an_empty_bucket_admits_nobody_until_time_has_passed() {
        let mut guard = Guard::default();
        for _ in 0..CHANCES {
            assert!(guard.admits(0, HERE));
            guard.charge(0, HERE);
        }
        assert!(!guard.admits(RETURN - 1, HERE));
        assert!(guard.admits(RETURN, HERE));
    }

    #[test]
    fn who_is_known_pays_nothing() {
        let mut guard = Guard::default();
        for _ in 0..1000 {
            guard.charge(0, HERE);
            guard.forgive(HERE);
        }
        assert!(guard.admits(0, HERE));
    }

    #[test]
    fn forged_datagrams_cost_the_connections_of_their_address_nothing() {
        let mut guard = Guard::default();
        let address = "192.0.2.1".parse().unwrap();
        for _ in 0..CHANCES {
            guard.charge(0, Payer::datagrams(address));
        }
        assert!(!guard.admits(0, Payer::datagrams(address)));
        assert!(guard.admits(0, Payer::connections(address)));
    }

    #[test]
    fn a_network_of_ipv6_addresses_has_one_bucket() {
        let [one, two, other] = ["2001:db8::1", "2001:db8::ffff:2", "2001:db8:0:1::1"]
            .map(|text| Payer::connections(text.parse().unwrap()));
        assert_eq!(one, two);
        assert_ne!(one, other);
    }

    #[test]
    fn forged_senders_share_what_strangers_get() {
        let mut guard = Guard::default();
        let taken = (0..50_000).filter(|_| guard.has_room(0)).count();
        assert_eq!(taken, ALL_STRANGERS as usize);
        assert!(!guard.has_room(1));
        assert!(guard.has_room(EACH_STRANGER));
    }

    #[test]
    fn scanners_are_known_by_name() {
        assert!(is_scanner(
            b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n"
        ));
        assert!(!is_scanner(
            b"OPTIONS sip:sipvicious@192.0.2.1 SIP/2.0\r\nUser-Agent: baresip\r\n\r\n"
        ));
    }
}
