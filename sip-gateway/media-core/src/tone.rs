//! Tones and their detector: audio is proven by frequencies, not by counting packets.

use std::f64::consts::TAU;

/// A sine that keeps its phase from call to call.
#[derive(Clone, Debug)]
pub struct Sine {
    phase: f64,
    step: f64,
    amplitude: f64,
}

impl Sine {
    /// `frequency_hz` below half of `rate_hz`; `amplitude` is the peak, 1.0 being full scale.
    #[must_use]
    pub fn new(frequency_hz: f32, rate_hz: u32, amplitude: f32) -> Self {
        Self {
            phase: 0.0,
            step: TAU * f64::from(frequency_hz) / f64::from(rate_hz),
            amplitude: f64::from(amplitude.clamp(0.0, 1.0)) * f64::from(i16::MAX),
        }
    }

    /// Overwrites `samples` with the next samples of the tone.
    pub fn fill(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = self.next_sample() as i16;
        }
    }

    /// Adds the next samples of the tone to `samples`, clipping; for tones of two frequencies.
    pub fn add(&mut self, samples: &mut [i16]) {
        for sample in samples {
            *sample = sample.saturating_add(self.next_sample() as i16);
        }
    }

    fn next_sample(&mut self) -> f64 {
        let value = self.phase.sin() * self.amplitude;
        self.phase = (self.phase + self.step) % TAU;
        value
    }
}

/// The power of one frequency in a block of samples, after Goertzel, through a Hann window so that
/// strong neighbours do not leak in.
#[derive(Clone, Debug)]
pub struct Goertzel {
    coefficient: f64,
    block: usize,
    at: usize,
    last: f64,
    before: f64,
}

impl Goertzel {
    /// Looks for `frequency_hz` in blocks of `block` samples; resolution is about
    /// `2 × rate_hz / block`.
    #[must_use]
    pub fn new(frequency_hz: f32, rate_hz: u32, block: usize) -> Self {
        let step = TAU * f64::from(frequency_hz) / f64::from(rate_hz);
        Self {
            coefficient: 2.0 * step.cos(),
            block: block.max(2),
            at: 0,
            last: 0.0,
            before: 0.0,
        }
    }

    /// Takes a sample; at the end of a block gives the tone's mean square in it (for a sine of
    /// peak A: A²/2, in units of sample²).
    pub fn push(&mut self, sample: i16) -> Option<f64> {
        let window = 0.5 - 0.5 * (TAU * (self.at as f64 + 0.5) / self.block as f64).cos();
        let next = f64::from(sample) * window + self.coefficient * self.last - self.before;
        self.before = self.last;
        self.last = next;
        self.at += 1;
        (self.at == self.block).then(|| self.take())
    }

    fn take(&mut self) -> f64 {
        let (last, before) = (self.last, self.before);
        let power = last * last + before * before - self.coefficient * last * before;
        (self.at, self.last, self.before) = (0, 0.0, 0.0);
        // The window's sum is block / 2, so the peak is 4 |X| / block and A²/2 is 8 |X|² / block².
        8.0 * power / (self.block as f64 * self.block as f64)
    }
}

/// What was heard of one frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ToneReport {
    /// The frequency asked for.
    pub frequency_hz: f32,
    /// Mean level over everything pushed; 0 is a sine of full scale, -120 is nothing.
    pub level_dbfs: f32,
    /// Its part of all energy pushed, 0.0–1.0.
    pub share: f32,
    /// Milliseconds during which it was clearly there: at least a tenth of the energy and -50 dBFS.
    pub heard_ms: u32,
}

/// Listens for several frequencies at once, in blocks of 50 ms.
#[derive(Clone, Debug)]
pub struct Detector {
    tones: Vec<Tone>,
    block: usize,
    in_block: usize,
    block_energy: f64,
    energy: f64,
    blocks: u32,
}

#[derive(Clone, Debug)]
struct Tone {
    frequency_hz: f32,
    goertzel: Goertzel,
    energy: f64,
    heard_blocks: u32,
}

const BLOCK_MS: u32 = 50;
/// Mean square of a full-scale sine.
const FULL_SCALE: f64 = 32_768.0 * 32_768.0 / 2.0;
/// -50 dBFS.
const AUDIBLE: f64 = FULL_SCALE * 1e-5;
const CLEAR_SHARE: f64 = 0.1;

impl Detector {
    /// Listens for `frequencies_hz` (at least 60 Hz apart) in audio of `rate_hz`.
    #[must_use]
    pub fn new(frequencies_hz: &[f32], rate_hz: u32) -> Self {
        let block = (rate_hz * BLOCK_MS / 1000) as usize;
        let tones = frequencies_hz
            .iter()
            .map(|&frequency_hz| Tone {
                frequency_hz,
                goertzel: Goertzel::new(frequency_hz, rate_hz, block),
                energy: 0.0,
                heard_blocks: 0,
            })
            .collect();
        Self {
            tones,
            block,
            in_block: 0,
            block_energy: 0.0,
            energy: 0.0,
            blocks: 0,
        }
    }

