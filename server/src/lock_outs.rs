//! Lock-outs after wrong SIP passwords, kept in memory while they last: what an alarm reads.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use api_types::{LockOut, LockedOut};
use sip_gateway::ports;

/// Kept at most; the oldest go first.
const KEPT: usize = 1_000;

/// The latest ones.
#[derive(Default)]
pub(crate) struct LockOuts(Mutex<VecDeque<LockOut>>);

impl LockOuts {
    /// Another one; `at` and `until` in ms since 1970.
    pub(crate) fn note(
        &self,
        (at, until): (i64, i64),
        address: IpAddr,
        username: &str,
        whom: ports::LockedOut,
    ) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(LockOut {
            at,
            until,
            address: address.to_string(),
            username: username.to_owned(),
            whom: match whom {
                ports::LockedOut::AddressAtUser => LockedOut::AddressAtUser,
                ports::LockedOut::Address => LockedOut::Address,
                ports::LockedOut::User => LockedOut::User,
            },
        });
    }

    /// Those that last at `now`, the newest first.
    pub(crate) fn at(&self, now: i64) -> Vec<LockOut> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = kept.iter().rev().filter(|lock_out| lock_out.until > now);
        last.cloned().collect()
    }
}
