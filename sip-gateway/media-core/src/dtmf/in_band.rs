//! Keys as tones in the audio (ITU-T Q.23, Q.24), at 8 kHz.

use std::f32::consts::TAU;

use super::code_of;
use crate::tone::Sine;

const RATE_HZ: u32 = 8000;
const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
const KEYS: [[char; 4]; 4] = [
    ['1', '2', '3', 'A'],
    ['4', '5', '6', 'B'],
    ['7', '8', '9', 'C'],
    ['*', '0', '#', 'D'],
];
/// Peak of each of the two tones: -8 dBFS, so that both together do not clip.
const AMPLITUDE: f32 = 0.35;

/// The two tones of a key.
#[derive(Clone, Debug)]
pub struct KeyTone(Sine, Sine);

impl KeyTone {
    /// `None`: no key.
    #[must_use]
    pub fn new(digit: char) -> Option<Self> {
        code_of(digit)?;
        let digit = digit.to_ascii_uppercase();
        let row = KEYS.iter().position(|row| row.contains(&digit))?;
        let column = KEYS[row].iter().position(|key| *key == digit)?;
        let sine = |hz| Sine::new(hz, RATE_HZ, AMPLITUDE);
        Some(Self(sine(ROWS[row]), sine(COLUMNS[column])))
    }

    /// Overwrites `samples` with what comes next.
    pub fn fill(&mut self, samples: &mut [i16]) {
        self.0.fill(samples);
        self.1.add(samples);
    }
}

/// 12.75 ms: two of them fit into the shortest key that must be heard (40 ms).
const BLOCK: usize = 102;
/// Blocks in a row that must agree before a key counts.
const HITS: u8 = 2;
/// Blocks without it that end a key.
const MISSES: u8 = 3;
/// Mean square of the quietest tone taken: -40 dBFS.
const QUIETEST: f32 = 32_768.0 * 32_768.0 / 2.0 * 1e-4;
/// How much of the energy must lie in the two tones; a voice spreads its own.
const SHARE: f32 = 0.8;
/// How far above the other tones of its group a tone must stand: 8 dB.
const ABOVE: f32 = 6.3;
/// The columns may be 4 dB louder than the rows, or 8 dB softer, and a little more (Q.24).
const COLUMN_LOUDER: f32 = 3.2;
const ROW_LOUDER: f32 = 8.0;

/// Hears keys in audio. Each is told once, when it begins.
#[derive(Clone, Debug)]
pub struct Hearing {
    tones: [Tone; 8],
    at: usize,
    energy: f32,
    candidate: Option<char>,
    hits: u8,
    pressed: Option<char>,
    misses: u8,
}

#[derive(Clone, Copy, Debug)]
struct Tone {
    coefficient: f32,
    last: f32,
    before: f32,
}

impl Tone {
    fn new(hz: f32) -> Self {
        Self {
            coefficient: 2.0 * (TAU * hz / RATE_HZ as f32).cos(),
            last: 0.0,
            before: 0.0,
        }
    }

    fn push(&mut self, sample: f32) {
        let next = sample + self.coefficient * self.last - self.before;
        (self.before, self.last) = (self.last, next);
    }

    /// The mean square of the tone in the block (A²/2 for a sine of peak A).
    fn take(&mut self) -> f32 {
        let power = self.last * self.last + self.before * self.before
            - self.coefficient * self.last * self.before;
        (self.last, self.before) = (0.0, 0.0);
        2.0 * power / (BLOCK * BLOCK) as f32
    }
}

impl Default for Hearing {
    fn default() -> Self {
        let hz = |at: usize| if at < 4 { ROWS[at] } else { COLUMNS[at - 4] };
        Self {
            tones: std::array::from_fn(|at| Tone::new(hz(at))),
            at: 0,
            energy: 0.0,
            candidate: None,
            hits: 0,
            pressed: None,
            misses: 0,
        }
    }
}

