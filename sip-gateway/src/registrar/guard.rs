//! Patience with strangers: how often an address may ask without being known.
//!
//! Scanners try thousands of users and passwords. Each address has a bucket of chances; a challenge
//! and a wrong password cost one each, time gives them back. An empty bucket means silence on UDP
//! and a cheap 403 elsewhere, without a look at the credentials.

use std::{collections::HashMap, net::IpAddr};

use sip_core::Millis;

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

#[derive(Debug)]
struct Bucket {
    chances: u32,
    since: Millis,
}

/// The buckets.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    buckets: HashMap<IpAddr, Bucket>,
}

impl Guard {
    /// Whether this address has a chance left.
    pub(crate) fn admits(&mut self, now: Millis, address: IpAddr) -> bool {
        match self.buckets.get_mut(&address) {
            Some(bucket) => {
                bucket.refill(now);
                bucket.chances > 0
            }
            None => true,
        }
    }

    /// Takes one chance.
    pub(crate) fn charge(&mut self, now: Millis, address: IpAddr) {
        if self.buckets.len() >= MOST_ADDRESSES && !self.buckets.contains_key(&address) {
            self.buckets.retain(|_, bucket| {
                bucket.refill(now);
                bucket.chances < CHANCES
            });
        }
        let bucket = self.buckets.entry(address).or_insert(Bucket {
            chances: CHANCES,
            since: now,
        });
        bucket.refill(now);
        bucket.chances = bucket.chances.saturating_sub(1);
    }

    /// Who proved to be known gets the challenge's price back.
    pub(crate) fn forgive(&mut self, address: IpAddr) {
        if let Some(bucket) = self.buckets.get_mut(&address) {
            bucket.chances = (bucket.chances + 1).min(CHANCES);
        }
    }
}

impl Bucket {
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

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

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
    fn scanners_are_known_by_name() {
        assert!(is_scanner(
            b"OPTIONS sip:100@192.0.2.1 SIP/2.0\r\nUser-Agent: friendly-scanner\r\n\r\n"
        ));
        assert!(!is_scanner(
            b"OPTIONS sip:sipvicious@192.0.2.1 SIP/2.0\r\nUser-Agent: baresip\r\n\r\n"
        ));
    }
}
