//! When the connection is given up or tried again: deadlines, silence, and what the browser says of
//! the network.

use super::{
    Machine,
    link::{Link, State},
};
use crate::Trouble;

/// Milliseconds of silence after which a WebSocket is dead; the gateway pings every second.
const SILENCE: u64 = 5_000;
/// Milliseconds a page that becomes visible waits for a sign of life.
const WAKE_UP: u64 = 2_000;

impl Link {
    /// When silence becomes death.
    fn silent_at(&self) -> Option<u64> {
        let watched = self.is_visible && self.is_pinged && matches!(self.state, State::Open { .. });
        watched.then_some(self.heard_at + SILENCE)
    }
}

impl Machine {
    pub(super) fn network(&mut self, online: bool) {
        self.link.is_online = online;
        if online && matches!(self.link.state, State::Waiting { .. }) {
            self.link.tries = 0;
            self.open_socket();
        }
    }

    pub(super) fn visibility(&mut self, visible: bool) {
        self.link.is_visible = visible;
        // Messages may still wait in a queue that was not served while the page was hidden.
        let earliest = (self.now.mono + WAKE_UP).saturating_sub(SILENCE);
        self.link.heard_at = self.link.heard_at.max(earliest);
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
        if self
            .link_deadline()
            .is_none_or(|deadline| self.now.mono < deadline)
        {
            return;
        }
        match self.link.state {
            State::Off | State::Refused => {}
            State::Opening { .. } | State::Open { .. } => self.connection_lost(Trouble::NoServer),
            State::Waiting { .. } => self.open_socket(),
            State::Closing { .. } => self.close_socket(),
        }
    }
}
