//! The tone a caller hears while the far end rings: 425 Hz, 1 s on, 4 s off (ITU-T E.180).

use media_core::{g711, rtp::Packet, tone::Sine};

use super::{Codec, leg::Received, sdp::session::Payload};

/// A frame every 20 ms.
pub(super) const FRAME_US: u64 = 20_000;
const FRAME: usize = 160;
const PERIOD_FRAMES: u32 = 250;
const SOUNDING_FRAMES: u32 = 50;
/// -14 dBFS: clearly heard, never loud.
const AMPLITUDE: f32 = 0.2;

/// A ringback tone that plays.
pub(super) struct Ringback {
    sine: Sine,
    frame: u32,
    next_us: u64,
    octets: [u8; FRAME],
}

impl Ringback {
    pub(super) fn new(now_us: u64) -> Self {
        let sine = Sine::new(425.0, g711::RATE_HZ, AMPLITUDE);
        Self {
            sine,
            frame: 0,
            next_us: now_us,
            octets: [g711::ALAW_SILENCE; FRAME],
        }
    }

    /// The next frame if it is due. Its source is number 0, which no RTP source shares a leg with.
    pub(super) fn frame(&mut self, now_us: u64) -> Option<Received<'_>> {
        if now_us < self.next_us {
            return None;
        }
        // After a stall the tone goes on; it does not catch up.
        self.next_us = (self.next_us + FRAME_US).max(now_us.saturating_sub(FRAME_US));
        let frame = self.frame;
        self.frame = frame.wrapping_add(1);
        if frame % PERIOD_FRAMES < SOUNDING_FRAMES {
            let mut samples = [0; FRAME];
            self.sine.fill(&mut samples);
            for (octet, sample) in self.octets.iter_mut().zip(samples) {
                *octet = g711::linear_to_alaw(sample);
            }
        } else {
            self.octets = [g711::ALAW_SILENCE; FRAME];
        }
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = frame as u16;
        let packet = Packet {
            payload_type: Codec::Pcma.static_payload(),
            marker: false,
            sequence,
            timestamp: frame.wrapping_mul(160),
            ssrc: 0,
            payload: &self.octets,
            header_len: 0,
        };
        Some(Received {
            packet,
            payload: Payload::Audio(Codec::Pcma),
        })
    }
}
