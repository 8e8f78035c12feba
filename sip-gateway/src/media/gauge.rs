//! How a leg's packets travel: differences of the counters of RTP and RTCP over some seconds.

use media_core::rtcp::{Reception, ReportBlock};

use super::Codec;
use crate::ports::{LegFigures, Travel};

/// A leg is measured this often. Peers report every 5 s at most (RFC 3550 §6.2).
const EVERY_US: u64 = 5_000_000;

/// What was counted when it was read last.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    since_us: Option<u64>,
    received: u64,
    lost: i64,
    /// The peer's last report, and what we had sent when it came.
    report: Option<Report>,
    /// The one that was read last.
    read: Option<Report>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Report {
    lost: i32,
    jitter: u32,
    sent: u32,
    round_trip_ms: Option<u16>,
}

impl Gauge {
    /// The peer told how it hears us. `ntp`: the wall clock now, as in our sender reports.
    pub(super) fn reported(&mut self, block: &ReportBlock, sent: u32, ntp: u64) {
        self.report = Some(Report {
            lost: block.lost,
            jitter: block.jitter,
            sent,
            round_trip_ms: round_trip_ms(block, ntp),
        });
    }

    /// What happened since it was read last; `None`: it is too early, or nothing came.
    pub(super) fn read(
        &mut self,
        codec: Codec,
        reception: &Reception,
        now_us: u64,
    ) -> Option<LegFigures> {
        let since = *self.since_us.get_or_insert(now_us);
        let over_us = now_us.saturating_sub(since);
        if over_us < EVERY_US {
            return None;
        }
        self.since_us = Some(now_us);
        let received = self.received(reception, codec);
        let sent = self.sent(codec);
        let round_trip_ms = self.read.and_then(|report| report.round_trip_ms);
        if received.expected == 0 {
            return None;
        }
        Some(LegFigures {
            over_ms: u32::try_from(over_us / 1000).unwrap_or(u32::MAX),
            codec,
            received,
            sent,
            round_trip_ms,
        })
    }

    fn received(&mut self, reception: &Reception, codec: Codec) -> Travel {
        let (received, lost) = (reception.received(), reception.lost());
        if received < self.received {
            // Another source: it is counted from its first packet.
            (self.received, self.lost) = (0, 0);
        }
        let came = u32::try_from(received - self.received).unwrap_or(u32::MAX);
        // Packets that came late after all were counted as lost before.
        let missing = u32::try_from((lost - self.lost).max(0)).unwrap_or(u32::MAX);
        (self.received, self.lost) = (received, lost);
        Travel {
            expected: came.saturating_add(missing),
            lost: missing,
            jitter_ms: milliseconds(reception.jitter(), codec),
        }
    }

    /// `None`: no report came since the last reading.
    fn sent(&mut self, codec: Codec) -> Option<Travel> {
        let report = self.report.filter(|report| self.read != Some(*report))?;
        let before = self.read.replace(report);
        let (sent, lost) = before.map_or((0, 0), |before| (before.sent, before.lost));
        let expected = report.sent.wrapping_sub(sent);
        Some(Travel {
            expected,
            lost: u32::try_from(report.lost.saturating_sub(lost))
                .unwrap_or(0)
                .min(expected),
            jitter_ms: milliseconds(report.jitter, codec),
        })
    }
}

fn milliseconds(ticks: u32, codec: Codec) -> u16 {
    let ms = u64::from(ticks) * 1000 / u64::from(codec.clock_hz());
    u16::try_from(ms).unwrap_or(u16::MAX)
}

/// RFC 3550 §6.4.1: the time of arrival, less that of our report, less what the peer waited. `None`: it
/// has heard no report of ours, or its clock is not to be believed.
fn round_trip_ms(block: &ReportBlock, ntp: u64) -> Option<u16> {
    if block.last_report == 0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "RFC 3550: the middle bits")]
    let now = (ntp >> 16) as u32;
    let units = now
        .wrapping_sub(block.last_report)
        .wrapping_sub(block.delay)
        .cast_signed();
    // Two clocks that run apart may make it a little less than nothing.
    let units = u64::try_from(units.max(0)).ok()?;
    u16::try_from(units * 1000 / 65_536)
        .ok()
        .filter(|ms| *ms < 30_000)
}

