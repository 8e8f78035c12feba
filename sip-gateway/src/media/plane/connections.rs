//! Connections of browsers: taken, read, and closed in time.

use std::time::Instant;

use mio::Token;

use super::Plane;
use crate::media::{
    leg::Transport,
    path::{Path, StreamId},
    streams::{LISTENER, Reading},
};

/// Readings from one connection before the others have their turn.
const TURN: usize = 8;

impl Plane {
    pub(super) fn accept(&mut self) {
        let now_us = self.micros(Instant::now());
        if self.doors.streams.accept(self.poll.registry(), now_us) {
            self.unread.push(LISTENER);
        }
    }

    pub(super) fn read_stream(&mut self, id: StreamId, token: Token) {
        let mut buffer = std::mem::take(&mut self.streamed);
        if self.read_turn_of(id, &mut buffer) {
            self.unread.push(token);
        }
        self.streamed = buffer;
    }

    /// Whether there may be more.
    fn read_turn_of(&mut self, id: StreamId, buffer: &mut [u8]) -> bool {
        for _ in 0..TURN {
            let now = Instant::now();
            let now_us = self.micros(now);
            match self.doors.streams.read(id, buffer, now_us) {
                Reading::More(end) => {
                    if !self.take_packets(id, &mut buffer[..end], now) {
                        self.drop_path(Path::Tcp(id));
                        return false;
                    }
                }
                Reading::Empty => return false,
                Reading::Over => {
                    self.drop_path(Path::Tcp(id));
                    return false;
                }
            }
        }
        true
    }

    /// Takes the packets in what was read; false: the connection is to be closed.
    fn take_packets(&mut self, id: StreamId, octets: &mut [u8], now: Instant) -> bool {
        let Some(from) = self.doors.streams.peer(id) else {
            return false;
        };
        let mut at = 0;
        loop {
            match self.doors.streams.packet(id, octets, at) {
                Ok(Some(packet)) => {
                    at = packet.end;
                    self.packets += 1;
                    self.browser_arrived(&mut octets[packet], Path::Tcp(id), from, now);
                    // Who begins with anything but a check of a call of ours is nobody's.
                    if self.doors.streams.is_stranger(id) {
                        return false;
                    }
                }
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    /// A path is forgotten; if it is a connection, that is closed.
    pub(super) fn drop_path(&mut self, path: Path) {
        let leg = self.by_path.remove(&path);
        if let Some(leg) = leg.and_then(|id| self.legs.get_mut(&id))
            && let Transport::Browser(browser) = &mut leg.transport
        {
            browser.forget(path);
        }
        if let Path::Tcp(id) = path {
            self.doors.streams.close(id);
        }
    }

    /// Closes what is overdue, and takes what could not be taken before.
    pub(super) fn tend_connections(&mut self, now_us: u64) {
        while let Some(id) = self.doors.streams.overdue(now_us) {
            self.drop_path(Path::Tcp(id));
        }
        self.accept();
    }
}
