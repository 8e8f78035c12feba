//! Plays a sound to one leg, a frame every 20 ms.

use media_core::rtp::Packet;

use super::{
    Codec, LegId,
    leg::Received,
    sdp::session::Payload,
    sound::{Clips, Sound},
};

/// A frame every 20 ms.
pub(super) const FRAME_US: u64 = 20_000;
/// The source of what is played.
pub(super) const PLAYER: LegId = LegId(u64::MAX);
/// A player that fills gaps begins after this much silence.
const SILENCE_US: u64 = 400_000;
/// One that plays until something comes gives it this long: the first packets of early media follow
/// its description at once.
const PATIENCE_US: u64 = 1_000_000;

/// When a player lets the leg be heard that its own one is joined to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manners {
    /// Never.
    Alone,
    /// Whenever something comes: who put us on hold may play music of their own.
    FillsGaps,
    /// From the first packet on, and then for good: what the network plays before an answer may have
    /// pauses, which are its own.
    UntilHeard,
}

/// A sound that is being played.
#[derive(Debug)]
pub(super) struct Player {
    pub sound: Sound,
    /// How it gets on with the leg this one is joined to.
    pub manners: Manners,
    /// Tells one player's packets from the next one's.
    number: u32,
    frame: u32,
    next_us: u64,
    heard_us: Option<u64>,
}

impl Player {
    pub(super) fn new(sound: Sound, manners: Manners, number: u32, now_us: u64) -> Self {
        let wait = match manners {
            Manners::UntilHeard => PATIENCE_US,
            Manners::Alone | Manners::FillsGaps => 0,
        };
        Self {
            sound,
            manners,
            number,
            frame: 0,
            next_us: now_us + wait,
            heard_us: None,
        }
    }

    /// Whether a packet of the joined leg is passed on; it is then that leg's turn.
    pub(super) fn yields(&mut self, now_us: u64) -> bool {
        self.heard_us = Some(now_us);
        self.manners != Manners::Alone
    }

    /// The next frame in this codec, if it is due.
    pub(super) fn frame<'a>(
        &mut self,
        clips: &'a Clips,
        codec: Codec,
        now_us: u64,
    ) -> Option<Received<'a>> {
        if now_us < self.next_us {
            return None;
        }
        // After a stall the sound goes on; it does not catch up.
        self.next_us = (self.next_us + FRAME_US).max(now_us.saturating_sub(FRAME_US));
        let lately = |at: u64| now_us.saturating_sub(at) < SILENCE_US;
        let yields = match self.manners {
            Manners::Alone => false,
            Manners::FillsGaps => self.heard_us.is_some_and(lately),
            Manners::UntilHeard => self.heard_us.is_some(),
        };
        if yields {
            return None;
        }
        let codec = if codec.becomes(Codec::Pcma) {
            Codec::Pcma
        } else {
            codec
        };
        let payload = clips.get(self.sound, codec)?.frame(self.frame);
        let frame = self.frame;
        self.frame = frame.wrapping_add(1);
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = frame as u16;
        let packet = Packet {
            payload_type: codec.static_payload(),
            marker: false,
            sequence,
            timestamp: frame.wrapping_mul(codec.clock_hz() / 50),
            ssrc: self.number,
            payload,
            header_len: 0,
        };
        Some(Received {
            packet,
            payload: Payload::Audio(codec),
        })
    }
}
