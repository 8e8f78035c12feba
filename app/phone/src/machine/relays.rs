//! TURN servers of the audio. Their credentials are good for a time, so new ones are asked for at half
//! of it: a call that runs into the night can still restart ICE over them.

use super::{Machine, Moment, Output};
use crate::{IceServer, PhoneEvent};

/// Milliseconds until they are asked for once more when nothing came, or could not be asked for.
const AGAIN: u64 = 30_000;

impl Machine {
    /// The page has these now, good for so many seconds.
    pub(super) fn relays_given(&mut self, servers: Vec<IceServer>, secs: u32) {
        let half = u64::from(secs) * 500;
        self.relays_due = (secs > 0).then(|| after(self.now, half));
        if self.relays != servers {
            self.relays.clone_from(&servers);
            self.outputs.push_back(Output::UseRelays(servers));
        }
    }

    /// When new credentials are asked for.
    pub(super) fn relays_deadline(&self) -> Option<u64> {
        self.relays_due.map(|due| due.mono)
    }

    pub(super) fn relays_timeout(&mut self) {
        // The monotonic clock may stand still while the computer sleeps; the credentials age on.
        let now = self.now;
        let is_due = |due: Moment| due.mono <= now.mono || due.wall <= now.wall;
        if !self.relays_due.is_some_and(is_due) {
            return;
        }
        self.relays_due = Some(after(now, AGAIN));
        if self.link.is_ready() {
            self.tell(PhoneEvent::CredentialsNeeded);
        }
    }
}

fn after(now: Moment, ms: u64) -> Moment {
    Moment {
        mono: now.mono + ms,
        wall: now.wall + ms,
    }
}