    /// Takes samples, any number at a time.
    pub fn push(&mut self, samples: &[i16]) {
        for &sample in samples {
            self.push_one(sample);
        }
    }

    fn push_one(&mut self, sample: i16) {
        self.block_energy += f64::from(sample) * f64::from(sample);
        self.in_block += 1;
        let mean_square = self.block_energy / self.block as f64;
        for tone in &mut self.tones {
            if let Some(power) = tone.goertzel.push(sample) {
                tone.energy += power;
                let clear = power >= AUDIBLE && power >= CLEAR_SHARE * mean_square;
                tone.heard_blocks += u32::from(clear);
            }
        }
        if self.in_block == self.block {
            self.energy += mean_square;
            self.blocks += 1;
            (self.in_block, self.block_energy) = (0, 0.0);
        }
    }

    /// What was heard so far, in the order of the frequencies given; whole blocks only.
    #[must_use]
    pub fn report(&self) -> Vec<ToneReport> {
        self.tones.iter().map(|tone| self.report_of(tone)).collect()
    }

    /// Forgets what was heard; a block that has begun goes on.
    pub fn reset(&mut self) {
        (self.energy, self.blocks) = (0.0, 0);
        for tone in &mut self.tones {
            (tone.energy, tone.heard_blocks) = (0.0, 0);
        }
    }

    fn report_of(&self, tone: &Tone) -> ToneReport {
        let mean = tone.energy / f64::from(self.blocks.max(1));
        ToneReport {
            frequency_hz: tone.frequency_hz,
            level_dbfs: (10.0 * (mean / FULL_SCALE).max(1e-12).log10()) as f32,
            share: if self.energy > 0.0 {
                (tone.energy / self.energy).min(1.0) as f32
            } else {
                0.0
            },
            heard_ms: tone.heard_blocks * BLOCK_MS,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hear(frequencies: &[f32], samples: &[i16]) -> Vec<ToneReport> {
        let mut detector = Detector::new(frequencies, 8000);
        samples.chunks(160).for_each(|chunk| detector.push(chunk));
        detector.report()
    }

    #[test]
    fn a_tone_is_heard_and_another_is_not() {
        let mut samples = vec![0; 8000];
        Sine::new(440.0, 8000, 0.5).fill(&mut samples);
        let report = hear(&[440.0, 1000.0], &samples);
        assert!(report[0].share > 0.98, "{report:?}");
        assert!((report[0].level_dbfs + 6.0).abs() < 0.2, "{report:?}");
        assert_eq!((report[0].heard_ms, report[1].heard_ms), (1000, 0));
        assert!(
            report[1].share < 1e-4 && report[1].level_dbfs < -50.0,
            "{report:?}"
        );
    }

    #[test]
    fn two_tones_at_once_share_the_energy() {
        let mut samples = vec![0; 8000];
        Sine::new(440.0, 8000, 0.3).fill(&mut samples);
        Sine::new(1000.0, 8000, 0.3).add(&mut samples);
        for tone in hear(&[440.0, 1000.0], &samples) {
            assert!(
                (tone.share - 0.5).abs() < 0.02 && tone.heard_ms == 1000,
                "{tone:?}"
            );
        }
    }

    #[test]
    fn a_tone_between_bins_is_heard_whole() {
        let mut samples = vec![0; 16000];
        Sine::new(437.3, 8000, 0.1).fill(&mut samples);
        let report = hear(&[437.3], &samples);
        assert!(
            report[0].share > 0.97 && report[0].heard_ms == 2000,
            "{report:?}"
        );
    }

    #[test]
    fn silence_and_noise_hold_no_tone() {
        assert_eq!(hear(&[440.0], &[0; 8000])[0].heard_ms, 0);
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..8000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 16) as i16
            })
            .collect();
        let report = hear(&[440.0, 1000.0], &noise);
        assert!(report.iter().all(|tone| tone.share < 0.05), "{report:?}");
    }

    #[test]
    fn phase_goes_on_between_fills() {
        let (mut whole, mut parts) = (vec![0; 480], vec![0; 480]);
        Sine::new(425.0, 8000, 0.5).fill(&mut whole);
        let mut sine = Sine::new(425.0, 8000, 0.5);
        parts.chunks_mut(7).for_each(|part| sine.fill(part));
        assert_eq!(whole, parts);
    }

    #[test]
    fn reset_forgets() {
        let mut detector = Detector::new(&[440.0], 8000);
        let mut samples = vec![0; 8000];
        Sine::new(440.0, 8000, 0.5).fill(&mut samples);
        detector.push(&samples);
        detector.reset();
        detector.push(&[0; 800]);
        assert_eq!(detector.report()[0].heard_ms, 0);
    }
}
