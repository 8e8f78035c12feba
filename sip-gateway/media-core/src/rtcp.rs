//! RTCP sender and receiver reports (RFC 3550 §6.4) and the figures that go into them.

use crate::rtp::{Extender, Packet};

/// Packet type of a sender report.
pub const SENDER_REPORT: u8 = 200;
/// Packet type of a receiver report.
pub const RECEIVER_REPORT: u8 = 201;
/// Packet type of a goodbye.
pub const BYE: u8 = 203;

/// What a receiver says of one source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReportBlock {
    /// The source.
    pub ssrc: u32,
    /// Packets lost since the last report, in 256ths.
    pub fraction_lost: u8,
    /// Packets lost since the beginning; negative with duplicates.
    pub lost: i32,
    /// Highest sequence number, with the count of wraps in the upper half.
    pub highest_sequence: u32,
    /// Interarrival jitter in units of the RTP clock.
    pub jitter: u32,
    /// Middle 32 bits of the NTP time of the last sender report; 0: none came.
    pub last_report: u32,
    /// Time since that report, in 65,536ths of a second.
    pub delay: u32,
}

/// What a sender says of itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SenderInfo {
    /// NTP time of the report, 32.32 seconds since 1900.
    pub ntp: u64,
    /// The same instant on the RTP clock.
    pub timestamp: u32,
    /// Packets sent.
    pub packets: u32,
    /// Payload octets sent.
    pub octets: u32,
}

/// A report, borrowed from a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Report<'a> {
    /// Who reports.
    pub ssrc: u32,
    /// Present in a sender report.
    pub sender: Option<SenderInfo>,
    blocks: &'a [u8],
}

impl Report<'_> {
    /// What it says of the sources it hears.
    pub fn blocks(&self) -> impl Iterator<Item = ReportBlock> {
        self.blocks.chunks_exact(BLOCK_LEN).filter_map(read_block)
    }
}

/// A packet of a compound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'a> {
    /// Sender or receiver report.
    Report(Report<'a>),
    /// The first source that leaves.
    Bye(u32),
    /// Anything else: its packet type.
    Other(u8),
}

const BLOCK_LEN: usize = 24;
const SENDER_LEN: usize = 20;

/// The packets of a compound, up to the first that cannot be read.
pub fn parts(mut compound: &[u8]) -> impl Iterator<Item = Part<'_>> {
    std::iter::from_fn(move || {
        let (part, rest) = split_part(compound)?;
        compound = rest;
        Some(part)
    })
}

fn split_part(compound: &[u8]) -> Option<(Part<'_>, &[u8])> {
    let [first, kind, high, low, ..] = *compound else {
        return None;
    };
    if first >> 6 != 2 {
        return None;
    }
    let len = 4 + usize::from(u16::from_be_bytes([high, low])) * 4;
    let (packet, rest) = compound.split_at_checked(len)?;
    let count = usize::from(first & 0x1f);
    let part = match kind {
        SENDER_REPORT | RECEIVER_REPORT => {
            Part::Report(read_report(packet, kind == SENDER_REPORT, count)?)
        }
        BYE => Part::Bye(word(packet, 4)?),
        other => Part::Other(other),
    };
    Some((part, rest))
}

fn read_report(packet: &[u8], is_sender: bool, count: usize) -> Option<Report<'_>> {
    let ssrc = word(packet, 4)?;
    let (sender, at) = if is_sender {
        (Some(read_sender(packet)?), 8 + SENDER_LEN)
    } else {
        (None, 8)
    };
    let blocks = packet.get(at..at + count * BLOCK_LEN)?;
    Some(Report {
        ssrc,
        sender,
        blocks,
    })
}

fn read_sender(packet: &[u8]) -> Option<SenderInfo> {
    Some(SenderInfo {
        ntp: (u64::from(word(packet, 8)?) << 32) | u64::from(word(packet, 12)?),
        timestamp: word(packet, 16)?,
        packets: word(packet, 20)?,
        octets: word(packet, 24)?,
    })
}

fn read_block(block: &[u8]) -> Option<ReportBlock> {
    let lost = word(block, 4)?;
    Some(ReportBlock {
        ssrc: word(block, 0)?,
        fraction_lost: (lost >> 24) as u8,
        lost: (lost << 8).cast_signed() >> 8,
        highest_sequence: word(block, 8)?,
        jitter: word(block, 12)?,
        last_report: word(block, 16)?,
        delay: word(block, 20)?,
    })
}

fn word(octets: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(octets.get(at..at + 4)?.try_into().ok()?))
}

/// Appends a sender report (with `sender`) or receiver report about at most 31 sources to `out`.
pub fn write_report(
    ssrc: u32,
    sender: Option<&SenderInfo>,
    blocks: &[ReportBlock],
    out: &mut Vec<u8>,
) {
    let blocks = &blocks[..blocks.len().min(31)];
    let kind = if sender.is_some() {
        SENDER_REPORT
    } else {
        RECEIVER_REPORT
    };
    let octets = 4 + sender.map_or(0, |_| SENDER_LEN) + blocks.len() * BLOCK_LEN;
    out.push(0x80 | blocks.len() as u8);
    out.push(kind);
    out.extend_from_slice(&((octets / 4) as u16).to_be_bytes());
    out.extend_from_slice(&ssrc.to_be_bytes());
    if let Some(sender) = sender {
        out.extend_from_slice(&sender.ntp.to_be_bytes());
        for value in [sender.timestamp, sender.packets, sender.octets] {
            out.extend_from_slice(&value.to_be_bytes());
        }
    }
    for block in blocks {
        write_block(block, out);
    }
}

