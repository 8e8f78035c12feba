//! Retransmissions over UDP (RFC 3261 §17, timers A, B, E, F, G, H and §13.3.1.4).

use std::{net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// Round-trip estimate.
pub const T1: Duration = Duration::from_millis(500);
/// The longest interval.
const T2: Duration = Duration::from_secs(4);
/// When a transaction has failed: 64 × T1.
pub const GIVE_UP: Duration = Duration::from_secs(32);

/// What is being repeated until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A final response to INVITE, until its ACK.
    Final,
    /// An INVITE, until any response.
    Invite,
    /// A CANCEL, until the INVITE's final response.
    Cancel,
    /// A request inside the call, until any response.
    Change,
    /// A BYE, until its response.
    Bye,
}

/// A datagram to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datagram {
    pub text: String,
    pub to: SocketAddr,
}

struct Slot {
    what: What,
    datagram: Datagram,
    interval: Duration,
    next: Instant,
    until: Instant,
}

/// What one call repeats.
#[derive(Default)]
pub struct Resender(Vec<Slot>);

/// What is due.
pub enum Due {
    /// Send this again.
    Send(Datagram),
    /// It was never answered.
    GaveUp(What),
}

impl Resender {
    /// Repeats a datagram that was just sent; replaces the one of the same kind.
    pub fn repeat(&mut self, what: What, datagram: Datagram, now: Instant) {
        self.stop(what);
        self.0.push(Slot {
            what,
            datagram,
            interval: T1,
            next: now + T1,
            until: now + GIVE_UP,
        });
    }

    pub fn stop(&mut self, what: What) {
        self.0.retain(|slot| slot.what != what);
    }

    pub fn repeats(&self, what: What) -> bool {
        self.0.iter().any(|slot| slot.what == what)
    }

    /// When something is due.
    pub fn next(&self) -> Option<Instant> {
        self.0.iter().map(|slot| slot.next.min(slot.until)).min()
    }

    /// Takes one thing that is due; call until `None`.
    pub fn due(&mut self, now: Instant) -> Option<Due> {
        if let Some(at) = self.0.iter().position(|slot| slot.until <= now) {
            return Some(Due::GaveUp(self.0.remove(at).what));
        }
        let slot = self.0.iter_mut().find(|slot| slot.next <= now)?;
        slot.interval *= 2;
        // Timer A doubles without a limit; E, G and the 2xx stop doubling at T2.
        if slot.what != What::Invite {
            slot.interval = slot.interval.min(T2);
        }
        slot.next = now + slot.interval;
        Some(Due::Send(slot.datagram.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent_at(what: What) -> Vec<u128> {
        let start = Instant::now();
        let datagram = Datagram {
            text: String::new(),
            to: "127.0.0.1:7".parse().unwrap(),
        };
        let mut resend = Resender::default();
        resend.repeat(what, datagram, start);
        let mut times = Vec::new();
        while let Some(now) = resend.next() {
            match resend.due(now) {
                Some(Due::Send(_)) => times.push((now - start).as_millis()),
                Some(Due::GaveUp(_)) | None => assert_eq!(now - start, GIVE_UP),
            }
        }
        times
    }

    #[test]
    fn invite_doubles_and_the_others_stop_at_t2() {
        assert_eq!(
            sent_at(What::Invite),
            [500, 1500, 3500, 7500, 15_500, 31_500]
        );
        let others = [
            500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500,
        ];
        assert_eq!(sent_at(What::Bye), others);
    }
}
