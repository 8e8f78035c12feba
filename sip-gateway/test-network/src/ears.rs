//! Hearing: which steady tones are in the audio, whatever their frequency.
//!
//! Every 100 ms a Hann-windowed block is scanned from 300 to 3400 Hz in steps of 10 Hz (Goertzel);
//! up to four peaks count as tones when together they carry most of the block's energy, so that
//! speech and noise are not taken for tones. A tone counts from its second block on.

use crate::report::{MediaReport, ToneHeard};
use std::f32::consts::PI;

/// Samples in a block: 100 ms at 8 kHz.
const BLOCK: usize = 800;
const BLOCK_MS: u64 = 100;
const LOWEST_HZ: f32 = 300.0;
const STEP_HZ: f32 = 10.0;
const BINS: usize = 311;
/// How many tones at once.
const AT_ONCE: usize = 4;
/// Two peaks this near are the same tone, Hz.
const SAME_HZ: f32 = 15.0;
/// A Hann peak is this many bins wide to each side.
const SKIRT: usize = 3;
/// Nothing weaker is heard, dBFS.
const FLOOR_DBFS: f32 = -50.0;
/// A peak this much weaker than the strongest is its side lobe or distortion, power ratio (-18 dB).
const WEAKEST: f32 = 0.016;
/// The part of the energy that must be tones.
const TONAL: f32 = 0.7;
/// Tones remembered.
const MEMORY: usize = 16;

/// Listens to one call.
pub struct Ears {
    block: Vec<f32>,
    window: Vec<f32>,
    before: Vec<Peak>,
}

#[derive(Debug, Clone, Copy)]
struct Peak {
    hz: f32,
    dbfs: f32,
}

impl Ears {
    pub fn new() -> Self {
        let hann = |i: usize| 0.5 - 0.5 * (2.0 * PI * i as f32 / BLOCK as f32).cos();
        Self {
            block: Vec::with_capacity(BLOCK),
            window: (0..BLOCK).map(hann).collect(),
            before: Vec::new(),
        }
    }

    /// Takes samples; true when `report` was changed.
    pub fn hear(&mut self, samples: &[i16], report: &mut MediaReport) -> bool {
        let mut changed = false;
        for &sample in samples {
            let weight = self.window[self.block.len()];
            self.block.push(f32::from(sample) / 32768.0 * weight);
            if self.block.len() == BLOCK {
                changed |= self.finish_block(report);
            }
        }
        changed
    }

    fn finish_block(&mut self, report: &mut MediaReport) -> bool {
        let peaks = peaks(&self.block);
        self.block.clear();
        let steady: Vec<Peak> = peaks
            .iter()
            .filter(|peak| self.before.iter().any(|b| near(b.hz, peak.hz)))
            .copied()
            .collect();
        let had = !report.hears_now.is_empty();
        report.hears_now = steady.iter().map(|peak| peak.hz).collect();
        for peak in &steady {
            remember(&mut report.tones, *peak);
        }
        self.before = peaks;
        had || !steady.is_empty()
    }
}

fn near(a: f32, b: f32) -> bool {
    (a - b).abs() <= SAME_HZ
}

/// The first time counts two blocks: the one before is part of the tone.
fn remember(tones: &mut Vec<ToneHeard>, peak: Peak) {
    if let Some(tone) = tones.iter_mut().find(|tone| near(tone.hz, peak.hz)) {
        tone.heard_ms += BLOCK_MS;
        tone.hz += (peak.hz - tone.hz) * 0.2;
        tone.level_dbfs = peak.dbfs;
        return;
    }
    if tones.len() == MEMORY {
        let shortest = (0..MEMORY).min_by_key(|&i| tones[i].heard_ms).unwrap_or(0);
        tones.remove(shortest);
    }
    tones.push(ToneHeard {
        hz: peak.hz,
        level_dbfs: peak.dbfs,
        heard_ms: 2 * BLOCK_MS,
    });
}

/// The tones of a windowed block.
fn peaks(block: &[f32]) -> Vec<Peak> {
    let energy: f32 = block.iter().map(|x| x * x).sum();
    let spectrum: Vec<f32> = (0..BINS)
        .map(|bin| power(block, hz_of(bin as f32)))
        .collect();
    let mut order: Vec<usize> = (0..BINS).filter(|&bin| is_peak(&spectrum, bin)).collect();
    order.sort_by(|&a, &b| spectrum[b].total_cmp(&spectrum[a]));
    let strongest = order.first().map_or(0.0, |&bin| spectrum[bin]);
    order.retain(|&bin| spectrum[bin] >= strongest * WEAKEST);
    order.truncate(AT_ONCE);
    let tones: Vec<Peak> = order.iter().map(|&bin| refine(&spectrum, bin)).collect();
    // A full-scale sine has |X|² = (N/4)² under a Hann window and energy 3N/16.
    let tonal: f32 = tones.iter().map(|t| 10f32.powf(t.dbfs / 10.0)).sum();
    let whole = energy / (BLOCK as f32 * 3.0 / 16.0);
    if tonal < whole * TONAL {
        return Vec::new();
    }
    tones
        .into_iter()
        .filter(|tone| tone.dbfs >= FLOOR_DBFS)
        .collect()
}

