//! Tones in any codec: spoken, and understood.

use audio_codec::{
    Encoder as _,
    g722::{Bitrate, G722Decoder, G722Encoder},
};
use media_core::{g711, tone::Sine};
use ropus::{Application, Channels, DecodeMode};
use sip_gateway::media::Codec;

/// One who says a tone.
pub struct Voice {
    codec: Codec,
    sine: Sine,
    g722: G722Encoder,
    opus: ropus::Encoder,
}

impl Voice {
    pub fn new(codec: Codec, hertz: f32) -> Self {
        let rate = match codec {
            Codec::Pcma | Codec::Pcmu => 8000,
            Codec::G722 => 16_000,
            Codec::Opus => 48_000,
        };
        let opus = ropus::Encoder::builder(48_000, Channels::Mono, Application::Voip);
        Self {
            codec,
            sine: Sine::new(hertz, rate, 0.4),
            g722: G722Encoder::new(),
            opus: opus.build().unwrap(),
        }
    }

    /// The next 20 ms.
    pub fn frame(&mut self) -> Vec<u8> {
        let (mut narrow, mut wide, mut full) = ([0; 160], [0; 320], [0; 960]);
        match self.codec {
            Codec::Pcma | Codec::Pcmu => {
                self.sine.fill(&mut narrow);
                let mut payload = Vec::new();
                let number = self.codec.static_payload();
                assert!(g711::encode(number, &narrow, &mut payload));
                payload
            }
            Codec::G722 => {
                self.sine.fill(&mut wide);
                self.g722.encode(&wide)
            }
            Codec::Opus => {
                self.sine.fill(&mut full);
                let mut payload = vec![0; 1500];
                let len = self.opus.encode(&full, &mut payload).unwrap();
                payload.truncate(len);
                payload
            }
        }
    }
}

/// One who understands every codec at 8 kHz, by the usual payload types.
pub struct Understanding {
    g722: G722Decoder,
    opus: ropus::Decoder,
}

impl Understanding {
    pub fn new() -> Self {
        Self {
            g722: G722Decoder::with_options(Bitrate::Mode1_64000, false, true),
            opus: ropus::Decoder::new(8000, Channels::Mono).unwrap(),
        }
    }

    /// `None`: no audio.
    pub fn decode(&mut self, number: u8, payload: &[u8], samples: &mut [i16]) -> Option<usize> {
        if number == Codec::Opus.static_payload() {
            let decoded = self
                .opus
                .decode(payload, &mut samples[..960], DecodeMode::Normal);
            Some(decoded.unwrap())
        } else if number == Codec::G722.static_payload() {
            Some(self.g722.decode_frame_into(payload, samples).unwrap())
        } else {
            g711::decode(number, payload, samples)
        }
    }
}
