//! What the gateway itself plays: made once for each codec, then repeated packet by packet.

use std::sync::{Arc, OnceLock};

use audio_codec::{Encoder as _, g722::G722Encoder};
use media_core::{g711, melody, tone::Sine};
use ropus::{Application, Channels};

use super::Codec;

/// Milliseconds of a frame.
const FRAME_MS: u32 = 20;

/// Something to play, over and over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sound {
    /// 425 Hz, 1 s on, 4 s off (ITU-T E.180): the far end rings.
    Ringback,
    /// Music for those who are on hold.
    Music,
    /// Two short tones of 550 Hz every 2 s: the other side is gone for a moment.
    Away,
}

impl Sound {
    const ALL: [Self; 3] = [Self::Ringback, Self::Music, Self::Away];

    fn samples(self, rate_hz: u32) -> Vec<i16> {
        match self {
            // -14 dBFS: clearly heard, never loud.
            Self::Ringback => beeps(rate_hz, (425.0, 0.2), &[(1000, 4000)]),
            Self::Away => beeps(rate_hz, (550.0, 0.15), &[(160, 120), (160, 1560)]),
            Self::Music => melody::render(rate_hz),
        }
    }
}

/// A tone with pauses: milliseconds on and off.
fn beeps(rate_hz: u32, (hertz, amplitude): (f32, f32), pattern: &[(u32, u32)]) -> Vec<i16> {
    let count = |ms: u32| (rate_hz / 1000 * ms) as usize;
    let mut sine = Sine::new(hertz, rate_hz, amplitude);
    let mut out = Vec::new();
    for (on_ms, off_ms) in pattern {
        let from = out.len();
        out.resize(from + count(*on_ms), 0);
        sine.fill(&mut out[from..]);
        out.resize(out.len() + count(*off_ms), 0);
    }
    out
}

/// A sound in one codec, cut into frames of 20 ms.
#[derive(Debug)]
pub(super) struct Clip {
    octets: Vec<u8>,
    /// Where each frame ends.
    ends: Vec<usize>,
}

impl Clip {
    /// Frame number `at`, counted for ever.
    pub(super) fn frame(&self, at: u32) -> &[u8] {
        let count = self.ends.len().max(1);
        let at = at as usize % count;
        let from = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends
            .get(at)
            .map_or(&[], |end| &self.octets[from..*end])
    }

    fn of(sound: Sound, codec: Codec) -> Self {
        let mut clip = Self {
            octets: Vec::new(),
            ends: Vec::new(),
        };
        let rate_hz = match codec {
            Codec::Pcma | Codec::Pcmu => 8000,
            Codec::G722 => 16_000,
            Codec::Opus => 48_000,
        };
        let samples = sound.samples(rate_hz);
        let frames = samples.chunks_exact((rate_hz / 1000 * FRAME_MS) as usize);
        match codec {
            Codec::Pcma | Codec::Pcmu => {
                frames.for_each(|frame| clip.push(frame.iter().map(|s| g711::linear_to_alaw(*s))));
            }
            Codec::G722 => {
                let mut encoder = G722Encoder::new();
                frames.for_each(|frame| clip.push(encoder.encode(frame)));
            }
            Codec::Opus => clip.encode_opus(frames),
        }
        clip
    }

    fn encode_opus<'a>(&mut self, frames: impl Iterator<Item = &'a [i16]>) {
        let encoder = ropus::Encoder::builder(48_000, Channels::Mono, Application::Audio).build();
        let Ok(mut encoder) = encoder else {
            return tracing::error!("there is no encoder for Opus; sounds are silent there");
        };
        let mut packet = [0; 1500];
        for frame in frames {
            match encoder.encode(frame, &mut packet) {
                Ok(len) => self.push(packet[..len].iter().copied()),
                Err(error) => tracing::error!(?error, "a sound cannot be encoded"),
            }
        }
    }

    fn push(&mut self, frame: impl IntoIterator<Item = u8>) {
        self.octets.extend(frame);
        self.ends.push(self.octets.len());
    }
}

/// All sounds, made when they are wanted first. Both laws share one: the bridge turns it.
#[derive(Debug, Default)]
pub(super) struct Clips {
    made: [[OnceLock<Clip>; 3]; 3],
}

impl Clips {
    /// With those of G.711, which take a few milliseconds.
    pub(super) fn new() -> Arc<Self> {
        let clips = Self::default();
        for sound in Sound::ALL {
            clips.make(sound, Codec::Pcma);
        }
        Arc::new(clips)
    }

    /// Makes one if it is not there. Opus takes some tenths of a second.
    pub(super) fn make(&self, sound: Sound, codec: Codec) {
        let place = self.place(sound, codec);
        place.get_or_init(|| Clip::of(sound, codec));
    }

    /// What is there; never waits.
    pub(super) fn get(&self, sound: Sound, codec: Codec) -> Option<&Clip> {
        self.place(sound, codec).get()
    }

    fn place(&self, sound: Sound, codec: Codec) -> &OnceLock<Clip> {
        let codec = match codec {
            Codec::Pcma | Codec::Pcmu => 0,
            Codec::G722 => 1,
            Codec::Opus => 2,
        };
        &self.made[sound as usize][codec]
    }
}
