//! Keys towards a line that wants them as tones in the audio.

use std::collections::VecDeque;

use media_core::{
    dtmf::in_band::{Hearing, KeyTone},
    g711,
    rtp::Packet,
};

use super::{Codec, leg::Received, player::FRAME_US, sdp::session::Payload};

const FRAME: usize = 160;
/// 100 ms of tone, 80 ms of silence: twice what must be understood (ITU-T Q.24).
const TONE_FRAMES: u8 = 5;
const PAUSE_FRAMES: u8 = 4;
/// Keys that wait; nobody types ahead so far.
const WAITING: usize = 32;

/// Keys of a leg in both directions.
pub(super) struct Keys {
    waiting: VecDeque<char>,
    playing: Option<(KeyTone, u8)>,
    next_us: u64,
    frame: u32,
    octets: [u8; FRAME],
    hearing: Hearing,
}

impl Keys {
    pub(super) fn new() -> Self {
        Self {
            waiting: VecDeque::with_capacity(WAITING),
            playing: None,
            next_us: 0,
            frame: 0,
            octets: [g711::ALAW_SILENCE; FRAME],
            hearing: Hearing::default(),
        }
    }

    /// A key to play; more than fit are lost.
    pub(super) fn press(&mut self, digit: char, now_us: u64) {
        if !self.is_playing() {
            self.next_us = now_us;
        }
        if self.waiting.len() < WAITING {
            self.waiting.push_back(digit);
        }
    }

    /// Whether other audio has to wait.
    pub(super) fn is_playing(&self) -> bool {
        self.playing.is_some() || !self.waiting.is_empty()
    }

    /// The next frame if it is due.
    pub(super) fn frame(&mut self, now_us: u64) -> Option<Received<'_>> {
        if now_us < self.next_us {
            return None;
        }
        if self.playing.is_none() {
            let tone = KeyTone::new(self.waiting.pop_front()?)?;
            self.playing = Some((tone, 0));
        }
        self.next_us = (self.next_us + FRAME_US).max(now_us.saturating_sub(FRAME_US));
        let (tone, done) = self.playing.as_mut()?;
        let mut samples = [0; FRAME];
        if *done < TONE_FRAMES {
            tone.fill(&mut samples);
        }
        *done += 1;
        if *done == TONE_FRAMES + PAUSE_FRAMES {
            self.playing = None;
        }
        for (octet, sample) in self.octets.iter_mut().zip(samples) {
            *octet = g711::linear_to_alaw(sample);
        }
        self.frame = self.frame.wrapping_add(1);
        Some(self.received())
    }

    fn received(&self) -> Received<'_> {
        #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
        let sequence = self.frame as u16;
        let packet = Packet {
            payload_type: Codec::Pcma.static_payload(),
            marker: false,
            sequence,
            timestamp: self.frame.wrapping_mul(160),
            ssrc: 0,
            payload: &self.octets,
            header_len: 0,
        };
        Received {
            packet,
            payload: Payload::Audio(Codec::Pcma),
        }
    }

    /// Listens to the peer's audio.
    pub(super) fn hear(&mut self, codec: Codec, payload: &[u8], told: impl FnMut(char)) {
        let mut samples = [0; 1920];
        let count = g711::decode(codec.static_payload(), payload, &mut samples);
        if let Some(heard) = count.and_then(|count| samples.get(..count)) {
            self.hearing.push(heard, told);
        }
    }
}
