//! The waveform: for each step the loudest sample of each side.

use std::io::{self, Write};

/// Steps a second.
pub(super) const PER_SEC: u32 = 50;
/// Samples of a step at 8 kHz.
const STEP: u64 = 8000 / PER_SEC as u64;

/// Writes two octets a step: left, right.
pub(super) struct Peaks<W> {
    out: W,
    loudest: [u16; 2],
    in_step: u64,
}

impl<W: Write> Peaks<W> {
    pub(super) fn new(out: W) -> Self {
        Self {
            out,
            loudest: [0; 2],
            in_step: 0,
        }
    }

    /// Takes 8 kHz samples of both sides; both slices are equally long.
    pub(super) fn push(&mut self, left: &[i16], right: &[i16]) -> io::Result<()> {
        for (left, right) in left.iter().zip(right) {
            self.loudest[0] = self.loudest[0].max(left.unsigned_abs());
            self.loudest[1] = self.loudest[1].max(right.unsigned_abs());
            self.in_step += 1;
            if self.in_step == STEP {
                self.end_step()?;
            }
        }
        Ok(())
    }

    /// Writes a last, shorter step.
    pub(super) fn finish(mut self) -> io::Result<W> {
        if self.in_step > 0 {
            self.end_step()?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn end_step(&mut self) -> io::Result<()> {
        // 32,768 becomes 255 as well.
        let octets = self.loudest.map(|loudest| (loudest >> 7).min(255) as u8);
        (self.loudest, self.in_step) = ([0; 2], 0);
        self.out.write_all(&octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_holds_the_loudest_of_each_side() {
        let mut peaks = Peaks::new(Vec::new());
        let (mut left, mut right) = (vec![0i16; 400], vec![0i16; 400]);
        (left[3], left[200], right[159]) = (i16::MIN, 1000, 12_800);
        for at in (0..400).step_by(50) {
            peaks.push(&left[at..at + 50], &right[at..at + 50]).unwrap();
        }
        assert_eq!(peaks.finish().unwrap(), [255, 100, 7, 0, 0, 0]);
    }
}
