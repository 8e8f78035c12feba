//! RTP packets (RFC 3550 §5.1), told apart from RTCP (RFC 5761 §4).

/// Octets of a header without CSRCs and extension.
pub const HEADER_LEN: usize = 12;

/// A packet, borrowed from the datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet<'a> {
    /// Payload type, 0–127.
    pub payload_type: u8,
    /// Marker bit: for audio the first packet after silence.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp in units of the payload's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Payload without padding.
    pub payload: &'a [u8],
    /// Octets before the payload: fixed header, CSRCs and extension.
    pub header_len: usize,
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` when the octets are no RTP version 2 packet or are cut short.
    #[must_use]
    pub fn parse(datagram: &'a [u8]) -> Option<Self> {
        let [first, second, ..] = *datagram else {
            return None;
        };
        if first >> 6 != 2 {
            return None;
        }
        let header_len = header_len(datagram)?;
        let end = datagram.len() - padding(datagram, header_len)?;
        Some(Self {
            payload_type: second & 0x7f,
            marker: second & 0x80 != 0,
            sequence: u16::from_be_bytes(array(datagram, 2)?),
            timestamp: u32::from_be_bytes(array(datagram, 4)?),
            ssrc: u32::from_be_bytes(array(datagram, 8)?),
            payload: &datagram[header_len..end],
            header_len,
        })
    }

    /// The fixed part of the header.
    #[must_use]
    pub fn header(&self) -> Header {
        Header {
            payload_type: self.payload_type,
            marker: self.marker,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        }
    }
}

/// Octets before the payload, checked against the datagram's length.
fn header_len(datagram: &[u8]) -> Option<usize> {
    let first = *datagram.first()?;
    let mut len = HEADER_LEN + usize::from(first & 0x0f) * 4;
    if first & 0x10 != 0 {
        // RFC 3550 §5.3.1: the length counts 32-bit words after the extension's own four octets.
        let words = u16::from_be_bytes(array(datagram, len + 2)?);
        len += 4 + usize::from(words) * 4;
    }
    (len <= datagram.len()).then_some(len)
}

/// Octets of padding at the end; `None` when its count is impossible.
fn padding(datagram: &[u8], header_len: usize) -> Option<usize> {
    if datagram.first()? & 0x20 == 0 {
        return Some(0);
    }
    let count = usize::from(*datagram.last()?);
    (count > 0 && header_len + count <= datagram.len()).then_some(count)
}

fn array<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..at + N)?.try_into().ok()
}

/// The fixed part of a header, for writing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Payload type, 0–127.
    pub payload_type: u8,
    /// Marker bit.
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Timestamp in units of the payload's clock.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl Header {
    /// Appends header and payload to `out`.
    pub fn encode(&self, payload: &[u8], out: &mut Vec<u8>) {
        let mut header = [0; HEADER_LEN];
        write_header(&mut header, self);
        out.extend_from_slice(&header);
        out.extend_from_slice(payload);
    }
}

/// Writes a header without CSRCs, extension and padding.
pub fn write_header(out: &mut [u8; HEADER_LEN], header: &Header) {
    out[0] = 0x80;
    out[1] = (u8::from(header.marker) << 7) | (header.payload_type & 0x7f);
    out[2..4].copy_from_slice(&header.sequence.to_be_bytes());
    out[4..8].copy_from_slice(&header.timestamp.to_be_bytes());
    out[8..12].copy_from_slice(&header.ssrc.to_be_bytes());
}

/// Whether a datagram that shares a port with RTP is RTCP, judged by its second octet.
#[must_use]
pub fn is_rtcp(second_octet: u8) -> bool {
    // RFC 5761 §4: packet types 192–223 cannot be confused with payload types in use.
    (192..=223).contains(&second_octet)
}

/// Widens 16-bit sequence numbers to 64 bits, following wraps in both directions.
///
/// Starts at 65,536 × 1 + the first number, so that packets older than the first stay positive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extender {
    highest: Option<u64>,
}

impl Extender {
    /// The widened number; the nearest one to the highest seen so far.
    pub fn extend(&mut self, sequence: u16) -> u64 {
        let Some(highest) = self.highest else {
            let first = (1 << 16) | u64::from(sequence);
            self.highest = Some(first);
            return first;
        };
        let ahead = sequence.wrapping_sub(highest as u16).cast_signed();
        let extended = highest.saturating_add_signed(i64::from(ahead));
        self.highest = Some(highest.max(extended));
        extended
    }

    /// The highest number seen.
    #[must_use]
    pub fn highest(&self) -> Option<u64> {
        self.highest
    }
}

/// Widens 32-bit timestamps to 64 bits, following wraps in both directions.
///
/// Starts at 2³² + the first timestamp.
#[derive(Clone, Copy, Debug, Default)]
pub struct TimestampExtender {
    last: Option<u64>,
}

impl TimestampExtender {
    /// The widened timestamp; the nearest one to the last.
    pub fn extend(&mut self, timestamp: u32) -> u64 {
        let extended = match self.last {
            None => (1 << 32) | u64::from(timestamp),
            Some(last) => {
                let ahead = timestamp.wrapping_sub(last as u32).cast_signed();
                last.saturating_add_signed(i64::from(ahead))
            }
        };
        self.last = Some(extended);
        extended
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn csrcs_extension_and_padding_are_not_payload() {
        let mut datagram = vec![
            0x80 | 0x20 | 0x10 | 2,
            0x80 | 8,
            0,
            7,
            0,
            0,
            0,
            160,
            1,
            2,
            3,
            4,
        ];
        datagram.extend_from_slice(&[9; 8]); // two CSRCs
        datagram.extend_from_slice(&[0xbe, 0xde, 0, 1, 5, 5, 5, 5]); // one word of extension
        datagram.extend_from_slice(&[42, 43]);
        datagram.extend_from_slice(&[0, 0, 3]); // padding
        let packet = Packet::parse(&datagram).expect("a packet");
        assert_eq!(packet.payload, [42, 43]);
        assert_eq!(packet.header_len, 28);
        assert_eq!((packet.payload_type, packet.marker), (8, true));
        assert_eq!(
            (packet.sequence, packet.timestamp, packet.ssrc),
            (7, 160, 0x0102_0304)
        );
    }

    #[test]
    fn impossible_lengths_are_refused() {
        assert_eq!(Packet::parse(&[0x80; 11]), None);
        let mut padded = [0u8; 13];
        padded[0] = 0xa0;
        padded[12] = 2;
        assert_eq!(Packet::parse(&padded), None, "more padding than payload");
        padded[12] = 0;
        assert_eq!(Packet::parse(&padded), None, "padding of zero octets");
        let mut csrcs = [0u8; 20];
        csrcs[0] = 0x8f;
        assert_eq!(Packet::parse(&csrcs), None, "15 CSRCs in 20 octets");
    }

    #[test]
    fn rtcp_is_told_by_its_second_octet() {
        assert!(is_rtcp(200) && is_rtcp(201) && is_rtcp(205));
        assert!(!is_rtcp(8) && !is_rtcp(0x80 | 8) && !is_rtcp(0x80 | 101) && !is_rtcp(96));
    }

    #[test]
    fn sequence_wraps_forwards_and_late_packets_go_back() {
        let mut extender = Extender::default();
        let first = extender.extend(65_534);
        assert_eq!(extender.extend(1), first + 3);
        assert_eq!(extender.extend(65_535), first + 1);
        assert_eq!(extender.extend(2), first + 4);
        assert_eq!(extender.highest(), Some(first + 4));
    }

    #[test]
    fn timestamps_wrap() {
        let mut extender = TimestampExtender::default();
        let first = extender.extend(u32::MAX - 79);
        assert_eq!(extender.extend(80), first + 160);
        assert_eq!(extender.extend(u32::MAX - 79), first);
    }

    proptest! {
        #[test]
        fn any_octets_parse_without_panic(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Some(packet) = Packet::parse(&octets) {
                prop_assert!(packet.header_len + packet.payload.len() <= octets.len());
            }
        }

        #[test]
        fn what_is_written_is_read(
            payload_type in 0u8..128, marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
            payload in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let header = Header { payload_type, marker, sequence, timestamp, ssrc };
            let mut octets = Vec::new();
            header.encode(&payload, &mut octets);
            let packet = Packet::parse(&octets).expect("our own packet");
            prop_assert_eq!(packet.header(), header);
            prop_assert_eq!(packet.payload, &payload[..]);
        }
    }
}
