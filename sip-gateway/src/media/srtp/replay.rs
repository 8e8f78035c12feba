//! A sliding window over 48-bit packet indices (RFC 3711 §3.3.1, 3.3.2).

/// Which of the last 128 indices were taken.
#[derive(Clone, Debug, Default)]
pub(in crate::media) struct Window {
    /// One above the highest index taken; 0 is none.
    next: u64,
    /// Bit `n` stands for index `next - 1 - n`.
    bits: u128,
}

impl Window {
    const SIZE: u64 = 128;

    /// The index a 16-bit sequence number most likely stands for: the nearest to the highest taken.
    pub(in crate::media) fn guess(&self, sequence: u16) -> u64 {
        let Some(highest) = self.next.checked_sub(1) else {
            return u64::from(sequence);
        };
        #[expect(clippy::cast_possible_truncation, reason = "the low 16 bits are meant")]
        let low = highest as u16;
        let ahead = sequence.wrapping_sub(low);
        if ahead < 0x8000 {
            highest + u64::from(ahead)
        } else {
            // Before the first roll-over nothing lies below zero: it must be far ahead.
            let back = u64::from(low.wrapping_sub(sequence));
            highest
                .checked_sub(back)
                .unwrap_or(highest + u64::from(ahead))
        }
    }

    /// Whether this index was taken, or is too old to tell.
    pub(in crate::media) fn seen(&self, index: u64) -> bool {
        if index >= self.next {
            return false;
        }
        let age = self.next - 1 - index;
        age >= Self::SIZE || self.bits >> age & 1 == 1
    }

    /// Notes that this index was taken.
    pub(in crate::media) fn mark(&mut self, index: u64) {
        if index >= self.next {
            let ahead = index + 1 - self.next;
            self.bits = if ahead >= Self::SIZE {
                0
            } else {
                self.bits << ahead
            };
            self.bits |= 1;
            self.next = index + 1;
        } else if self.next - 1 - index < Self::SIZE {
            self.bits |= 1 << (self.next - 1 - index);
        }
    }
}
