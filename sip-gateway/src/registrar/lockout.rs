//! Lock-out after wrong passwords.
//!
//! Three counts of wrong passwords within ten minutes, each with a limit of its own: of one address
//! at one account (a cracker, or a phone with an old password), of one address at any accounts (a
//! sprayer), of one account from anywhere (a botnet). Who is locked out is refused without a look at
//! his credentials, right or wrong, for ten minutes. An account that is attacked from everywhere
//! stays open to addresses it was used from before.
//!
//! Names that do not exist are counted like those that do: nothing can be learned from it.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

use sip_core::Millis;

use super::guard::network_of;
use crate::ports::LockedOut;

/// Wrong passwords are counted for so long, and a lock-out lasts as long, ms.
pub(crate) const WINDOW: Millis = 600_000;
/// Wrong passwords of one address at one account.
const PAIR: u32 = 10;
/// Of one address at any accounts.
const ADDRESS: u32 = 30;
/// Of any addresses at one account.
const ACCOUNT: u32 = 100;
/// Counts remembered; beyond that those that lock nobody out are forgotten.
const MOST: usize = 20_000;
/// Accounts whose good addresses are remembered, and how many each.
const GOOD_ACCOUNTS: usize = 10_000;
const GOOD_ADDRESSES: usize = 8;
/// Characters of a name that tell it from others.
const NAME: usize = 64;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Key {
    Pair(IpAddr, String),
    Address(IpAddr),
    Account(String),
}

impl Key {
    fn whom(&self) -> LockedOut {
        match self {
            Self::Pair(..) => LockedOut::AddressAtUser,
            Self::Address(_) => LockedOut::Address,
            Self::Account(_) => LockedOut::User,
        }
    }

