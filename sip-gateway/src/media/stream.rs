//! One outgoing RTP stream: whatever sources feed it, its sequence numbers are never used twice and
//! its timestamps never go back.
//!
//! A sequence number used twice repeats the SRTP keystream, and a receiver refuses a source that
//! jumps back; so the gateway owns both, across hold, transfer, music and re-INVITE.

use super::srtp::Window;

/// Sequence gaps up to this are loss and are kept, so that the far end conceals them.
const MAX_GAP: i16 = 250;
/// Packets this late still have their place.
const MAX_LATE: i16 = -64;
/// Timestamps that differ by more than this from the time that passed are a jump, in seconds.
const MAX_DRIFT: u64 = 2;

/// Where an arriving packet stands in its source.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arrival {
    /// Names the source; a change of it begins anew.
    pub source: (u64, u32),
    pub sequence: u16,
    pub timestamp: u32,
    /// An event keeps its timestamp while time passes (RFC 4733 §2.5.1.2).
    pub is_event: bool,
    /// Microseconds since start.
    pub now_us: u64,
}

/// Where it stands in the outgoing stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// 48-bit packet index; its low 16 bits are the sequence number.
    pub index: u64,
    pub timestamp: u32,
    /// Whether the source begins here: set the marker bit.
    pub begins: bool,
}

impl Place {
    /// The sequence number.
    #[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are meant")]
    pub(super) fn sequence(self) -> u16 {
        self.index as u16
    }
}

/// The outgoing stream.
#[derive(Debug)]
pub(super) struct OutStream {
    /// Its name on the wire.
    pub ssrc: u32,
    /// Ticks a second of its timestamps.
    clock_hz: u64,
    /// Next free index.
    next: u64,
    sent: Window,
    mapping: Option<Mapping>,
    last_timestamp: u32,
    last_us: Option<u64>,
    /// Packets and payload octets sent, for sender reports.
    pub packets: u32,
    pub octets: u32,
}

/// How a source's numbers become ours.
#[derive(Debug)]
struct Mapping {
    source: (u64, u32),
    /// The highest sequence number of the source and its index.
    highest: (u16, u64),
    /// Indices below belong to other sources.
    floor: u64,
    /// Added to the source's timestamps.
    offset: u32,
    /// Timestamp and time of the last audio.
    audio: (u32, u64),
}

