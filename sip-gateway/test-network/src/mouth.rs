//! Speaking: what the far end sends, one packet every 20 ms. Sans-IO.

use crate::{Quirk, Quirks, clock, random};
use media_core::{
    dtmf,
    g711::{self, PCMA, PCMU},
    rtp::Header,
    tone::Sine,
};
use std::collections::VecDeque;

/// Samples in a packet.
pub const FRAME: usize = 160;
/// How far the echo lags behind, samples: what is buffered before it begins.
const ECHO_DELAY: usize = 3 * FRAME;
/// The echo forgets what is older, samples.
const ECHO_LONGEST: usize = 10 * FRAME;
/// Peak of the tones: a quarter of full scale, -12 dBFS.
const AMPLITUDE: f32 = 0.25;
const DIGIT_MS: u32 = 100;
/// Pause between digits, packets.
const BETWEEN_DIGITS: u32 = 5;
/// After how many packets the quirks of audio begin.
const STEADY: u32 = 25;
/// Comfort noise (RFC 3389) and its level, -60 dBov.
const NOISE: (u8, u8) = (13, 60);

/// What is played.
#[derive(Debug)]
pub enum Source {
    /// No packets at all.
    Nothing,
    /// A steady tone.
    Tone(Sine),
    /// What was heard, a little later.
    Echo(Echo),
    /// The talking clock.
    Clock { audio: Vec<i16>, at: usize },
}

impl Source {
    pub fn tone(hz: f32) -> Self {
        Self::Tone(Sine::new(hz, g711::RATE_HZ, AMPLITUDE))
    }

    pub fn echo() -> Self {
        Self::Echo(Echo::default())
    }

    pub fn clock() -> Self {
        Self::Clock {
            audio: Vec::new(),
            at: 0,
        }
    }
}

/// Samples on their way back.
#[derive(Debug, Default)]
pub struct Echo {
    samples: VecDeque<i16>,
    running: bool,
}

impl Echo {
    fn push(&mut self, samples: &[i16]) {
        self.samples.extend(samples);
        let excess = self.samples.len().saturating_sub(ECHO_LONGEST);
        self.samples.drain(..excess);
    }

    fn fill(&mut self, frame: &mut [i16]) {
        self.running = match self.running {
            true => self.samples.len() >= frame.len(),
            false => self.samples.len() >= ECHO_DELAY,
        };
        let frame_len = frame.len();
        if self.running {
            frame
                .iter_mut()
                .zip(self.samples.drain(..frame_len))
                .for_each(|(to, from)| *to = from);
        }
    }
}

/// The sending half of one call's audio: it owns sequence numbers and timestamps, across holds and
/// changes of what is played.
pub struct Mouth {
    source: Source,
    digits: VecDeque<char>,
    digit: Option<dtmf::Sender>,
    pause: u32,
    header: Header,
    was_silent: bool,
    quirks: Quirks,
    spoken: u32,
    shown: Vec<Quirk>,
}

impl Mouth {
    pub fn new(quirks: &Quirks) -> Self {
        Self {
            quirks: quirks.clone(),
            spoken: 0,
            shown: Vec::new(),
            source: Source::Nothing,
            digits: VecDeque::new(),
            digit: None,
            pause: 0,
            header: Header {
                payload_type: PCMA,
                marker: false,
                sequence: random::number() as u16,
                timestamp: random::number(),
                ssrc: random::number(),
            },
            was_silent: true,
        }
    }

    pub fn play(&mut self, source: Source) {
        self.source = source;
    }

    /// Digits to send after those waiting.
    pub fn dial(&mut self, digits: &str) {
        self.digits.extend(digits.chars());
    }

    /// Samples in a packet of ours.
    pub fn frame(&self) -> usize {
        let table = [
            (Quirk::Ptime10, FRAME / 2),
            (Quirk::Ptime30, FRAME * 3 / 2),
            (Quirk::Ptime40, FRAME * 2),
        ];
        self.quirks.choose(&table).unwrap_or(FRAME)
    }

    /// The quirks that could be heard since last asked.
    pub fn shown(&mut self) -> Vec<Quirk> {
        std::mem::take(&mut self.shown)
    }

    /// What was heard, for the echo.
    pub fn overhear(&mut self, samples: &[i16]) {
        if let Source::Echo(echo) = &mut self.source {
            echo.push(samples);
        }
    }

    /// The next packet into `out`; false when none is to be sent this time. Call once a
    /// [`frame`](Self::frame).
    /// `may_send` is false while the other side holds.
    pub fn speak(
        &mut self,
        payload_type: u8,
        digits_type: Option<u8>,
        may_send: bool,
        unix_seconds: u64,
        out: &mut Vec<u8>,
    ) -> bool {
        out.clear();
        let playing = !matches!(self.source, Source::Nothing);
        let spoke = may_send && playing && {
            let digit = digits_type.and_then(|digits_type| self.digit_packet(digits_type));
            let (header, payload) = match digit {
                Some(packet) => packet,
                None => self.audio_packet(payload_type, unix_seconds),
            };
            header.encode(&payload, out);
            true
        };
        let frame = self.frame() as u32;
        self.header.timestamp = self.header.timestamp.wrapping_add(frame);
        if spoke {
            self.header.sequence = self.header.sequence.wrapping_add(1);
        }
        self.was_silent = !spoke;
        spoke
    }

