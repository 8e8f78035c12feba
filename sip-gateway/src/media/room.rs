//! Three that talk with each other: a mixer and its clock. G.711 only; others are offered it before.

use std::time::Instant;

use media_core::{g711, mixer, rtp::Packet};

use super::{Channel, Codec, LegId, leg::Received, player::FRAME_US, sdp::session::Payload};
use crate::recording::Sink;

/// How many talk.
pub(super) const SEATS: usize = 3;
/// Longest packet that is understood, samples: 240 ms.
const LONGEST: usize = 1920;

/// A conference of three.
pub(super) struct Room {
    /// The first is the employee whose conference it is.
    pub legs: [LegId; SEATS],
    mixer: Box<mixer::Mixer<SEATS>>,
    /// What the employee hears is one side of the recording.
    pub tap: Option<(Sink, Channel)>,
    /// Its name as a source of packets.
    number: u32,
    frame: u32,
    next_us: u64,
}

impl Room {
    pub(super) fn new(legs: [LegId; SEATS], number: u32, now_us: u64) -> Self {
        Self {
            legs,
            mixer: Box::default(),
            tap: None,
            number,
            frame: 0,
            next_us: now_us + FRAME_US,
        }
    }

    /// Somebody in it said something.
    pub(super) fn hear(&mut self, id: LegId, received: Received<'_>) {
        let (Payload::Audio(codec), Some(seat)) = (
            received.payload,
            self.legs.iter().position(|leg| *leg == id),
        ) else {
            return;
        };
        if !codec.becomes(Codec::Pcma) {
            return;
        }
        let mut samples = [0; LONGEST];
        let count = g711::decode(
            codec.static_payload(),
            received.packet.payload,
            &mut samples,
        );
        if let Some(heard) = count.and_then(|count| samples.get(..count)) {
            self.mixer.push(seat, heard);
        }
    }

    /// The next frame for each, if it is due.
    pub(super) fn frames(&mut self, now: Instant, now_us: u64) -> Option<Frames> {
        if now_us < self.next_us {
            return None;
        }
        // After a stall the mixer goes on; it does not catch up.
        self.next_us = (self.next_us + FRAME_US).max(now_us.saturating_sub(FRAME_US));
        let mut octets = [[0; mixer::FRAME]; SEATS];
        for (octets, samples) in octets.iter_mut().zip(self.mixer.mix()) {
            for (octet, sample) in octets.iter_mut().zip(samples) {
                *octet = g711::linear_to_alaw(*sample);
            }
        }
        let frames = Frames {
            octets,
            number: self.number,
            frame: self.frame,
        };
        self.frame = self.frame.wrapping_add(1);
        if let Some((sink, channel)) = &self.tap {
            sink.packet(*channel, now, &frames.of(0).packet);
        }
        Some(frames)
    }
}

/// 20 ms for everyone.
pub(super) struct Frames {
    octets: [[u8; mixer::FRAME]; SEATS],
    number: u32,
    frame: u32,
}

impl Frames {
    /// What one of them hears.
    pub(super) fn of(&self, seat: usize) -> Received<'_> {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = self.frame as u16;
        let packet = Packet {
            payload_type: Codec::Pcma.static_payload(),
            marker: false,
            sequence,
            timestamp: self.frame.wrapping_mul(160),
            ssrc: self.number,
            payload: self.octets.get(seat).map_or(&[], |octets| octets),
            header_len: 0,
        };
        Received {
            packet,
            payload: Payload::Audio(Codec::Pcma),
        }
    }
}
