//! Tags, branches, nonces.

/// `octets` random octets in hex. Without a random source, a counter: unique still.
pub fn token(octets: usize) -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static FALLBACK: AtomicU64 = AtomicU64::new(1);
    let mut bytes = vec![0; octets];
    if getrandom::fill(&mut bytes).is_err() {
        return format!("{:x}", FALLBACK.fetch_add(1, Ordering::Relaxed));
    }
    hex::encode(bytes)
}

/// A Via branch (RFC 3261 §8.1.1.7).
pub fn branch() -> String {
    format!("z9hG4bK{}", token(8))
}

/// 32 random bits.
pub fn number() -> u32 {
    u32::from_str_radix(&token(4), 16).unwrap_or(1)
}