impl OutStream {
    /// `start` is the first sequence number; the lower half leaves the roll-over far away.
    pub(super) fn new(ssrc: u32, start: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            clock_hz: 8000,
            next: u64::from(start & 0x7fff),
            sent: Window::default(),
            mapping: None,
            last_timestamp: timestamp,
            last_us: None,
            packets: 0,
            octets: 0,
        }
    }

    /// Another codec, perhaps with another clock.
    pub(super) fn set_clock(&mut self, clock_hz: u32) {
        self.clock_hz = u64::from(clock_hz);
    }

    /// The place of a packet; `None`: it was sent before or comes far too late.
    pub(super) fn place(&mut self, arrival: Arrival) -> Option<Place> {
        let known = self
            .mapping
            .as_ref()
            .is_some_and(|map| map.source == arrival.source);
        let step = self
            .mapping
            .as_ref()
            .filter(|_| known)
            .map(|map| arrival.sequence.wrapping_sub(map.highest.0).cast_signed());
        let (index, begins) = match step {
            Some(step) if (MAX_LATE..=MAX_GAP).contains(&step) => {
                (self.follow(step, arrival)?, false)
            }
            _ => (self.begin(arrival), true),
        };
        let mapping = self.mapping.as_ref()?;
        let timestamp = arrival.timestamp.wrapping_add(mapping.offset);
        self.sent.mark(index);
        if index >= self.next {
            self.next = index + 1;
            self.last_timestamp = timestamp;
            self.last_us = Some(arrival.now_us);
        }
        Some(Place {
            index,
            timestamp,
            begins,
        })
    }

    /// A packet of the source is left out: the numbers close up behind it.
    pub(super) fn skip(&mut self, source: (u64, u32), sequence: u16) {
        let Some(mapping) = self.mapping.as_mut().filter(|map| map.source == source) else {
            return;
        };
        let step = sequence.wrapping_sub(mapping.highest.0).cast_signed();
        if (1..=MAX_GAP).contains(&step) {
            mapping.highest = (
                sequence,
                mapping.highest.1 + u64::from(step.unsigned_abs()) - 1,
            );
        }
    }

    /// Nothing is sent for now: what is skipped is no loss, so the next packet begins anew.
    pub(super) fn interrupt(&mut self) {
        self.mapping = None;
    }

    /// Our clock at this moment, for sender reports.
    pub(super) fn timestamp_at(&self, now_us: u64) -> u32 {
        self.last_timestamp.wrapping_add(self.elapsed(now_us))
    }

    /// Counts a packet that went out.
    pub(super) fn count(&mut self, octets: usize) {
        self.packets = self.packets.wrapping_add(1);
        self.octets = self.octets.wrapping_add(u32::try_from(octets).unwrap_or(0));
    }

    fn follow(&mut self, step: i16, arrival: Arrival) -> Option<u64> {
        let jump = self.timestamp_jumped(arrival, step);
        let elapsed = self.elapsed(arrival.now_us);
        let base = self.last_timestamp;
        let mapping = self.mapping.as_mut()?;
        let index = mapping.highest.1.checked_add_signed(i64::from(step))?;
        if index < mapping.floor || self.sent.seen(index) {
            return None;
        }
        if step > 0 {
            mapping.highest = (arrival.sequence, index);
            if jump {
                mapping.offset = base.wrapping_add(elapsed).wrapping_sub(arrival.timestamp);
            }
            if !arrival.is_event {
                mapping.audio = (arrival.timestamp, arrival.now_us);
            }
        }
        Some(index)
    }

    fn timestamp_jumped(&self, arrival: Arrival, step: i16) -> bool {
        let Some(mapping) = self
            .mapping
            .as_ref()
            .filter(|_| step > 0 && !arrival.is_event)
        else {
            return false;
        };
        let (timestamp, at) = mapping.audio;
        let advanced = i64::from(arrival.timestamp.wrapping_sub(timestamp).cast_signed());
        let passed = arrival.now_us.saturating_sub(at) * self.clock_hz / 1_000_000;
        (advanced - passed.cast_signed()).unsigned_abs() > MAX_DRIFT * self.clock_hz
    }

    fn begin(&mut self, arrival: Arrival) -> u64 {
        let index = self.next;
        let timestamp = self.timestamp_at(arrival.now_us);
        self.mapping = Some(Mapping {
            source: arrival.source,
            highest: (arrival.sequence, index),
            floor: index,
            offset: timestamp.wrapping_sub(arrival.timestamp),
            audio: (arrival.timestamp, arrival.now_us),
        });
        index
    }

    /// Samples since the last packet, at least one packet's worth.
    fn elapsed(&self, now_us: u64) -> u32 {
        let Some(last) = self.last_us else { return 0 };
        let samples = now_us.saturating_sub(last) * self.clock_hz / 1_000_000;
        #[expect(clippy::cast_possible_truncation, reason = "timestamps wrap")]
        let samples = samples.max(self.clock_hz / 50) as u32;
        samples
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn arrival(source: u64, sequence: u16, timestamp: u32, now_ms: u64) -> Arrival {
        Arrival {
            source: (source, 1),
            sequence,
            timestamp,
            is_event: false,
            now_us: now_ms * 1000,
        }
    }

    fn stream() -> OutStream {
        OutStream::new(7, 1000, 50_000)
    }

    #[test]
    fn a_source_is_passed_through_with_its_gaps_and_its_order() {
        let mut out = stream();
        let first = out.place(arrival(1, 65_534, 0, 0)).unwrap();
        assert_eq!((first.index, first.begins), (1000, true));
        let after_loss = out.place(arrival(1, 1, 480, 60)).unwrap();
        assert_eq!((after_loss.index, after_loss.begins), (1003, false));
        assert_eq!(after_loss.timestamp, first.timestamp + 480);
        let late = out.place(arrival(1, 0, 320, 61)).unwrap();
        assert_eq!((late.index, late.timestamp), (1002, first.timestamp + 320));
        assert_eq!(out.place(arrival(1, 0, 320, 62)), None, "the same again");
    }

    #[test]
    fn a_new_source_continues_where_the_old_one_stopped() {
        let mut out = stream();
        let last = out.place(arrival(1, 10, 0, 0)).unwrap();
        let next = out.place(arrival(2, 60_000, 4_000_000_000, 1000)).unwrap();
        assert_eq!(next.index, last.index + 1);
        assert_eq!(next.timestamp, last.timestamp + 8000);
        assert!(next.begins);
        // And back again: what the first source sent before is no excuse to use a number twice.
        let back = out.place(arrival(1, 10, 0, 1020)).unwrap();
        assert_eq!(back.index, next.index + 1);
    }

    #[test]
    fn a_skipped_packet_leaves_no_gap_and_a_lost_one_does() {
        let mut out = stream();
        let before = out.place(arrival(1, 1, 0, 0)).unwrap();
        out.skip((1, 1), 2);
        out.skip((1, 1), 4);
        let after = out.place(arrival(1, 5, 640, 80)).unwrap();
        assert_eq!(
            after.index,
            before.index + 2,
            "2 and 4 were skipped, 3 was lost"
        );
    }

    #[test]
    fn what_was_held_back_is_not_loss() {
        let mut out = stream();
        let before = out.place(arrival(1, 1, 0, 0)).unwrap();
        out.interrupt();
        let after = out.place(arrival(1, 101, 16_000, 2000)).unwrap();
        assert_eq!(after.index, before.index + 1);
        assert_eq!(after.timestamp, before.timestamp + 16_000);
        assert!(after.begins);
    }

    #[test]
    fn after_twenty_minutes_of_music_the_numbers_go_on_and_not_back() {
        let mut out = stream();
        let mut last = out.place(arrival(1, 40_000, 0, 0)).unwrap();
        // 65,536 numbers last for 22 minutes; the talker's own go on meanwhile, unheard.
        let music = 60 * 60 * 20;
        for frame in 0..music {
            let now = 20 + u64::from(frame) * 20;
            #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
            let sequence = frame as u16;
            let place = out
                .place(arrival(u64::MAX, sequence, frame * 160, now))
                .unwrap();
            assert_eq!(place.index, last.index + 1);
            assert_eq!(place.timestamp, last.timestamp.wrapping_add(160));
            last = place;
        }
        let now = u64::from(music) * 20 + 20;
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = (40_000 + music + 1) as u16;
        let back = out
            .place(arrival(1, sequence, (music + 1) * 160, now))
            .unwrap();
        assert_eq!(back.index, last.index + 1, "an SRTP index is used once");
        assert!(back.begins);
    }

    #[test]
    fn a_clock_that_stood_still_does_not_take_ours_back() {
        let mut out = stream();
        let before = out.place(arrival(1, 1, 1000, 0)).unwrap();
        let after = out.place(arrival(1, 2, 1160, 60_000)).unwrap();
        assert_eq!(after.index, before.index + 1);
        assert_eq!(after.timestamp, before.timestamp + 480_000);
    }

    #[test]
    fn the_packets_of_an_event_keep_one_timestamp() {
        let mut out = stream();
        out.place(arrival(1, 1, 0, 0)).unwrap();
        let event = |sequence, now| Arrival {
            is_event: true,
            ..arrival(1, sequence, 160, now)
        };
        let first = out.place(event(2, 20)).unwrap();
        for step in 3..300_u16 {
            let place = out.place(event(step, u64::from(step) * 20)).unwrap();
            assert_eq!(place.timestamp, first.timestamp);
        }
        let audio = out.place(arrival(1, 300, 300 * 160, 6000)).unwrap();
        assert_eq!(audio.timestamp, first.timestamp + 299 * 160);
    }

    proptest! {
        #[test]
        fn no_index_is_used_twice_whatever_arrives(
            packets in proptest::collection::vec(
                (0_u64..3, any::<u16>(), any::<u32>(), 0_u64..200, any::<bool>()), 1..300),
        ) {
            let mut out = stream();
            let mut used = std::collections::BTreeSet::new();
            let (mut now, mut near) = (0, 0_u16);
            for (source, sequence, timestamp, step, jump) in packets {
                now += step;
                near = if jump { sequence } else { near.wrapping_add(sequence % 5).wrapping_sub(2) };
                if let Some(place) = out.place(arrival(source, near, timestamp, now)) {
                    prop_assert!(used.insert(place.index));
                }
            }
        }
    }
}
