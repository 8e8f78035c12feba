//! Where the media thread leaves packets: a bounded ring per recording, behind a mutex that is held
//! for a copy only.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use media_core::rtp;
use uuid::Uuid;

use super::journal::{self, Header, Mark};
use crate::media::Channel;

/// What a ring holds at most, in octets: 13 s of both sides of a G.711 call.
const LIMIT: usize = 256 * 1024;
/// What a ring holds between two visits of the writer, with room to spare, in octets.
const USUAL: usize = 8 * 1024;

/// Takes the packets of one recording; cheap to clone. After the recording was finished it takes
/// nothing more.
#[derive(Clone, Debug)]
pub struct Sink {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    header: Header,
    begun: Instant,
    path: PathBuf,
    ring: Mutex<Ring>,
}

#[derive(Debug, Default)]
struct Ring {
    records: Vec<u8>,
    /// When the first packet was lost that is not yet marked, microseconds after the beginning.
    losing_since: Option<u64>,
    /// Milliseconds marked as lost and not yet told by [`Sink::take`].
    lost_ms: u64,
    is_closed: bool,
}

/// What [`Sink::take`] found beside records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    /// Milliseconds that were lost and marked.
    pub lost_ms: u64,
}

impl Sink {
    pub(super) fn new(call: Uuid, path: PathBuf) -> Self {
        let start = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let start_unix_us = u64::try_from(start.as_micros()).unwrap_or(u64::MAX);
        let ring = Ring {
            records: Vec::with_capacity(USUAL),
            ..Ring::default()
        };
        let header = Header {
            call,
            start_unix_us,
        };
        let shared = Shared {
            header,
            begun: Instant::now(),
            path,
            ring: Mutex::new(ring),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The journal file.
    #[must_use]
    pub fn journal(&self) -> &Path {
        &self.shared.path
    }

    /// The conversation.
    #[must_use]
    pub fn call(&self) -> Uuid {
        self.shared.header.call
    }

    /// Records a packet that arrived at `arrived`. Never waits for the disk; when the ring is full
    /// the packet is lost and the gap is marked in the journal.
    pub fn packet(&self, channel: Channel, arrived: Instant, packet: &rtp::Packet<'_>) {
        let at_us = self.since_begin_us(arrived);
        let mut ring = self.ring();
        if ring.make_room(at_us, journal::packet_len(packet.payload.len())) {
            journal::write_packet(channel, at_us, packet, &mut ring.records);
        }
    }

    /// Records a mark.
    pub fn mark(&self, at: Instant, mark: Mark) {
        let at_us = self.since_begin_us(at);
        let mut ring = self.ring();
        if ring.make_room(at_us, journal::mark_len()) {
            journal::write_mark(mark, at_us, &mut ring.records);
        }
    }

    pub(super) fn header(&self) -> Header {
        self.shared.header
    }

    /// Exchanges the records so far for an empty buffer.
    pub(super) fn take(&self, empty: &mut Vec<u8>) -> Taken {
        debug_assert!(empty.is_empty(), "records would be written twice");
        let mut ring = self.ring();
        std::mem::swap(&mut ring.records, empty);
        Taken {
            lost_ms: std::mem::take(&mut ring.lost_ms),
        }
    }

    /// Writes the last mark and takes nothing more.
    pub(super) fn close(&self) {
        let at_us = self.since_begin_us(Instant::now());
        let mut ring = self.ring();
        if ring.is_closed {
            return;
        }
        ring.mark_loss(at_us);
        journal::write_mark(Mark::End, at_us, &mut ring.records);
        ring.is_closed = true;
    }

    fn since_begin_us(&self, at: Instant) -> u64 {
        let since = at.saturating_duration_since(self.shared.begun);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // A panic while it was held leaves at worst a record without checksum, which ends reading.
        self.shared
            .ring
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ring {
    /// Whether `needed` octets may be added. Marks the gap that ends here, or begins one.
    fn make_room(&mut self, at_us: u64, needed: usize) -> bool {
        if self.is_closed {
            return false;
        }
        if self.records.len() + needed + journal::mark_len() > LIMIT {
            self.losing_since.get_or_insert(at_us);
            return false;
        }
        self.mark_loss(at_us);
        true
    }

    fn mark_loss(&mut self, at_us: u64) {
        if let Some(since) = self.losing_since.take() {
            let lost_ms = at_us.saturating_sub(since).div_ceil(1000);
            journal::write_mark(Mark::Gap(lost_ms), at_us, &mut self.records);
            self.lost_ms += lost_ms;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::recording::journal::{Reader, Record};

    fn packet(payload: &[u8]) -> rtp::Packet<'_> {
        rtp::Packet {
            payload_type: 0,
            marker: false,
            sequence: 1,
            timestamp: 1,
            ssrc: 1,
            payload,
            header_len: 0,
        }
    }

    #[test]
    fn a_full_ring_marks_the_gap_when_it_is_emptied() {
        let sink = Sink::new(Uuid::nil(), PathBuf::new());
        let begun = sink.shared.begun;
        for at in 0..2000u64 {
            let arrived = begun + Duration::from_millis(at * 20);
            sink.packet(Channel::Left, arrived, &packet(&[0; 160]));
        }
        let mut records = Vec::new();
        assert_eq!(sink.take(&mut records), Taken { lost_ms: 0 });
        assert!(records.len() <= LIMIT);
        let kept = (records.len() / journal::packet_len(160)) as u64;
        sink.packet(
            Channel::Left,
            begun + Duration::from_secs(40),
            &packet(&[0; 160]),
        );
        let mut after = sink.header().encode().to_vec();
        let mut rest = Vec::new();
        assert_eq!(
            sink.take(&mut rest),
            Taken {
                lost_ms: 40_000 - kept * 20
            }
        );
        after.extend_from_slice(&rest);
        let mut reader = Reader::new(&after[..]).unwrap();
        let first = reader.next_record().unwrap();
        let gap = Mark::Gap(40_000 - kept * 20);
        assert!(
            matches!(first, Some(Record::Mark { mark, .. }) if mark == gap),
            "{first:?}"
        );
    }

    #[test]
    fn after_closing_nothing_is_taken() {
        let sink = Sink::new(Uuid::nil(), PathBuf::new());
        sink.close();
        sink.close();
        sink.packet(Channel::Left, Instant::now(), &packet(&[0; 160]));
        sink.mark(Instant::now(), Mark::Hold);
        let mut records = Vec::new();
        sink.take(&mut records);
        assert_eq!(records.len(), journal::mark_len());
    }

    #[test]
    fn buffers_are_used_again() {
        let sink = Sink::new(Uuid::nil(), PathBuf::new());
        let mut spare = Vec::with_capacity(USUAL);
        let before = (spare.as_ptr(), sink.ring().records.as_ptr());
        for _ in 0..10 {
            for _ in 0..25 {
                sink.packet(Channel::Right, Instant::now(), &packet(&[0; 160]));
            }
            sink.take(&mut spare);
            spare.clear();
        }
        assert_eq!((spare.as_ptr(), sink.ring().records.as_ptr()), before);
    }
}