fn write_block(block: &ReportBlock, out: &mut Vec<u8>) {
    let lost = block.lost.clamp(-0x80_0000, 0x7f_ffff).cast_unsigned() & 0x00ff_ffff;
    let words = [
        block.ssrc,
        (u32::from(block.fraction_lost) << 24) | lost,
        block.highest_sequence,
        block.jitter,
        block.last_report,
        block.delay,
    ];
    for value in words {
        out.extend_from_slice(&value.to_be_bytes());
    }
}

/// Loss and jitter of one source, as RFC 3550 appendices A.3 and A.8 count them.
#[derive(Clone, Debug, Default)]
pub struct Reception {
    ssrc: u32,
    extender: Extender,
    first: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    transit: Option<i64>,
    /// 16 × jitter.
    jitter: u64,
}

impl Reception {
    /// Counts a packet that arrived at `arrival` on the source's own RTP clock (any origin). Another
    /// SSRC starts anew.
    pub fn push(&mut self, arrival: u64, packet: &Packet<'_>) {
        if self.received == 0 || packet.ssrc != self.ssrc {
            *self = Self {
                ssrc: packet.ssrc,
                ..Self::default()
            };
            self.first = self.extender.extend(packet.sequence);
        } else {
            self.extender.extend(packet.sequence);
        }
        self.received += 1;
        self.count_jitter(arrival, packet.timestamp);
    }

    fn count_jitter(&mut self, arrival: u64, timestamp: u32) {
        let transit = i64::from((arrival as u32).wrapping_sub(timestamp).cast_signed());
        if let Some(before) = self.transit.replace(transit) {
            let difference = transit.abs_diff(before).min(u64::from(u32::MAX));
            self.jitter = self.jitter + difference - ((self.jitter + 8) >> 4);
        }
    }

    /// Packets received.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// Packets that should have come and did not.
    #[must_use]
    pub fn lost(&self) -> i64 {
        self.expected() as i64 - self.received as i64
    }

    /// Interarrival jitter in units of the RTP clock.
    #[must_use]
    pub fn jitter(&self) -> u32 {
        u32::try_from(self.jitter >> 4).unwrap_or(u32::MAX)
    }

    /// The block for the next report; the fraction lost is counted from one call to the next.
    pub fn report(&mut self) -> ReportBlock {
        let expected = self.expected() - self.expected_before;
        let received = self.received - self.received_before;
        self.expected_before = self.expected();
        self.received_before = self.received;
        let lost = expected.saturating_sub(received);
        ReportBlock {
            ssrc: self.ssrc,
            fraction_lost: (lost * 256).checked_div(expected).unwrap_or(0).min(255) as u8,
            lost: i32::try_from(self.lost()).unwrap_or(i32::MAX),
            // The extender starts at one wrap.
            highest_sequence: (self.extender.highest().unwrap_or(0) as u32).wrapping_sub(1 << 16),
            jitter: self.jitter(),
            last_report: 0,
            delay: 0,
        }
    }

    fn expected(&self) -> u64 {
        self.extender
            .highest()
            .map_or(0, |highest| highest - self.first + 1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packet(sequence: u16, timestamp: u32) -> Packet<'static> {
        Packet {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp,
            ssrc: 5,
            payload: &[],
            header_len: 12,
        }
    }

    #[test]
    fn loss_and_fraction_are_counted_across_a_wrap() {
        let mut reception = Reception::default();
        for count in 0..100u16 {
            if count % 4 != 3 {
                let sequence = 65_500u16.wrapping_add(count);
                reception.push(
                    u64::from(count) * 160,
                    &packet(sequence, u32::from(count) * 160),
                );
            }
        }
        let block = reception.report();
        assert_eq!((block.lost, block.fraction_lost, block.jitter), (24, 62, 0));
        assert_eq!(block.highest_sequence, 65_536 + 62);
        assert_eq!(reception.report().fraction_lost, 0, "nothing since");
    }

    #[test]
    fn jitter_settles_at_the_mean_deviation() {
        let mut reception = Reception::default();
        for count in 0..500u32 {
            let late = u64::from(count % 2) * 80;
            reception.push(
                u64::from(count) * 160 + late,
                &packet(count as u16, count * 160),
            );
        }
        assert!(
            (75..=85).contains(&reception.jitter()),
            "{}",
            reception.jitter()
        );
    }

    #[test]
    fn a_compound_of_report_and_bye_is_read() {
        let sender = SenderInfo {
            ntp: 1 << 40,
            timestamp: 7,
            packets: 3,
            octets: 480,
        };
        let block = ReportBlock {
            ssrc: 9,
            fraction_lost: 3,
            lost: -2,
            ..ReportBlock::default()
        };
        let mut compound = Vec::new();
        write_report(1, Some(&sender), &[block], &mut compound);
        compound.extend_from_slice(&[0x81, BYE, 0, 1, 0, 0, 0, 1]);
        compound.extend_from_slice(&[0x80, 205, 0, 9]); // cut short
        let parts: Vec<_> = parts(&compound).collect();
        assert_eq!(parts.len(), 2);
        let Part::Report(report) = parts[0] else {
            panic!("{parts:?}")
        };
        assert_eq!((report.ssrc, report.sender), (1, Some(sender)));
        assert_eq!(report.blocks().collect::<Vec<_>>(), [block]);
        assert_eq!(parts[1], Part::Bye(1));
    }

    proptest! {
        #[test]
        fn any_octets_parse_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..120)) {
            for part in parts(&octets) {
                if let Part::Report(report) = part {
                    prop_assert!(report.blocks().count() <= 31);
                }
            }
        }
    }
}
