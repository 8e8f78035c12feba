//! When the connection is given up or tried again: deadlines, silence, and what the browser says of
//! the network.

use super::{
    Machine,
    link::{Link, State},
};
use crate::Trouble;

/// Milliseconds of silence after which a WebSocket is dead; the gateway pings every second.
const SILENCE: u64 = 2_000;
/// Milliseconds a sign of life may take when there is reason to doubt: the page was hidden or slept,
/// the network changed.
const DOUBT: u64 = 1_200;
/// A timer that comes this much too late, in milliseconds, says that the page stood still, and what
/// was sent to it may still wait in a queue.
const LATE: u64 = 400;

impl Link {
    /// When silence becomes death. The server pings who is registered, so until then only the time to
    /// become so counts: a server with many at its door may take longer than a ping.
    fn silent_at(&self) -> Option<u64> {
        let watched = self.is_pinged && self.is_ready();
        watched.then_some(self.heard_at + SILENCE)
    }
}

impl Machine {
    pub(super) fn network(&mut self, online: bool) {
        self.link.is_online = online;
        if !online {
            return;
        }
        match self.link.state {
            State::Waiting { .. } => {
                self.link.tries = 0;
                self.open_socket();
            }
            // It was begun over a network that is gone.
            State::Opening { .. } => {
                self.close_socket();
                self.open_socket();
            }
            State::Open { .. } => self.doubt(DOUBT),
            State::Off | State::Refused | State::Closing { .. } => {}
        }
    }

    pub(super) fn visibility(&mut self, visible: bool) {
        if visible {
            self.doubt(DOUBT);
        }
    }

    /// The server is to be heard within this time.
    fn doubt(&mut self, within: u64) {
        self.link.heard_at = (self.now.mono + within).saturating_sub(SILENCE);
    }

    pub(super) fn link_deadline(&self) -> Option<u64> {
        match self.link.state {
            State::Off | State::Refused => None,
            State::Opening { until, .. } | State::Closing { until, .. } => Some(until),
            State::Waiting { retry_at } => Some(retry_at),
            State::Open { ready_by, .. } => ready_by.into_iter().chain(self.link.silent_at()).min(),
        }
    }

    pub(super) fn link_timeout(&mut self) {
        let Some(deadline) = self.link_deadline().filter(|at| *at <= self.now.mono) else {
            return;
        };
        match self.link.state {
            State::Off | State::Refused => {}
            State::Open { .. } if self.now.mono > deadline + LATE => self.doubt(LATE),
            State::Open { .. } => self.connection_silent(),
            State::Opening { .. } => self.connection_lost(Trouble::NoServer),
            State::Waiting { .. } => self.open_socket(),
            State::Closing { .. } => self.close_socket(),
        }
    }
}
