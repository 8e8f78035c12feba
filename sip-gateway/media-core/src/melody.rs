//! Music for those who wait: a soft pentatonic melody, made here so that it needs nobody's licence.

use std::f64::consts::TAU;

/// Semitones above A4 (440 Hz), one for each half second; `None`: a rest. Fourteen notes that never
/// clash, whichever of them still rings.
const NOTES: [Option<i8>; 16] = [
    Some(3),
    Some(7),
    Some(10),
    Some(12),
    Some(10),
    Some(7),
    Some(5),
    None,
    Some(3),
    Some(5),
    Some(7),
    Some(10),
    Some(7),
    Some(5),
    Some(3),
    None,
];
/// Seconds of a note.
const NOTE_SECS: f64 = 0.5;
/// Peak of a note, 1.0 being full scale: clearly heard, never loud.
const AMPLITUDE: f64 = 0.11;
/// Seconds in which a note rises and, from its peak, falls to a third.
const ATTACK_SECS: f64 = 0.03;
const DECAY_SECS: f64 = 0.4;

/// Frequencies of the melody's notes, for those who want to prove that they hear it.
#[must_use]
pub fn notes_hz() -> [f32; 5] {
    [3, 5, 7, 10, 12].map(|semitones| pitch_hz(semitones) as f32)
}

/// The whole melody, 8 s, at this rate; its end is silent, so that it can be begun again at once.
#[must_use]
pub fn render(rate_hz: u32) -> Vec<i16> {
    let rate = f64::from(rate_hz);
    let length = (NOTE_SECS * rate) as usize;
    let mut out = Vec::with_capacity(length * NOTES.len());
    let mut pitch = 0.0;
    // A rest lets the note before it ring on.
    let mut since = 0;
    for note in NOTES {
        if let Some(semitones) = note {
            pitch = pitch_hz(semitones);
            since = 0;
        }
        for at in since..since + length {
            out.push(sample(pitch, at as f64 / rate));
        }
        since += length;
    }
    out
}

fn pitch_hz(semitones: i8) -> f64 {
    440.0 * 2_f64.powf(f64::from(semitones) / 12.0)
}

fn sample(pitch: f64, secs: f64) -> i16 {
    let rise = (secs / ATTACK_SECS).min(1.0);
    let fall = (-(secs - ATTACK_SECS).max(0.0) / DECAY_SECS).exp();
    let wave = (TAU * pitch * secs).sin() + 0.2 * (2.0 * TAU * pitch * secs).sin();
    (wave * rise * fall * AMPLITUDE * f64::from(i16::MAX)) as i16
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::Detector;

    #[test]
    fn every_note_is_heard_and_nothing_is_loud() {
        for rate in [8000, 16_000, 48_000] {
            let music = render(rate);
            assert_eq!(music.len(), 8 * rate as usize);
            let loudest = music.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(loudest < Some(5000), "{loudest:?}");
            let mut detector = Detector::new(&notes_hz(), rate);
            detector.push(&music);
            let report = detector.report();
            assert!(report.iter().all(|tone| tone.heard_ms >= 250), "{report:?}");
        }
    }

    #[test]
    fn the_end_is_quiet_enough_to_begin_again() {
        let music = render(8000);
        let end = &music[music.len() - 80..];
        assert!(end.iter().all(|sample| sample.unsigned_abs() < 500));
        assert!(music[0].unsigned_abs() < 10);
    }
}
