//! A mixer: everyone hears the others, nobody hears themselves. 8 kHz, frames of 20 ms.
//!
//! Each party has a ring of fixed size between its packets, which come as the network likes, and the
//! mixer's own clock. It plays after 40 ms of samples are there and again after it has run dry; what
//! piles up over 120 ms is dropped, so that no delay grows. Nothing allocates.

/// Samples of a frame of 20 ms.
pub const FRAME: usize = 160;
/// Samples a ring holds: 200 ms.
const CAPACITY: usize = 1600;
/// Samples that must be there before a party is played: 40 ms.
const PRIMED: usize = 2 * FRAME;
/// More samples than this are a delay, 120 ms; then all but [`PRIMED`] are dropped.
const MOST: usize = 6 * FRAME;

/// Mixes `N` parties.
#[derive(Clone, Debug)]
pub struct Mixer<const N: usize> {
    inputs: [Input; N],
    frames: [[i16; FRAME]; N],
}

#[derive(Clone, Debug)]
struct Input {
    ring: [i16; CAPACITY],
    start: usize,
    len: usize,
    is_playing: bool,
}

impl<const N: usize> Default for Mixer<N> {
    fn default() -> Self {
        let empty = Input {
            ring: [0; CAPACITY],
            start: 0,
            len: 0,
            is_playing: false,
        };
        Self {
            inputs: std::array::from_fn(|_| empty.clone()),
            frames: [[0; FRAME]; N],
        }
    }
}

impl<const N: usize> Mixer<N> {
    /// Samples of a party, however many.
    pub fn push(&mut self, party: usize, samples: &[i16]) {
        if let Some(input) = self.inputs.get_mut(party) {
            input.push(samples);
        }
    }

    /// The next 20 ms: what each party hears. To be called 50 times a second.
    pub fn mix(&mut self) -> &[[i16; FRAME]; N] {
        let mut sum = [0_i32; FRAME];
        for (input, frame) in self.inputs.iter_mut().zip(&mut self.frames) {
            input.take(frame);
            for (sum, sample) in sum.iter_mut().zip(frame.iter()) {
                *sum += i32::from(*sample);
            }
        }
        for frame in &mut self.frames {
            for (sample, sum) in frame.iter_mut().zip(&sum) {
                let others = *sum - i32::from(*sample);
                *sample = others.clamp(i16::MIN.into(), i16::MAX.into()) as i16;
            }
        }
        &self.frames
    }
}

impl Input {
    fn push(&mut self, samples: &[i16]) {
        let newest = samples.len().saturating_sub(CAPACITY);
        for sample in samples.iter().skip(newest) {
            if self.len == CAPACITY {
                self.drop_oldest(1);
            }
            self.ring[(self.start + self.len) % CAPACITY] = *sample;
            self.len += 1;
        }
        if self.len > MOST {
            self.drop_oldest(self.len - PRIMED);
        }
    }

    fn drop_oldest(&mut self, count: usize) {
        self.start = (self.start + count) % CAPACITY;
        self.len -= count;
    }

    /// Fills a frame; with silence where there is nothing.
    fn take(&mut self, frame: &mut [i16; FRAME]) {
        frame.fill(0);
        self.is_playing |= self.len >= PRIMED;
        if !self.is_playing {
            return;
        }
        let count = self.len.min(FRAME);
        for (at, sample) in frame.iter_mut().take(count).enumerate() {
            *sample = self.ring[(self.start + at) % CAPACITY];
        }
        self.drop_oldest(count);
        self.is_playing = count == FRAME;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::tone::{Detector, Sine};

    const TONES: [f32; 3] = [440.0, 700.0, 1300.0];

    /// What each party hears of each tone, in milliseconds, when packets have these lengths.
    fn heard(packet: usize) -> [[u32; 3]; 3] {
        let mut mixer = Mixer::<3>::default();
        let mut voices = TONES.map(|hz| Sine::new(hz, 8000, 0.2));
        let mut ears = TONES.map(|_| Detector::new(&TONES, 8000));
        let (mut samples, mut waiting) = (vec![0; packet], 0);
        for _ in 0..100 {
            waiting += FRAME;
            while waiting >= packet {
                waiting -= packet;
                for (party, voice) in voices.iter_mut().enumerate() {
                    voice.fill(&mut samples);
                    mixer.push(party, &samples);
                }
            }
            for (ear, frame) in ears.iter_mut().zip(mixer.mix()) {
                ear.push(frame);
            }
        }
        ears.map(|ear| {
            let report = ear.report();
            [0, 1, 2].map(|tone: usize| report[tone].heard_ms)
        })
    }

    #[test]
    fn everyone_hears_the_others_and_not_themselves() {
        for packet in [80, 160, 240, 320] {
            for (party, heard) in heard(packet).iter().enumerate() {
                for (tone, ms) in heard.iter().enumerate() {
                    if tone == party {
                        assert_eq!(*ms, 0, "{packet} samples");
                    } else {
                        assert!(*ms >= 1800, "{packet} samples: {heard:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn loud_voices_clip_and_do_not_wrap() {
        let mut mixer = Mixer::<3>::default();
        for party in [1, 2] {
            mixer.push(party, &[30_000; 320]);
        }
        let heard = mixer.mix();
        assert!(heard[0].iter().all(|sample| *sample == i16::MAX));
        assert!(heard[1].iter().all(|sample| *sample == 30_000));
    }

    #[test]
    fn a_burst_leaves_no_lasting_delay() {
        let mut mixer = Mixer::<2>::default();
        mixer.push(0, &[1; 4000]);
        let mut played = 0;
        while mixer.mix()[1] != [0; FRAME] {
            played += 1;
        }
        assert_eq!(played, 2);
    }

    proptest! {
        #[test]
        fn no_order_of_packets_and_frames_breaks_it(
            steps in proptest::collection::vec((0_usize..4, 0_usize..3000, any::<bool>()), 1..60),
        ) {
            let mut mixer = Mixer::<3>::default();
            for (party, samples, mixes) in steps {
                mixer.push(party, &vec![7; samples]);
                if mixes {
                    let heard = mixer.mix();
                    prop_assert!(heard.iter().flatten().all(|sample| matches!(sample, 0 | 7 | 14)));
                }
            }
        }
    }
}
