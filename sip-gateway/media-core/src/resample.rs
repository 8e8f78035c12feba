//! Doubling the sample rate: 8 kHz telephone audio as 16 kHz, which every player knows.

/// Taps on each side of the new sample.
const HALF: usize = 8;
/// The non-zero taps beside the centre of a half-band filter: sin(π t) / (π t) at t = ½, 1½, 2½ …
/// under a Hann window, in 32,768ths. They serve both sides, so they sum to one half.
const TAPS: [i32; HALF] = [20_684, -6_433, 3_343, -1_898, 1_052, -526, 209, -47];

/// Doubles the sample rate of a stream, chunk by chunk, with a delay of [`Doubler::DELAY`] input
/// samples.
#[derive(Clone, Debug)]
pub struct Doubler {
    history: [i16; HALF * 2],
}

impl Default for Doubler {
    fn default() -> Self {
        Self {
            history: [0; HALF * 2],
        }
    }
}

impl Doubler {
    /// Input samples by which the output lags.
    pub const DELAY: usize = HALF;

    /// Appends two samples to `out` for each of `samples`.
    pub fn push(&mut self, samples: &[i16], out: &mut Vec<i16>) {
        out.reserve(samples.len() * 2);
        for &sample in samples {
            self.history.copy_within(1.., 0);
            self.history[HALF * 2 - 1] = sample;
            out.push(self.history[HALF - 1]);
            out.push(self.between());
        }
    }

    /// The sample half way between the two in the middle of the history.
    fn between(&self) -> i16 {
        let sum: i32 = TAPS
            .iter()
            .enumerate()
            .map(|(at, tap)| {
                let pair =
                    i32::from(self.history[HALF - 1 - at]) + i32::from(self.history[HALF + at]);
                (pair * tap) >> 1
            })
            .sum();
        ((sum + (1 << 13)) >> 14).clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tone::{Detector, Sine};

    #[test]
    fn taps_have_unit_gain() {
        assert_eq!(TAPS.iter().sum::<i32>(), 16_384);
    }

    #[test]
    fn a_tone_keeps_its_frequency_and_level_and_gains_no_image() {
        for (frequency, image) in [(440.0, 7560.0), (1000.0, 7000.0), (3000.0, 5000.0)] {
            let (mut doubler, mut out) = (Doubler::default(), Vec::new());
            let mut samples = vec![0; 8000];
            Sine::new(frequency, 8000, 0.5).fill(&mut samples);
            samples
                .chunks(77)
                .for_each(|chunk| doubler.push(chunk, &mut out));
            assert_eq!(out.len(), 16_000);
            let mut detector = Detector::new(&[frequency, image], 16_000);
            detector.push(&out);
            let report = detector.report();
            assert!((report[0].level_dbfs + 6.0).abs() < 0.5, "{report:?}");
            assert!(report[1].level_dbfs < -40.0, "{report:?}");
        }
    }

    #[test]
    fn loud_steps_clip_and_do_not_wrap() {
        let (mut doubler, mut out) = (Doubler::default(), Vec::new());
        let square: Vec<i16> = (0..200)
            .map(|at| if at / 20 % 2 == 0 { i16::MAX } else { i16::MIN })
            .collect();
        doubler.push(&square, &mut out);
        assert!(
            out[110..125].iter().all(|sample| *sample > 20_000),
            "{:?}",
            &out[110..125]
        );
    }
}