    fn audio_packet(&mut self, payload_type: u8, unix_seconds: u64) -> (Header, Vec<u8>) {
        if let Some(noise) = self.comfort_noise() {
            return noise;
        }
        let payload_type = self.law(payload_type);
        let mut frame = vec![0i16; self.frame()];
        match &mut self.source {
            Source::Nothing => {}
            Source::Tone(sine) => sine.fill(&mut frame),
            Source::Echo(echo) => echo.fill(&mut frame),
            Source::Clock { audio, at } => {
                if *at >= audio.len() {
                    *audio = clock::announcement(unix_seconds);
                    *at = 0;
                }
                let left = audio.iter().skip(*at);
                frame
                    .iter_mut()
                    .zip(left)
                    .for_each(|(to, from)| *to = *from);
                *at += frame.len();
            }
        }
        self.count();
        let mut payload = Vec::with_capacity(frame.len());
        g711::encode(payload_type, &frame, &mut payload);
        let header = Header {
            payload_type,
            marker: self.was_silent,
            ..self.header
        };
        (header, payload)
    }

    /// Counts a packet of audio; the quirks that wait for some begin.
    fn count(&mut self) {
        self.spoken = self.spoken.saturating_add(1);
        if self.spoken != STEADY {
            return;
        }
        if self.quirks.has(Quirk::NewSsrc) {
            self.header.ssrc = random::number();
            self.header.sequence = random::number() as u16;
            self.header.timestamp = random::number();
        }
        let begun = [
            Quirk::NewSsrc,
            Quirk::OtherLaw,
            Quirk::Ptime10,
            Quirk::Ptime30,
            Quirk::Ptime40,
        ];
        let quirks = &self.quirks;
        self.shown
            .extend(begun.into_iter().filter(|quirk| quirks.has(*quirk)));
    }

    /// Every fifth packet is one, with the quirk.
    fn comfort_noise(&mut self) -> Option<(Header, Vec<u8>)> {
        let due = self.quirks.has(Quirk::ComfortNoise) && self.spoken % 5 == 4;
        if !due {
            return None;
        }
        self.count();
        self.shown.push(Quirk::ComfortNoise);
        let header = Header {
            payload_type: NOISE.0,
            marker: false,
            ..self.header
        };
        Some((header, vec![NOISE.1]))
    }

    /// The law that is spoken: with the quirk, later the other one.
    fn law(&self, agreed: u8) -> u8 {
        match self.quirks.has(Quirk::OtherLaw) && self.spoken >= STEADY {
            true if agreed == PCMA => PCMU,
            true => PCMA,
            false => agreed,
        }
    }

    fn digit_packet(&mut self, digits_type: u8) -> Option<(Header, Vec<u8>)> {
        if self.pause > 0 {
            self.pause -= 1;
            return None;
        }
        while self.digit.is_none() {
            let digit = self.digits.pop_front()?;
            self.digit = dtmf::Sender::new(digit, self.header.timestamp, g711::RATE_HZ, DIGIT_MS);
        }
        let lossy = self.quirks.has(Quirk::DtmfLostEnds);
        // RFC 4733 §2.3: E is the first bit of the second octet.
        let is_end = |payload: &[u8]| payload.get(1).is_some_and(|octet| octet & 0x80 != 0);
        let next = self
            .digit
            .as_mut()
            .and_then(|digit| digit.find(|packet| !(lossy && is_end(&packet.payload))));
        let Some(packet) = next else {
            self.digit = None;
            self.pause = BETWEEN_DIGITS;
            return None;
        };
        let header = Header {
            payload_type: digits_type,
            marker: packet.marker && !self.quirks.has(Quirk::DtmfNoMarker),
            timestamp: packet.timestamp,
            ..self.header
        };
        Some((header, packet.payload.to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media_core::rtp::Packet;

    /// Headers of the packets of so many ticks.
    fn speak(mouth: &mut Mouth, ticks: usize, may_send: bool) -> Vec<(Header, Vec<u8>)> {
        let mut out = Vec::new();
        let mut packets = Vec::new();
        for _ in 0..ticks {
            if mouth.speak(PCMA, Some(101), may_send, 0, &mut out) {
                let packet = Packet::parse(&out).unwrap();
                packets.push((packet.header(), packet.payload.to_vec()));
            }
        }
        packets
    }

    #[test]
    fn sequence_and_time_go_on_over_a_hold() {
        let mut mouth = Mouth::new(&Quirks::default());
        mouth.play(Source::tone(440.0));
        let first = speak(&mut mouth, 2, true)[1].0;
        assert!(speak(&mut mouth, 10, false).is_empty());
        let after = speak(&mut mouth, 1, true)[0].0;
        assert_eq!(after.sequence, first.sequence.wrapping_add(1));
        assert_eq!(after.timestamp, first.timestamp.wrapping_add(11 * 160));
        assert!(!first.marker && after.marker);
    }

    #[test]
    fn dialled_digits_are_heard_by_a_receiver() {
        let mut mouth = Mouth::new(&Quirks::default());
        mouth.play(Source::tone(440.0));
        mouth.dial("1x5#5");
        let mut receiver = dtmf::Receiver::default();
        let mut heard = String::new();
        for (at, (header, payload)) in speak(&mut mouth, 80, true).into_iter().enumerate() {
            if header.payload_type == 101 {
                heard.extend(receiver.push(at as u64 * 20_000, header.timestamp, &payload));
            }
        }
        assert_eq!(heard, "15#5");
    }

    #[test]
    fn the_echo_comes_three_packets_later_and_unchanged() {
        let mut mouth = Mouth::new(&Quirks::default());
        mouth.play(Source::echo());
        let words: Vec<u8> = (0..160).map(|i| i as u8).collect();
        let mut samples = vec![0; 160];
        g711::decode(PCMA, &words, &mut samples);
        for tick in 1..=5 {
            mouth.overhear(&samples);
            let payload = speak(&mut mouth, 1, true).remove(0).1;
            assert_eq!(payload == words, tick >= 3, "{tick}");
        }
    }
}
