//! Every timer of the user agent in one table.
//!
//! | RFC 3261 / 6026 | here | runs | then |
//! |---|---|---|---|
//! | A, E | [`ClientTimer::Retransmit`] | T1, doubling (E: up to T2) | request again |
//! | B, F | [`ClientTimer::Timeout`] | 64·T1 | the owner hears of it |
//! | D, K, M | [`ClientTimer::Linger`] | 32 s or 0, T4 or 0, 64·T1 | transaction gone |
//! | G | [`ServerTimer::Retransmit`] | T1, doubling up to T2 | final response again |
//! | H, I, J, L | [`ServerTimer::Linger`] | 64·T1, T4 or 0, 64·T1 or 0, 64·T1 | transaction gone |
//! | §13.3.1.4 | [`CallTimer::Answer`], [`CallTimer::AckMissing`] | as G, H | 2xx again, BYE |
//! | §13.3.1.1 | [`CallTimer::StillRinging`] | 60 s | 18x again |
//! | §14.1 | [`CallTimer::Glare`] | 0–4 s | re-INVITE again |
//! | RFC 3262 §3 | [`CallTimer::Reliable`] | T1, doubling | reliable 18x again, 504 |
//! | RFC 4028 §10 | [`CallTimer::Refresh`] | half the interval | UPDATE or re-INVITE |
//! | RFC 4028 §10 | [`CallTimer::Expire`] | the interval less up to 32 s | BYE |

use crate::{
    CallHandle, Millis, RegistrationHandle, RequestHandle,
    map::Map,
    transaction::{ClientId, ServerId},
};

/// Estimate of a round trip (RFC 3261 §17.1.1.1), in milliseconds.
pub const T1: Millis = 500;
/// Longest time between two sendings, in milliseconds.
pub const T2: Millis = 4000;
/// How long a message may live in the network, in milliseconds.
pub const T4: Millis = 5000;
/// Patience with an unanswered message: 32 s.
pub const PATIENCE: Millis = 64 * T1;

/// Names a timer; each exists at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Timer {
    Client(ClientId, ClientTimer),
    Server(ServerId, ServerTimer),
    Call(CallHandle, CallTimer),
    Registration(RegistrationHandle),
    /// The next ping to a registrar that wants them, or the end of waiting for its pong.
    Keepalive(RegistrationHandle),
    /// The shell does not answer.
    Waiting(RequestHandle),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ClientTimer {
    Retransmit,
    Timeout,
    Linger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ServerTimer {
    Retransmit,
    Linger,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallTimer {
    /// Nobody answered our INVITE for as long as the shell wanted to wait.
    Ring,
    /// Our provisional answer goes out again (§13.3.1.1: proxies give up after three minutes).
    StillRinging,
    /// Our reliable provisional answer goes out again.
    Reliable,
    /// Our 2xx goes out again.
    Answer,
    /// No ACK came for our 2xx.
    AckMissing,
    /// After 491 the re-INVITE is sent again.
    Glare,
    /// We refresh the session.
    Refresh,
    /// Nobody refreshed the session.
    Expire,
    /// The call is over and forgotten.
    Linger,
}

/// Which timer runs until when.
#[derive(Default)]
pub struct Timers {
    by_time: Map<(Millis, Timer), ()>,
    by_name: Map<Timer, Millis>,
}

impl Timers {
    /// Starts a timer, or moves it.
    pub fn set(&mut self, timer: Timer, at: Millis) {
        self.cancel(timer);
        self.by_name.insert(timer, at);
        self.by_time.insert((at, timer), ());
    }

    pub fn cancel(&mut self, timer: Timer) {
        if let Some(at) = self.by_name.remove(&timer) {
            self.by_time.remove(&(at, timer));
        }
    }

    pub fn next(&self) -> Option<Millis> {
        self.by_time.first_key_value().map(|((at, _), ())| *at)
    }

    /// Takes out the first timer that is due.
    pub fn pop_due(&mut self, now: Millis) -> Option<Timer> {
        let ((at, timer), ()) = self.by_time.first_key_value()?;
        let (at, timer) = (*at, *timer);
        if at > now {
            return None;
        }
        self.cancel(timer);
        Some(timer)
    }
}
