//! Connections that have not proved yet that they belong to a call. There may be few, and not for long:
//! whoever comes when there are too many takes the place of the oldest, so that a flood of connections
//! does not shut out a browser, which proves itself with its first packet.

use std::{collections::VecDeque, net::IpAddr};

use crate::media::path::StreamId;

/// All together.
const MOST: usize = 256;
/// From one address; a company behind one address comes back after a restart all at once.
const MOST_OF_ONE: usize = 64;
/// Time for the first valid connectivity check.
const PATIENCE_US: u64 = 5_000_000;
/// The longest packet taken from one, octets: a check has about 150.
pub(super) const LONGEST: usize = 576;

#[derive(Debug)]
struct Stranger {
    id: StreamId,
    ip: IpAddr,
    until_us: u64,
}

/// The strangers, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Strangers(VecDeque<Stranger>);

impl Strangers {
    /// One more; gives the one that has to go for it.
    pub(super) fn add(&mut self, id: StreamId, ip: IpAddr, now_us: u64) -> Option<StreamId> {
        let of_one = self.0.iter().filter(|other| other.ip == ip).count();
        let place = if of_one >= MOST_OF_ONE {
            self.0.iter().position(|other| other.ip == ip)
        } else {
            (self.0.len() >= MOST).then_some(0)
        };
        let gone = place.and_then(|place| self.0.remove(place));
        self.0.push_back(Stranger {
            id,
            ip,
            until_us: now_us + PATIENCE_US,
        });
        gone.map(|stranger| stranger.id)
    }

    /// No stranger any more, or gone.
    pub(super) fn remove(&mut self, id: StreamId) {
        self.0.retain(|stranger| stranger.id != id);
    }

    /// The next one whose time is over.
    pub(super) fn overdue(&mut self, now_us: u64) -> Option<StreamId> {
        let oldest = self.0.front()?;
        (oldest.until_us <= now_us).then_some(oldest.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(last: usize) -> IpAddr {
        IpAddr::from([192, 0, 2, u8::try_from(last).unwrap()])
    }

    fn id(number: usize) -> StreamId {
        StreamId(number as u64)
    }

    #[test]
    fn one_address_has_so_many_and_its_oldest_goes_first() {
        let mut strangers = Strangers::default();
        strangers.add(id(0), ip(9), 0);
        for number in 1..=MOST_OF_ONE {
            assert_eq!(strangers.add(id(number), ip(1), 0), None);
        }
        assert_eq!(strangers.add(id(100), ip(1), 0), Some(id(1)));
        strangers.remove(id(2));
        assert_eq!(strangers.add(id(101), ip(1), 0), None);
    }

    #[test]
    fn all_together_are_so_many_and_the_oldest_goes_first() {
        let mut strangers = Strangers::default();
        for number in 0..MOST {
            assert_eq!(strangers.add(id(number), ip(number % 200), 0), None);
        }
        assert_eq!(strangers.add(id(MOST), ip(250), 0), Some(id(0)));
        assert_eq!(strangers.add(id(MOST + 1), ip(251), 0), Some(id(1)));
    }

    #[test]
    fn the_time_of_each_is_its_own() {
        let mut strangers = Strangers::default();
        strangers.add(id(1), ip(1), 0);
        strangers.add(id(2), ip(1), 1_000_000);
        assert_eq!(strangers.overdue(PATIENCE_US - 1), None);
        assert_eq!(strangers.overdue(PATIENCE_US), Some(id(1)));
        strangers.remove(id(1));
        assert_eq!(strangers.overdue(PATIENCE_US), None);
        assert_eq!(strangers.overdue(PATIENCE_US + 1_000_000), Some(id(2)));
    }
}
