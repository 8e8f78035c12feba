//! Payloads of a journal as samples at 8 kHz.

use audio_codec::g722::{Bitrate, G722Decoder};
use media_core::{
    g711,
    rtp::{Packet, TimestampExtender},
};
use ropus::{Channels, DecodeMode};

use crate::media::Codec;

/// Ticks of Opus' clock for one sample at 8 kHz.
const OPUS_TICKS: u64 = 6;

/// Decodes one side. G.722 and Opus remember what was before.
#[derive(Default)]
pub(super) struct Decoder {
    g722: Option<G722Decoder>,
    opus: Option<Box<ropus::Decoder>>,
    opus_time: TimestampExtender,
}

impl Decoder {
    /// Samples written into `out`, and their time in ticks of 8 kHz; `None`: no audio, or damaged.
    pub(super) fn decode(&mut self, packet: &Packet<'_>, out: &mut [i16]) -> Option<(usize, u32)> {
        let number = packet.payload_type;
        if number == Codec::Opus.static_payload() {
            return self.opus(packet, out);
        }
        let count = if number == Codec::G722.static_payload() {
            self.g722(packet.payload, out)?
        } else {
            g711::decode(number, packet.payload, out)?
        };
        Some((count, packet.timestamp))
    }

    fn g722(&mut self, payload: &[u8], out: &mut [i16]) -> Option<usize> {
        // The lower band alone: the recording is telephone audio.
        let new = || G722Decoder::with_options(Bitrate::Mode1_64000, false, true);
        let decoder = self.g722.get_or_insert_with(new);
        decoder.decode_frame_into(payload, out).ok()
    }

    fn opus(&mut self, packet: &Packet<'_>, out: &mut [i16]) -> Option<(usize, u32)> {
        let ticks = self.opus_time.extend(packet.timestamp);
        if self.opus.is_none() {
            let new = ropus::Decoder::new(g711::RATE_HZ, Channels::Mono).ok()?;
            self.opus = Some(Box::new(new));
        }
        // Without data it would conceal; the timeline does that.
        let decoder = self.opus.as_mut().filter(|_| !packet.payload.is_empty())?;
        let longest = g711::RATE_HZ as usize * 120 / 1000;
        let room = out.get_mut(..longest)?;
        let count = decoder
            .decode(packet.payload, room, DecodeMode::Normal)
            .ok()?;
        #[expect(clippy::cast_possible_truncation, reason = "timestamps wrap")]
        let timestamp = (ticks / OPUS_TICKS) as u32;
        Some((count, timestamp))
    }
}