impl Hearing {
    /// Takes samples, any number; keys that begin go to `told`.
    pub fn push(&mut self, samples: &[i16], mut told: impl FnMut(char)) {
        for &sample in samples {
            let sample = f32::from(sample);
            self.energy += sample * sample;
            self.tones.iter_mut().for_each(|tone| tone.push(sample));
            self.at += 1;
            if self.at == BLOCK
                && let Some(key) = self.end_block()
            {
                told(key);
            }
        }
    }

    fn end_block(&mut self) -> Option<char> {
        let powers: [f32; 8] = std::array::from_fn(|at| self.tones[at].take());
        let mean = self.energy / BLOCK as f32;
        (self.at, self.energy) = (0, 0.0);
        let heard = key_in(&powers, mean);
        if heard.is_some() && heard == self.pressed {
            self.misses = 0;
            return None;
        }
        self.misses = self.misses.saturating_add(1);
        if self.misses >= MISSES {
            self.pressed = None;
        }
        self.hits = if heard == self.candidate {
            self.hits.saturating_add(1)
        } else {
            1
        };
        self.candidate = heard;
        let key = heard.filter(|_| self.hits == HITS)?;
        (self.pressed, self.misses) = (Some(key), 0);
        Some(key)
    }
}

fn key_in(powers: &[f32; 8], mean: f32) -> Option<char> {
    let (rows, columns) = powers.split_at(4);
    let ((row, low), (column, high)) = (strongest(rows)?, strongest(columns)?);
    let twisted = high > low * COLUMN_LOUDER || low > high * ROW_LOUDER;
    let quiet = low < QUIETEST || high < QUIETEST;
    (!twisted && !quiet && low + high >= SHARE * mean).then(|| KEYS[row][column])
}

/// The tone of a group that stands out.
fn strongest(group: &[f32]) -> Option<(usize, f32)> {
    let (at, best) = group
        .iter()
        .copied()
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))?;
    let mut others = group.iter().enumerate().filter(|(other, _)| *other != at);
    others
        .all(|(_, other)| best >= other * ABOVE)
        .then_some((at, best))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &str = "0123456789*#ABCD";

    /// Keys of `on_ms` with pauses of `off_ms`, beginning after `shift` samples.
    fn pressed(keys: &str, on_ms: usize, off_ms: usize, shift: usize) -> Vec<i16> {
        let mut samples = vec![0; shift];
        for key in keys.chars() {
            let mut tone = vec![0; on_ms * 8];
            KeyTone::new(key).expect("a key").fill(&mut tone);
            samples.extend(tone);
            samples.extend(vec![0; off_ms * 8]);
        }
        samples
    }

    fn heard(samples: &[i16]) -> String {
        let (mut hearing, mut keys) = (Hearing::default(), String::new());
        samples
            .chunks(160)
            .for_each(|chunk| hearing.push(chunk, |key| keys.push(key)));
        keys
    }

    #[test]
    fn every_key_is_heard_once_however_long_it_is_held() {
        assert_eq!(heard(&pressed(ALL, 100, 80, 0)), ALL);
        assert_eq!(heard(&pressed("5", 3000, 50, 0)), "5");
        assert_eq!(heard(&pressed("1111", 80, 80, 0)), "1111");
    }

    #[test]
    fn keys_of_forty_milliseconds_are_heard_wherever_they_begin() {
        for shift in 0..BLOCK {
            assert_eq!(heard(&pressed("19", 40, 60, shift)), "19", "{shift}");
        }
    }

    #[test]
    fn keys_are_heard_through_g711_and_at_a_tenth_of_the_level() {
        use crate::g711;
        let through: Vec<i16> = pressed(ALL, 80, 80, 37)
            .into_iter()
            .map(|sample| g711::alaw_to_linear(g711::linear_to_alaw(sample / 10)))
            .collect();
        assert_eq!(heard(&through), ALL);
    }

    #[test]
    fn tones_noise_and_one_half_of_a_key_are_no_key() {
        for hz in [440.0, 697.0, 1336.0, 1000.0] {
            let mut samples = vec![0; 8000];
            Sine::new(hz, RATE_HZ, 0.5).fill(&mut samples);
            assert_eq!(heard(&samples), "", "{hz}");
        }
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..80_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 18) as i16
            })
            .collect();
        assert_eq!(heard(&noise), "");
    }
}
