//! The tones the page plays by itself, as samples to be repeated.

use crate::machine::Sound;

/// Samples per second.
pub const RATE: u32 = 8_000;

/// Milliseconds in which a tone swells and fades, so that it does not click.
const RAMP_MS: u32 = 8;

/// Tones on and off in turn.
struct Cadence {
    /// The two frequencies heard together, Hz.
    pitch: [f32; 2],
    /// How loud at most, 0 to 1.
    volume: f32,
    /// (sounds, is silent), milliseconds.
    beats: &'static [(u32, u32)],
}

/// One period of a sound; empty for silence. Played in a loop.
#[must_use]
pub fn samples(sound: Sound) -> Vec<f32> {
    let cadence = match sound {
        Sound::Silence => return Vec::new(),
        Sound::Ring => Cadence {
            pitch: [523.25, 659.25],
            volume: 0.5,
            beats: &[(400, 200), (400, 2_000)],
        },
        Sound::CallWaiting => Cadence {
            pitch: [440.0, 440.0],
            volume: 0.15,
            beats: &[(200, 3_800)],
        },
        // ITU-T E.180: 425 Hz, 1 s in 5, as in most of Europe.
        Sound::Ringback => Cadence {
            pitch: [425.0, 425.0],
            volume: 0.2,
            beats: &[(1_000, 4_000)],
        },
    };
    let mut samples = Vec::new();
    for (on, off) in cadence.beats {
        tone(&mut samples, &cadence, *on);
        samples.resize(samples.len() + length(*off), 0.0);
    }
    samples
}

/// One period of a sound as a file: RIFF WAVE, 16 bits, one channel.
#[must_use]
pub fn wav(sound: Sound) -> Vec<u8> {
    file(samples(sound))
}

/// So many milliseconds of nothing, as such a file.
#[must_use]
pub fn silence(ms: u32) -> Vec<u8> {
    file(vec![0.0; length(ms)])
}

fn file(samples: Vec<f32>) -> Vec<u8> {
    let size = 2 * samples.len() as u32;
    let mut file = Vec::with_capacity(44 + 2 * samples.len());
    file.extend(b"RIFF");
    file.extend((36 + size).to_le_bytes());
    file.extend(b"WAVEfmt ");
    // Length of what follows, PCM, channels; rate, octets a second; octets a sample, bits.
    file.extend([16, 0, 0, 0, 1, 0, 1, 0]);
    file.extend(RATE.to_le_bytes());
    file.extend((2 * RATE).to_le_bytes());
    file.extend([2, 0, 16, 0]);
    file.extend(b"data");
    file.extend(size.to_le_bytes());
    for sample in samples {
        file.extend(((sample * 32_767.0) as i16).to_le_bytes());
    }
    file
}

fn tone(samples: &mut Vec<f32>, cadence: &Cadence, ms: u32) {
    let count = length(ms);
    let ramp = length(RAMP_MS) as f32;
    for at in 0..count {
        let edge = at.min(count - 1 - at) as f32;
        let time = at as f32 / RATE as f32;
        let wave: f32 = cadence
            .pitch
            .iter()
            .map(|hz| sine(std::f32::consts::TAU * hz * time))
            .sum();
        samples.push(wave * 0.5 * cadence.volume * (edge / ramp).min(1.0));
    }
}

/// In the browser its own: Rust's would be downloaded.
fn sine(angle: f32) -> f32 {
    #[cfg(target_arch = "wasm32")]
    return js_sys::Math::sin(f64::from(angle)) as f32;
    #[cfg(not(target_arch = "wasm32"))]
    angle.sin()
}

fn length(ms: u32) -> usize {
    (ms * RATE / 1000) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringback_sounds_one_second_in_five() {
        let period = samples(Sound::Ringback);
        assert_eq!(period.len(), 5 * RATE as usize);
        let (on, off) = period.split_at(RATE as usize);
        assert!(on.iter().any(|sample| *sample > 0.19));
        assert!(off.iter().all(|sample| *sample == 0.0));
    }

    #[test]
    fn no_tone_clicks_or_is_too_loud() {
        for sound in [Sound::Ring, Sound::CallWaiting, Sound::Ringback] {
            let period = samples(sound);
            assert!(period.iter().all(|sample| sample.abs() <= 0.5));
            assert!(period[0].abs() < 0.01);
        }
    }
}
