//! Filling short gaps: the last pitch period again and again, fading out (after the idea of G.711
//! appendix I).

use super::CONCEAL_MS;

#[derive(Clone, Debug)]
pub(super) struct Concealment {
    /// The last samples heard, oldest first.
    history: Box<[i16]>,
    heard: usize,
    /// Longest pitch period looked for, in samples; the history is three times as long.
    longest: usize,
    period: Option<usize>,
    /// Samples filled since the last heard one.
    filled: usize,
    limit: usize,
}

impl Concealment {
    pub(super) fn new(rate_hz: u32) -> Self {
        let longest = rate_hz as usize * 15 / 1000;
        Self {
            history: vec![0; longest * 3].into(),
            heard: 0,
            longest,
            period: None,
            filled: 0,
            limit: (u64::from(rate_hz) * CONCEAL_MS / 1000) as usize,
        }
    }

    pub(super) fn heard(&mut self, samples: &[i16]) {
        let len = self.history.len();
        let tail = &samples[samples.len().saturating_sub(len)..];
        self.history.copy_within(tail.len().., 0);
        self.history[len - tail.len()..].copy_from_slice(tail);
        self.heard = (self.heard + tail.len()).min(len);
        (self.period, self.filled) = (None, 0);
    }

    /// Fills missing samples that follow what was heard or filled before; returns how many are not
    /// plain silence.
    pub(super) fn fill(&mut self, missing: &mut [i16]) -> usize {
        if self.heard < self.history.len() {
            return 0;
        }
        let count = missing.len().min(self.limit.saturating_sub(self.filled));
        if count == 0 {
            return 0;
        }
        let period = *self
            .period
            .get_or_insert_with(|| pitch(&self.history, self.longest));
        let from = self.history.len() - period;
        for sample in &mut missing[..count] {
            let level = (self.limit - self.filled) as i32;
            let source = i32::from(self.history[from + self.filled % period]);
            *sample = (source * level / self.limit as i32) as i16;
            self.filled += 1;
        }
        if self.filled >= self.limit {
            self.heard = 0; // silence from here; the past is not repeated after it
        }
        count
    }
}

/// The lag, between a third of `longest` and `longest`, at which the end of the history resembles
/// what came before it most.
fn pitch(history: &[i16], longest: usize) -> usize {
    let end = history.len();
    let recent = &history[end - longest..];
    let likeness = |lag: usize| {
        let before = &history[end - longest - lag..end - lag];
        let (mut product, mut energy) = (0i64, 1i64);
        for (now, then) in recent.iter().zip(before) {
            product += i64::from(*now) * i64::from(*then);
            energy += i64::from(*then) * i64::from(*then);
        }
        product as f64 / (energy as f64).sqrt()
    };
    (longest / 3..=longest)
        .map(|lag| (lag, likeness(lag)))
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map_or(longest, |(lag, _)| lag)
}
