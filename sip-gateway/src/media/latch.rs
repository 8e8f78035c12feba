//! Where a SIP peer's RTP comes from and ours goes: symmetric RTP (RFC 4961) that a stranger cannot
//! take over.
//!
//! The address in the SDP is believed at once, always. Any other source must first show a steady
//! stream ([`PROBATION`] packets in sequence), and once a source is known another one only gets its
//! chance when that one has been silent for [`SILENCE_US`].

use std::net::SocketAddr;

/// Packets in sequence a source other than the SDP's must show.
const PROBATION: u8 = 4;
/// The known source must have been silent this long before another one is heard.
const SILENCE_US: u64 = 500_000;
/// After a new SDP address the old source is still heard, but gets nothing back, for so long.
const GRACE_US: u64 = 2_000_000;
/// Sequence numbers a stream may have moved on while it changed its address.
const PLAUSIBLE_GAP: u16 = 3000;

/// The latch of one line leg.
#[derive(Debug, Default)]
pub(super) struct Latch {
    /// Where the SDP says RTP goes to and so most likely comes from.
    described: Option<SocketAddr>,
    known: Option<Known>,
    candidate: Option<Candidate>,
    /// The source before the last change of the SDP, heard until this time.
    former: Option<(SocketAddr, u64)>,
}

#[derive(Debug)]
struct Known {
    address: SocketAddr,
    last_us: u64,
    ssrc: u32,
    sequence: u16,
}

#[derive(Debug)]
struct Candidate {
    address: SocketAddr,
    ssrc: u32,
    sequence: u16,
    in_order: u8,
}

impl Latch {
    /// A description says where the peer is now.
    pub(super) fn describe(&mut self, address: Option<SocketAddr>, now_us: u64) {
        let Some(address) = address else { return };
        if self.described == Some(address) {
            return;
        }
        if let Some(known) = self.known.take_if(|known| known.address != address) {
            self.former = Some((known.address, now_us + GRACE_US));
        }
        self.described = Some(address);
        self.candidate = None;
    }

    /// Where to send; `None`: nobody knows yet.
    pub(super) fn target(&self) -> Option<SocketAddr> {
        self.known
            .as_ref()
            .map(|known| known.address)
            .or(self.described)
    }

    /// Whether a well-formed packet from here belongs to the call.
    pub(super) fn accepts(
        &mut self,
        from: SocketAddr,
        ssrc: u32,
        sequence: u16,
        now_us: u64,
    ) -> bool {
        if let Some(known) = self.known.as_mut().filter(|known| known.address == from) {
            (known.last_us, known.ssrc, known.sequence) = (now_us, ssrc, sequence);
            return true;
        }
        if self.described == Some(from) {
            self.latch(from, ssrc, sequence, now_us);
            return true;
        }
        if self
            .former
            .is_some_and(|(former, until)| former == from && now_us < until)
        {
            return true;
        }
        if self.may_move_to(from, ssrc, sequence, now_us) && self.probation(from, ssrc, sequence) {
            self.latch(from, ssrc, sequence, now_us);
            return true;
        }
        false
    }

    fn latch(&mut self, address: SocketAddr, ssrc: u32, sequence: u16, now_us: u64) {
        self.known = Some(Known {
            address,
            last_us: now_us,
            ssrc,
            sequence,
        });
        self.candidate = None;
        self.former = None;
    }

    /// Whether a source that the SDP does not name may try at all.
    fn may_move_to(&self, from: SocketAddr, ssrc: u32, sequence: u16, now_us: u64) -> bool {
        let Some(known) = &self.known else {
            return true;
        };
        let silent = now_us.saturating_sub(known.last_us) >= SILENCE_US;
        let continues = known.ssrc == ssrc && sequence.wrapping_sub(known.sequence) < PLAUSIBLE_GAP;
        let described = self
            .described
            .is_some_and(|address| address.ip() == from.ip());
        silent && (continues || described)
    }

