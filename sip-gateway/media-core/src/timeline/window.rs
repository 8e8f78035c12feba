//! The last seconds of a timeline: a ring of samples, each present or missing.

#[derive(Clone, Debug)]
pub(super) struct Window {
    samples: Box<[i16]>,
    present: Box<[bool]>,
    start: u64,
}

impl Window {
    pub(super) fn new(len: usize) -> Self {
        Self {
            samples: vec![0; len].into(),
            present: vec![false; len].into(),
            start: 0,
        }
    }

    /// Position of the first sample that is still here.
    pub(super) fn start(&self) -> u64 {
        self.start
    }

    /// Writes samples at a position; what lies outside is left away, what is there already stays.
    /// Whether anything was written.
    pub(super) fn write(&mut self, position: i64, samples: &[i16]) -> bool {
        let len = self.samples.len() as u64;
        let mut written = false;
        for (at, &sample) in samples.iter().enumerate() {
            let Ok(position) = u64::try_from(position + at as i64) else {
                continue;
            };
            if position < self.start || position >= self.start + len {
                continue;
            }
            let slot = (position % len) as usize;
            if !self.present[slot] {
                self.samples[slot] = sample;
                self.present[slot] = true;
                written = true;
            }
        }
        written
    }

    /// The longest run from the start, ending before `until`, that is wholly present or wholly
    /// missing.
    pub(super) fn front(&self, until: u64) -> (&[i16], bool) {
        let from = (self.start % self.samples.len() as u64) as usize;
        let wanted = usize::try_from(until.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let end = from.saturating_add(wanted).min(self.samples.len());
        let present = self.present[from];
        let run = self.present[from..end]
            .iter()
            .take_while(|is| **is == present)
            .count();
        (&self.samples[from..from + run], present)
    }

    /// Forgets the first `count` samples (at most what [`Self::front`] gave).
    pub(super) fn advance(&mut self, count: usize) {
        let from = (self.start % self.samples.len() as u64) as usize;
        self.samples[from..from + count].fill(0);
        self.present[from..from + count].fill(false);
        self.start += count as u64;
    }
}
