//! Lock-outs after wrong SIP passwords, kept in memory while they last: what an alarm reads.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use api_types::{LockOut, LockedOut};
use sip_gateway::ports;
use uuid::Uuid;

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
        person: Option<String>,
        whom: ports::LockedOut,
    ) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.pop_front();
        }
        kept.push_back(LockOut {
            id: Uuid::now_v7().to_string(),
            at,
            until,
            address: address.to_string(),
            username: username.to_owned(),
            person,
            whom: from_gateway(whom),
        });
    }

    /// Those that last at `now`, the newest first.
    pub(crate) fn at(&self, now: i64) -> Vec<LockOut> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = kept.iter().rev().filter(|lock_out| lock_out.until > now);
        last.cloned().collect()
    }

    /// The one with this id, if it lasts at `now`.
    pub(crate) fn find(&self, id: Uuid, now: i64) -> Option<LockOut> {
        let id = id.to_string();
        self.at(now).into_iter().find(|lock_out| lock_out.id == id)
    }

    /// It was lifted.
    pub(crate) fn remove(&self, lifted: &LockOut) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|lock_out| lock_out.id != lifted.id);
    }
}

fn from_gateway(whom: ports::LockedOut) -> LockedOut {
    match whom {
        ports::LockedOut::AddressAtUser => LockedOut::AddressAtUser,
        ports::LockedOut::Address => LockedOut::Address,
        ports::LockedOut::User => LockedOut::User,
    }
}

/// As the gateway has it.
pub(crate) fn to_gateway(whom: LockedOut) -> ports::LockedOut {
    match whom {
        LockedOut::AddressAtUser => ports::LockedOut::AddressAtUser,
        LockedOut::Address => ports::LockedOut::Address,
        LockedOut::User => ports::LockedOut::User,
    }
}