fn hz_of(bin: f32) -> f32 {
    LOWEST_HZ + STEP_HZ * bin
}

/// |X(f)|² by Goertzel.
fn power(block: &[f32], hz: f32) -> f32 {
    let coefficient = 2.0 * (2.0 * PI * hz / 8000.0).cos();
    let (mut s1, mut s2) = (0.0f32, 0.0f32);
    for x in block {
        let s0 = x + coefficient * s1 - s2;
        s2 = s1;
        s1 = s0;
    }
    s1 * s1 + s2 * s2 - coefficient * s1 * s2
}

/// The strongest bin within a main lobe's reach.
fn is_peak(spectrum: &[f32], bin: usize) -> bool {
    let from = bin.saturating_sub(SKIRT);
    let to = (bin + SKIRT).min(BINS - 1);
    (from..=to).all(|other| other == bin || spectrum[other] < spectrum[bin])
}

/// Frequency and level between the bins: the magnitudes of a Hann main lobe give the offset.
fn refine(spectrum: &[f32], bin: usize) -> Peak {
    let magnitude = |i: Option<&f32>| i.map_or(0.0, |p| p.max(0.0).sqrt());
    let centre = magnitude(spectrum.get(bin));
    let left = magnitude(bin.checked_sub(1).and_then(|i| spectrum.get(i)));
    let right = magnitude(spectrum.get(bin + 1));
    let (side, sign) = if right > left {
        (right, 1.0)
    } else {
        (left, -1.0)
    };
    let ratio = if centre > 0.0 { side / centre } else { 0.0 };
    let offset = ((2.0 * ratio - 1.0) / (ratio + 1.0)).clamp(0.0, 0.5);
    // The lobe at that offset: sinc(d) / (1 - d²).
    let lobe = if offset < 1e-3 {
        1.0
    } else {
        (PI * offset).sin() / (PI * offset) / (1.0 - offset * offset)
    };
    let amplitude = centre / lobe / (BLOCK as f32 / 4.0);
    Peak {
        hz: hz_of(bin as f32 + sign * offset),
        dbfs: 20.0 * amplitude.max(1e-6).log10(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use media_core::{g711, tone::Sine};

    fn listen(samples: &[i16]) -> MediaReport {
        let mut report = MediaReport::default();
        let mut ears = Ears::new();
        for frame in samples.chunks(160) {
            // What a call carries is G.711.
            let mut octets = Vec::new();
            g711::encode(g711::PCMA, frame, &mut octets);
            let mut back = vec![0; octets.len()];
            g711::decode(g711::PCMA, &octets, &mut back);
            ears.hear(&back, &mut report);
        }
        report
    }

    fn sine(hz: f32, amplitude: f32, samples: usize) -> Vec<i16> {
        let mut audio = vec![0; samples];
        Sine::new(hz, 8000, amplitude).fill(&mut audio);
        audio
    }

    #[test]
    fn any_frequency_is_found_with_its_level() {
        for hz in [305.0, 440.0, 697.3, 850.0, 1000.0, 1234.5, 2600.0, 3395.0] {
            let report = listen(&sine(hz, 0.25, 8000));
            assert_eq!(report.tones.len(), 1, "{hz}: {report:?}");
            let tone = &report.tones[0];
            assert!((tone.hz - hz).abs() < 2.0, "{hz}: {tone:?}");
            assert!((tone.level_dbfs + 12.04).abs() < 0.5, "{hz}: {tone:?}");
            assert_eq!(tone.heard_ms, 1000);
        }
    }

    #[test]
    fn two_tones_at_once_are_two_tones() {
        let mut audio = sine(440.0, 0.3, 4000);
        Sine::new(620.0, 8000, 0.1).add(&mut audio);
        let report = listen(&audio);
        assert_eq!(report.tones.len(), 2, "{report:?}");
        assert_eq!(report.heard_ms(440.0, 5.0), 500);
        assert_eq!(report.heard_ms(620.0, 5.0), 500);
    }

    #[test]
    fn silence_noise_and_whispers_are_no_tones() {
        let mut seed = 1u32;
        let noise: Vec<i16> = (0..16_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 18) as i16
            })
            .collect();
        for audio in [vec![0; 8000], noise, sine(1000.0, 0.002, 8000)] {
            assert!(listen(&audio).tones.is_empty());
        }
    }

    #[test]
    fn speech_is_not_taken_for_a_long_tone() {
        let words = include_bytes!("../assets/intro.al");
        let mut audio = vec![0; words.len()];
        g711::decode(g711::PCMA, words, &mut audio);
        let report = listen(&audio);
        assert!(report.tones.iter().all(|t| t.heard_ms <= 300), "{report:?}");
    }
}
