//! Random choices that are not secrets: jitter, call names, host names.

/// SplitMix64; seeded from outside, so tests repeat.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: &[u8; 32]) -> Self {
        let folded = seed.chunks_exact(8).fold(0_u64, |sum, chunk| {
            let word = chunk
                .iter()
                .fold(0_u64, |word, byte| (word << 8) | u64::from(*byte));
            sum.rotate_left(17) ^ word
        });
        Self(folded)
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is above 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }

    /// Ten letters and digits.
    pub(super) fn word(&mut self) -> String {
        let mut bits = self.next();
        let letter =
            |bits: u64| char::from(b"abcdefghijklmnopqrstuvwxyz234567"[(bits & 31) as usize]);
        (0..10)
            .map(|_| {
                let chosen = letter(bits);
                bits >>= 5;
                chosen
            })
            .collect()
    }

    /// A UUID of version 4 (RFC 9562 §5.4), 32 hexadecimal digits.
    pub(super) fn uuid(&mut self) -> String {
        let high = (self.next() & !0xF000) | 0x4000;
        let low = (self.next() & (u64::MAX >> 2)) | (1 << 63);
        let mut text = String::with_capacity(32);
        for word in [high, low] {
            for shift in (0..16).rev() {
                let digit = (word >> (shift * 4)) as u32 & 15;
                text.extend(char::from_digit(digit, 16));
            }
        }
        text
    }
}

/// A UUID as it is written, for a page that has none yet.
#[must_use]
pub fn fresh_uuid(seed: &[u8; 32]) -> String {
    super::party::with_hyphens(&Random::new(seed).uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_variant() {
        let uuid = Random::new(&[7; 32]).uuid();
        assert_eq!(uuid.len(), 32);
        assert_eq!(&uuid[12..13], "4");
        assert!("89ab".contains(&uuid[16..17]));
    }

    #[test]
    fn different_seeds_choose_differently() {
        let mut other = [7; 32];
        other[31] = 8;
        assert_ne!(Random::new(&[7; 32]).word(), Random::new(&other).word());
    }
}
