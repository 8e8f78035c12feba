//! Speaking: what the far end sends, one packet every 20 ms. Sans-IO.

use crate::{clock, random};
use media_core::{
    dtmf,
    g711::{self, PCMA},
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

    fn fill(&mut self, frame: &mut [i16; FRAME]) {
        self.running = match self.running {
            true => self.samples.len() >= FRAME,
            false => self.samples.len() >= ECHO_DELAY,
        };
        if self.running {
            frame
                .iter_mut()
                .zip(self.samples.drain(..FRAME))
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
}

impl Mouth {
    pub fn new() -> Self {
        Self {
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

    /// What was heard, for the echo.
    pub fn overhear(&mut self, samples: &[i16]) {
        if let Source::Echo(echo) = &mut self.source {
            echo.push(samples);
        }
    }

    /// The next packet into `out`; false when none is to be sent this time. Call every 20 ms.
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
        self.header.timestamp = self.header.timestamp.wrapping_add(FRAME as u32);
        if spoke {
            self.header.sequence = self.header.sequence.wrapping_add(1);
        }
        self.was_silent = !spoke;
        spoke
    }

    fn audio_packet(&mut self, payload_type: u8, unix_seconds: u64) -> (Header, Vec<u8>) {
        let mut frame = [0i16; FRAME];
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
                *at += FRAME;
            }
        }
        let mut payload = Vec::with_capacity(FRAME);
        g711::encode(payload_type, &frame, &mut payload);
        let header = Header {
            payload_type,
            marker: self.was_silent,
            ..self.header
        };
        (header, payload)
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
        let Some(packet) = self.digit.as_mut().and_then(Iterator::next) else {
            self.digit = None;
            self.pause = BETWEEN_DIGITS;
            return None;
        };
        let header = Header {
            payload_type: digits_type,
            marker: packet.marker,
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
        let mut mouth = Mouth::new();
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
        let mut mouth = Mouth::new();
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
        let mut mouth = Mouth::new();
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
