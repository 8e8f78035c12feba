//! The only source of randomness: SHA-256 over a seed and a counter.

use sha2::{Digest, Sha256};

/// A seeded generator. Without the seed its values cannot be guessed.
pub struct Random {
    seed: [u8; 32],
    counter: u64,
}

impl Random {
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, counter: 0 }
    }

    fn block(&mut self) -> [u8; 32] {
        self.counter += 1;
        Sha256::new()
            .chain_update(self.seed)
            .chain_update(self.counter.to_be_bytes())
            .finalize()
            .into()
    }

    /// A word of `octets` random octets (at most 32) in hex.
    pub fn word(&mut self, octets: usize) -> String {
        let block = self.block();
        hex::encode(&block[..octets.min(block.len())])
    }

    /// A number in `low..=high`.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let block = self.block();
        let value = block[..8]
            .iter()
            .fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let span = high.saturating_sub(low).saturating_add(1);
        low + value % span
    }

    /// A branch with the magic cookie (RFC 3261 §8.1.1.7).
    pub fn branch(&mut self) -> String {
        format!("{}{}", crate::transaction::MAGIC_COOKIE, self.word(12))
    }

    /// A From or To tag; at least 32 random bits (RFC 3261 §19.3).
    pub fn tag(&mut self) -> String {
        self.word(8)
    }
}