#[cfg(test)]
mod tests {
    use media_core::rtp::Packet;

    use super::*;

    fn packet(sequence: u16, ssrc: u32) -> Packet<'static> {
        Packet {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc,
            payload: &[],
            header_len: 12,
        }
    }

    fn hear(reception: &mut Reception, ssrc: u32, numbers: impl Iterator<Item = u16>) {
        for number in numbers {
            reception.push(u64::from(number) * 160, &packet(number, ssrc));
        }
    }

    #[test]
    fn each_reading_tells_only_of_what_came_since_the_last() {
        let (mut gauge, mut reception) = (Gauge::default(), Reception::default());
        hear(&mut reception, 1, (0..100).filter(|n| n % 10 != 3));
        assert_eq!(gauge.read(Codec::Pcma, &reception, 0), None, "too early");
        let first = gauge.read(Codec::Pcma, &reception, EVERY_US).unwrap();
        assert_eq!((first.received.expected, first.received.lost), (100, 10));
        assert_eq!(first.received.loss_permille(), 100);
        assert_eq!((first.over_ms, first.sent), (5000, None));
        hear(&mut reception, 1, 100..200);
        let second = gauge.read(Codec::Pcma, &reception, 2 * EVERY_US).unwrap();
        assert_eq!((second.received.expected, second.received.lost), (100, 0));
    }

    #[test]
    fn another_source_is_counted_from_its_first_packet_and_silence_is_nothing() {
        let (mut gauge, mut reception) = (Gauge::default(), Reception::default());
        gauge.read(Codec::Pcma, &reception, 0);
        hear(&mut reception, 1, 0..200);
        gauge.read(Codec::Pcma, &reception, EVERY_US);
        hear(&mut reception, 2, 7000..7050);
        let other = gauge.read(Codec::Pcma, &reception, 2 * EVERY_US).unwrap();
        assert_eq!((other.received.expected, other.received.lost), (50, 0));
        assert_eq!(gauge.read(Codec::Pcma, &reception, 3 * EVERY_US), None);
    }

    #[test]
    fn the_other_direction_is_what_the_peer_reports_between_two_of_its_reports() {
        let (mut gauge, mut reception) = (Gauge::default(), Reception::default());
        let block = |lost| ReportBlock {
            lost,
            jitter: 160,
            ..ReportBlock::default()
        };
        gauge.read(Codec::Pcma, &reception, 0);
        hear(&mut reception, 1, 0..10);
        gauge.reported(&block(10), 250, 0);
        let first = gauge.read(Codec::Pcma, &reception, EVERY_US).unwrap();
        let sent = first.sent.unwrap();
        assert_eq!((sent.expected, sent.lost, sent.jitter_ms), (250, 10, 20));
        hear(&mut reception, 1, 10..20);
        gauge.reported(&block(35), 500, 0);
        let second = gauge.read(Codec::Pcma, &reception, 2 * EVERY_US).unwrap();
        assert_eq!(second.sent.unwrap().loss_permille(), 100);
        hear(&mut reception, 1, 20..30);
        let third = gauge.read(Codec::Pcma, &reception, 3 * EVERY_US).unwrap();
        assert_eq!(third.sent, None, "no report came");
    }

    /// The example of RFC 3550 figure 2: 6.125 s.
    #[test]
    fn the_round_trip_is_that_of_the_rfc() {
        let block = ReportBlock {
            last_report: 0xb705_2000,
            delay: 0x0005_4000,
            ..ReportBlock::default()
        };
        assert_eq!(round_trip_ms(&block, 0xb710_8000_0000), Some(6125));
        let silent = ReportBlock::default();
        assert_eq!(round_trip_ms(&silent, 0xb710_8000_0000), None);
    }
}
