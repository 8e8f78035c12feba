//! How packets travelled between us and a peer.

use crate::media::Codec;

/// What a leg met since it was measured last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegFigures {
    /// Milliseconds measured.
    pub over_ms: u32,
    /// The codec agreed on.
    pub codec: Codec,
    /// What came from the peer.
    pub received: Travel,
    /// What we sent, as the peer's receiver reports have it (RFC 3550 §6.4); `None`: it sends none.
    pub sent: Option<Travel>,
    /// Milliseconds there and back, by its reports.
    pub round_trip_ms: Option<u16>,
}

/// One direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Travel {
    /// Packets that should have come.
    pub expected: u32,
    /// Those that did not.
    pub lost: u32,
    /// Interarrival jitter, milliseconds.
    pub jitter_ms: u16,
}

impl Travel {
    /// Packets lost in a thousand.
    #[must_use]
    pub fn loss_permille(self) -> u16 {
        let lost = u64::from(self.lost.min(self.expected)) * 1000;
        let share = lost.checked_div(u64::from(self.expected)).unwrap_or(0);
        u16::try_from(share).unwrap_or(1000)
    }
}