    fn limit(&self) -> u32 {
        match self {
            Self::Pair(..) => PAIR,
            Self::Address(_) => ADDRESS,
            Self::Account(_) => ACCOUNT,
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct Count {
    wrong: u32,
    /// Since when they are counted, or since when the lock-out lasts.
    since: Millis,
}

/// Who is locked out.
#[derive(Debug, Default)]
pub(crate) struct Lockout {
    counts: HashMap<Key, Count>,
    good: HashMap<String, VecDeque<IpAddr>>,
}

impl Lockout {
    /// Whether this address may try its credentials at this account.
    pub(crate) fn admits(&self, now: Millis, address: IpAddr, account: &str) -> bool {
        let (address, account) = (network_of(address), shortened(account));
        if self.locks(now, &Key::Address(address)) {
            return false;
        }
        let is_good = self
            .good
            .get(&account)
            .is_some_and(|good| good.contains(&address));
        !self.locks(now, &Key::Pair(address, account.clone()))
            && (is_good || !self.locks(now, &Key::Account(account)))
    }

    /// Whether this address is heard at all.
    pub(crate) fn hears(&self, now: Millis, address: IpAddr) -> bool {
        !self.locks(now, &Key::Address(network_of(address)))
    }

    fn locks(&self, now: Millis, key: &Key) -> bool {
        self.counts
            .get(key)
            .is_some_and(|count| count.wrong >= key.limit() && now < count.since + WINDOW)
    }

    /// A wrong password; who is locked out by it.
    pub(crate) fn wrong(
        &mut self,
        now: Millis,
        address: IpAddr,
        account: &str,
    ) -> Option<LockedOut> {
        let (address, account) = (network_of(address), shortened(account));
        if self.counts.len() >= MOST {
            self.counts
                .retain(|key, count| count.wrong >= key.limit() && now < count.since + WINDOW);
        }
        let keys = [
            Key::Pair(address, account.clone()),
            Key::Address(address),
            Key::Account(account),
        ];
        let mut locked = None;
        for key in keys {
            let (limit, whom) = (key.limit(), key.whom());
            let fresh = Count {
                wrong: 0,
                since: now,
            };
            let count = self.counts.entry(key).or_insert(fresh);
            if now >= count.since + WINDOW {
                *count = fresh;
            }
            count.wrong += 1;
            if count.wrong == limit {
                count.since = now;
                locked = Some(whom);
            }
        }
        locked
    }

    /// The right password.
    pub(crate) fn right(&mut self, address: IpAddr, account: &str) {
        let (address, account) = (network_of(address), shortened(account));
        self.counts.remove(&Key::Pair(address, account.clone()));
        if self.good.len() >= GOOD_ACCOUNTS && !self.good.contains_key(&account) {
            return;
        }
        let good = self.good.entry(account).or_default();
        good.retain(|known| *known != address);
        good.push_back(address);
        if good.len() > GOOD_ADDRESSES {
            good.pop_front();
        }
    }

    /// Whom a wrong password locked out is heard again, and counted from nothing.
    pub(crate) fn forgive(&mut self, address: IpAddr, account: &str, whom: LockedOut) {
        let (address, account) = (network_of(address), shortened(account));
        // The password that reached one limit may have reached the one of the pair too.
        self.counts.remove(&Key::Pair(address, account.clone()));
        match whom {
            LockedOut::AddressAtUser => {}
            LockedOut::Address => drop(self.counts.remove(&Key::Address(address))),
            LockedOut::User => drop(self.counts.remove(&Key::Account(account))),
        }
    }
}

fn shortened(account: &str) -> String {
    account.chars().take(NAME).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: u8) -> IpAddr {
        [192, 0, 2, last].into()
    }

    #[test]
    fn who_is_forgiven_is_heard_again_and_counted_from_nothing() {
        let mut lockout = Lockout::default();
        for account in 0..3 {
            for _ in 0..10 {
                lockout.wrong(0, ip(1), &account.to_string());
            }
        }
        assert!(!lockout.hears(0, ip(1)));
        lockout.forgive(ip(1), "2", LockedOut::Address);
        assert!(lockout.hears(0, ip(1)) && lockout.admits(0, ip(1), "2"));
        assert!(!lockout.admits(0, ip(1), "1"), "a lock-out of its own");
        lockout.forgive(ip(1), "1", LockedOut::AddressAtUser);
        assert!(lockout.admits(0, ip(1), "1"));
        for _ in 0..9 {
            lockout.wrong(0, ip(1), "1");
        }
        assert!(lockout.admits(0, ip(1), "1"), "nine are not ten");
    }

    #[test]
    fn ten_wrong_passwords_lock_the_address_out_of_the_account_for_ten_minutes() {
        let mut lockout = Lockout::default();
        for _ in 0..PAIR {
            assert!(lockout.admits(0, ip(1), "101"));
            lockout.wrong(0, ip(1), "101");
        }
        assert!(!lockout.admits(WINDOW - 1, ip(1), "101"));
        assert!(
            lockout.admits(0, ip(1), "102"),
            "another account of the same office"
        );
        assert!(
            lockout.admits(0, ip(2), "101"),
            "the same account elsewhere"
        );
        assert!(lockout.admits(WINDOW, ip(1), "101"));
    }

    #[test]
    fn who_tries_many_accounts_is_not_heard_any_more() {
        let mut lockout = Lockout::default();
        for number in 0..ADDRESS {
            assert!(lockout.hears(0, ip(1)));
            lockout.wrong(0, ip(1), &number.to_string());
        }
        assert!(!lockout.hears(0, ip(1)));
        assert!(!lockout.admits(0, ip(1), "new"));
    }

    #[test]
    fn an_account_attacked_from_everywhere_stays_open_to_its_own_addresses() {
        let mut lockout = Lockout::default();
        lockout.right(ip(250), "101");
        for number in 0..ACCOUNT {
            let address = [198, 51, 100, (number % 250) as u8];
            lockout.wrong(0, address.into(), "101");
        }
        assert!(!lockout.admits(0, ip(9), "101"));
        assert!(lockout.admits(0, ip(250), "101"));
    }

    #[test]
    fn the_right_password_wipes_the_slate() {
        let mut lockout = Lockout::default();
        // More than an account allows, less than an address does.
        for _ in 0..3 {
            for _ in 0..PAIR - 4 {
                lockout.wrong(0, ip(1), "101");
            }
            lockout.right(ip(1), "101");
        }
        assert!(lockout.admits(0, ip(1), "101"));
    }
}
