//! Slows guessing down: after five wrong attempts on an account from an address each further one
//! must wait twice as long. Another address of the same account is not locked out with it; an
//! address that tries many accounts is.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

/// Wrong attempts on one account that cost nothing.
const FREE: u32 = 5;
/// Wrong attempts from one address, on any account, that cost nothing.
const FREE_PER_ADDRESS: u32 = 30;
/// The longest wait, ms.
const LONGEST_MS: i64 = 15 * 60_000;
/// After so long without an attempt everything is forgiven, ms.
const FORGIVEN_MS: i64 = 60 * 60_000;
/// Entries kept at most; the oldest go first.
const KEPT: usize = 50_000;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Account(IpAddr, String),
    Address(IpAddr),
}

#[derive(Clone, Copy, Debug, Default)]
struct Failures {
    count: u32,
    last: i64,
}

/// Counts wrong attempts.
#[derive(Debug, Default)]
pub(crate) struct Limits(Mutex<HashMap<Key, Failures>>);

impl Limits {
    /// Notes an attempt before it is checked, so that a hundred at once count as a hundred.
    /// `Err`: seconds to wait; this attempt is not made.
    pub(crate) fn attempt(&self, account: &str, address: IpAddr, now: i64) -> Result<(), u64> {
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = keys(account, address);
        let wait = keys
            .iter()
            .map(|(key, free)| wait(failures.get(key), *free, now))
            .max()
            .unwrap_or(0);
        if wait > 0 {
            return Err(u64::try_from(wait).unwrap_or(0).div_ceil(1000));
        }
        make_room(&mut failures);
        for (key, _) in keys {
            let failure = failures.entry(key).or_default();
            if now - failure.last > FORGIVEN_MS {
                failure.count = 0;
            }
            failure.count += 1;
            failure.last = now;
        }
        Ok(())
    }

    /// It was the right password: the account is forgiven, and this attempt of the address.
    pub(crate) fn succeeded(&self, account: &str, address: IpAddr) {
        let address = network(address);
        let mut failures = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        failures.remove(&Key::Account(address, account.to_owned()));
        if let Some(failure) = failures.get_mut(&Key::Address(address)) {
            failure.count = failure.count.saturating_sub(1);
        }
    }
}

/// Once it is full the oldest tenth goes.
fn make_room(failures: &mut HashMap<Key, Failures>) {
    if failures.len() + 2 <= KEPT {
        return;
    }
    let mut times: Vec<i64> = failures.values().map(|failure| failure.last).collect();
    let (_, oldest, _) = times.select_nth_unstable(KEPT / 10);
    let oldest = *oldest;
    let mut surplus = KEPT / 10;
    failures.retain(|_, failure| {
        let goes = surplus > 0 && failure.last <= oldest;
        surplus -= usize::from(goes);
        !goes
    });
}

/// Whoever has an IPv6 address has the other 2⁶⁴ − 1 of its network too.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn keys(account: &str, address: IpAddr) -> [(Key, u32); 2] {
    let address = network(address);
    [
        (Key::Account(address, account.to_owned()), FREE),
        (Key::Address(address), FREE_PER_ADDRESS),
    ]
}

/// Milliseconds until the next attempt is allowed.
fn wait(failures: Option<&Failures>, free: u32, now: i64) -> i64 {
    let Some(failures) = failures else { return 0 };
    if failures.count < free {
        return 0;
    }
    let delay = 1000_i64
        .checked_shl(failures.count - free)
        .unwrap_or(LONGEST_MS)
        .clamp(1000, LONGEST_MS);
    (failures.last + delay - now).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const THERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    #[test]
    fn the_sixth_attempt_waits_and_each_further_one_longer() {
        let limits = Limits::default();
        for _ in 0..5 {
            limits.attempt("anna", HERE, 0).unwrap();
        }
        assert_eq!(limits.attempt("anna", HERE, 0), Err(1));
        limits.attempt("anna", HERE, 1000).unwrap();
        assert_eq!(limits.attempt("anna", HERE, 1000), Err(2));
        limits.attempt("anna", THERE, 1000).unwrap();
        limits.attempt("boris", HERE, 1000).unwrap();
    }

    #[test]
    fn the_right_password_forgives() {
        let limits = Limits::default();
        for _ in 0..50 {
            limits.attempt("anna", HERE, 0).unwrap();
            limits.succeeded("anna", HERE);
        }
    }

    #[test]
    fn an_address_that_tries_many_accounts_waits_too() {
        let limits = Limits::default();
        for i in 0..30 {
            limits.attempt(&format!("user{i}"), HERE, 0).unwrap();
        }
        assert!(limits.attempt("someone", HERE, 0).is_err());
        assert!(limits.attempt("someone", HERE, FORGIVEN_MS + 1).is_ok());
    }

    #[test]
    fn a_whole_ipv6_network_counts_as_one_address() {
        let limits = Limits::default();
        for i in 0..5 {
            let address = format!("2001:db8:0:1::{i}").parse().unwrap();
            limits.attempt("anna", address, 0).unwrap();
        }
        let attempt = |address: &str| limits.attempt("anna", address.parse().unwrap(), 0);
        assert!(attempt("2001:db8:0:1:ffff::1").is_err());
        assert!(attempt("2001:db8:0:2::1").is_ok());
        for _ in 0..4 {
            attempt("192.0.2.9").unwrap();
        }
        attempt("::ffff:192.0.2.9").unwrap();
        assert!(attempt("192.0.2.9").is_err());
    }

    #[test]
    fn a_flood_of_addresses_is_forgotten_oldest_first() {
        let limits = Limits::default();
        for i in 0..100_000 {
            let address = IpAddr::V4((0x0a00_0000 + i).into());
            // Most come within the same instant.
            limits
                .attempt("anna", address, i64::from(i / 40_000))
                .unwrap();
        }
        for _ in 0..5 {
            limits.attempt("anna", HERE, 3).unwrap();
        }
        assert!(limits.0.lock().unwrap().len() <= KEPT);
        assert!(limits.attempt("anna", HERE, 3).is_err());
    }
}
