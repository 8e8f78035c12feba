//! Packets in a stream of octets, each after its length in two octets (RFC 4571 §2).

use std::ops::Range;

/// Octets of the length.
pub(super) const LENGTH: usize = 2;

/// A frame is longer than may be: the stream cannot be followed any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {0} octets")]
pub(in crate::media) struct TooLong(pub usize);

/// Where the packet of the frame that begins at `at` lies. `None`: it has not come completely.
///
/// # Errors
/// [`TooLong`] as soon as the length is known.
pub(super) fn packet_at(
    octets: &[u8],
    at: usize,
    longest: usize,
) -> Result<Option<Range<usize>>, TooLong> {
    let Some(length) = octets.get(at..at + LENGTH) else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes([length[0], length[1]]));
    if length > longest {
        return Err(TooLong(length));
    }
    let begin = at + LENGTH;
    Ok((octets.len() >= begin + length).then_some(begin..begin + length))
}

/// What a frame begins with.
pub(super) fn length_of(packet: &[u8]) -> Option<[u8; LENGTH]> {
    u16::try_from(packet.len()).ok().map(u16::to_be_bytes)
}

/// The part of a frame that has come, between two readings.
#[derive(Debug, Default)]
pub(super) struct Remainder(Vec<u8>);

impl Remainder {
    /// Puts what was kept at the beginning of `buffer`, which has room for a frame; gives its length.
    pub(super) fn resume(&mut self, buffer: &mut [u8]) -> usize {
        let length = self.0.len();
        buffer[..length].copy_from_slice(&self.0);
        self.0.clear();
        length
    }

    /// Keeps the beginning of a frame.
    pub(super) fn keep(&mut self, octets: &[u8]) {
        self.0.clear();
        self.0.extend_from_slice(octets);
    }
}

/// The packets a reader gets who receives these pieces one after another.
///
/// # Errors
/// [`TooLong`].
#[cfg(any(test, feature = "fuzzing"))]
pub(in crate::media) fn read(pieces: &[&[u8]], longest: usize) -> Result<Vec<Vec<u8>>, TooLong> {
    let mut remainder = Remainder::default();
    let mut packets = Vec::new();
    for piece in pieces {
        let mut buffer = vec![0; LENGTH + longest + piece.len()];
        let kept = remainder.resume(&mut buffer);
        let end = kept + piece.len();
        buffer[kept..end].copy_from_slice(piece);
        let mut at = 0;
        while let Some(packet) = packet_at(&buffer[..end], at, longest)? {
            at = packet.end;
            packets.push(buffer[packet].to_vec());
        }
        remainder.keep(&buffer[at..end]);
    }
    Ok(packets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frames(packets: &[Vec<u8>]) -> Vec<u8> {
        let mut octets = Vec::new();
        for packet in packets {
            octets.extend(length_of(packet).unwrap());
            octets.extend(packet);
        }
        octets
    }

    #[test]
    fn an_empty_frame_is_a_packet_of_nothing() {
        assert_eq!(read(&[&[0, 0, 0, 1, 7]], 10), Ok(vec![Vec::new(), vec![7]]));
    }

    #[test]
    fn a_length_beyond_the_limit_is_refused_before_the_frame_has_come() {
        assert_eq!(read(&[&[0, 10]], 10), Ok(Vec::new()));
        assert_eq!(read(&[&[0], &[11]], 10), Err(TooLong(11)));
    }

    proptest! {
        #[test]
        fn packets_arrive_whole_however_the_stream_is_cut(
            packets in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..300), 1..8),
            cuts in proptest::collection::vec(1_usize..400, 1..20),
        ) {
            let octets = frames(&packets);
            let mut pieces = Vec::new();
            let mut rest = octets.as_slice();
            for cut in cuts.iter().cycle() {
                let (piece, tail) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = tail;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(read(&pieces, 300).unwrap(), packets);
        }
    }
}