    fn probation(&mut self, from: SocketAddr, ssrc: u32, sequence: u16) -> bool {
        let same = self.candidate.as_mut().filter(|candidate| {
            candidate.address == from
                && candidate.ssrc == ssrc
                && sequence == candidate.sequence.wrapping_add(1)
        });
        if let Some(candidate) = same {
            candidate.sequence = sequence;
            candidate.in_order += 1;
            return candidate.in_order >= PROBATION;
        }
        // One stranger at a time: a spray from many sources keeps none of them.
        self.candidate = Some(Candidate {
            address: from,
            ssrc,
            sequence,
            in_order: 1,
        });
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDP: &str = "203.0.113.9:4000";
    const NAT: &str = "203.0.113.9:61000";
    const THIEF: &str = "198.51.100.66:4000";

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn latch() -> Latch {
        let mut latch = Latch::default();
        latch.describe(Some(address(SDP)), 0);
        latch
    }

    /// How many of `count` packets in sequence are taken.
    fn send(latch: &mut Latch, from: &str, ssrc: u32, first: u16, count: u16, at_ms: u64) -> usize {
        (0..count)
            .filter(|step| {
                let now = (at_ms + u64::from(*step) * 20) * 1000;
                latch.accepts(address(from), ssrc, first + step, now)
            })
            .count()
    }

    #[test]
    fn the_described_source_is_believed_from_its_first_packet() {
        let mut latch = latch();
        assert_eq!(latch.target(), Some(address(SDP)));
        assert_eq!(send(&mut latch, SDP, 1, 100, 10, 0), 10);
    }

    #[test]
    fn a_peer_behind_nat_is_latched_after_a_few_packets() {
        let mut latch = latch();
        assert_eq!(send(&mut latch, NAT, 1, 100, 10, 0), 7);
        assert_eq!(latch.target(), Some(address(NAT)));
    }

    #[test]
    fn a_thief_gets_nothing_while_the_peer_talks() {
        let mut latch = latch();
        send(&mut latch, NAT, 1, 100, 10, 0);
        for round in 0..50 {
            assert_eq!(send(&mut latch, THIEF, 1, 110, 5, 200 + round * 20), 0);
            assert_eq!(send(&mut latch, NAT, 1, 110, 1, 200 + round * 20), 1);
        }
        assert_eq!(latch.target(), Some(address(NAT)));
    }

    #[test]
    fn a_thief_that_came_first_loses_to_the_described_source() {
        let mut latch = latch();
        send(&mut latch, THIEF, 9, 1, 10, 0);
        assert_eq!(send(&mut latch, SDP, 1, 100, 1, 300), 1);
        assert_eq!(latch.target(), Some(address(SDP)));
        assert_eq!(send(&mut latch, THIEF, 9, 11, 10, 320), 0);
    }

    #[test]
    fn a_strange_stream_never_takes_over_however_long_the_silence() {
        let mut latch = latch();
        send(&mut latch, NAT, 1, 100, 10, 0);
        assert_eq!(send(&mut latch, THIEF, 2, 1, 100, 60_000), 0);
    }

    #[test]
    fn the_same_stream_from_a_new_address_is_followed_after_silence() {
        let mut latch = latch();
        send(&mut latch, NAT, 1, 100, 10, 0);
        assert_eq!(send(&mut latch, "198.51.100.1:7000", 1, 120, 10, 1000), 7);
        assert_eq!(latch.target(), Some(address("198.51.100.1:7000")));
    }

    #[test]
    fn a_new_description_moves_the_target_and_the_old_source_is_heard_a_little() {
        let mut latch = latch();
        send(&mut latch, SDP, 1, 100, 10, 0);
        let moved = "198.51.100.2:5000";
        latch.describe(Some(address(moved)), 200_000);
        assert_eq!(latch.target(), Some(address(moved)));
        assert_eq!(send(&mut latch, SDP, 1, 110, 5, 200), 5);
        assert_eq!(latch.target(), Some(address(moved)));
        assert_eq!(send(&mut latch, moved, 2, 1, 5, 300), 5);
        assert_eq!(send(&mut latch, SDP, 1, 115, 5, 400), 0);
    }
}
