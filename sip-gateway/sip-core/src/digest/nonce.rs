//! Nonces that carry their own proof, so that none has to be remembered to be believed.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{Millis, map::Map};

/// Nonces whose counters are remembered; the oldest are forgotten first.
const REMEMBERED: usize = 8192;
/// Hex digits of the time in front of a nonce.
const TIME: usize = 16;
/// Hex digits of the salt after it.
const SALT: usize = 8;

/// What is known about a nonce.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Ours and young enough.
    Fresh,
    /// Ours, but too old.
    Expired,
    /// Not ours: made up, or made before a restart.
    Foreign,
}

/// Makes and checks nonces.
pub struct Nonces {
    secret: [u8; 32],
    issued: u32,
    lifetime_ms: u64,
    /// Highest `nc` seen, and the cnonce it began with. The keys begin with the time, so the first
    /// is the oldest.
    counters: Map<String, (u32, String)>,
}

impl Nonces {
    pub fn new(secret: [u8; 32], lifetime_ms: u64) -> Self {
        Self {
            secret,
            issued: 0,
            lifetime_ms,
            counters: Map::new(),
        }
    }

    pub fn issue(&mut self, now: Millis) -> String {
        self.issued = self.issued.wrapping_add(1);
        let head = format!("{now:016x}{:08x}", self.issued);
        format!("{head}{}", self.proof(&head))
    }

    pub fn standing(&self, now: Millis, nonce: &str) -> Standing {
        let Some((head, proof)) = nonce.split_at_checked(TIME + SALT) else {
            return Standing::Foreign;
        };
        let genuine: bool = self.proof(head).as_bytes().ct_eq(proof.as_bytes()).into();
        // Anybody may write anything here: the cut may fall inside a character.
        match Millis::from_str_radix(head.get(..TIME).unwrap_or_default(), 16) {
            Ok(born) if genuine && now.saturating_sub(born) <= self.lifetime_ms => Standing::Fresh,
            Ok(_) if genuine => Standing::Expired,
            _ => Standing::Foreign,
        }
    }

    /// Notes a use of a nonce; `false` when its counter did not grow (RFC 7616 §3.4: a replay).
    pub fn count(&mut self, nonce: &str, nc: u32, cnonce: &str) -> bool {
        match self.counters.get_mut(nonce) {
            Some((highest, _)) if nc <= *highest => return false,
            Some((highest, _)) => *highest = nc,
            None => {
                let first = (nc, cnonce.to_owned());
                self.counters.insert(nonce.to_owned(), first);
            }
        }
        if self.counters.len() > REMEMBERED {
            self.counters.pop_first();
        }
        true
    }

    /// The cnonce this nonce was used with first.
    pub fn first_cnonce(&self, nonce: &str) -> Option<&str> {
        self.counters.get(nonce).map(|(_, cnonce)| cnonce.as_str())
    }

    /// HMAC's construction with SHA-256, shortened to 16 octets.
    fn proof(&self, head: &str) -> String {
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            block
                .iter_mut()
                .zip(self.secret)
                .for_each(|(slot, key)| *slot ^= key);
            block
        };
        let inner = Sha256::new()
            .chain_update(pad(0x36))
            .chain_update(head)
            .finalize();
        let outer = Sha256::new()
            .chain_update(pad(0x5c))
            .chain_update(inner)
            .finalize();
        hex::encode(&outer[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_fresh_then_expired_and_never_foreign() {
        let mut nonces = Nonces::new([7; 32], 1000);
        let nonce = nonces.issue(5000);
        assert_eq!(nonces.standing(6000, &nonce), Standing::Fresh);
        assert_eq!(nonces.standing(6001, &nonce), Standing::Expired);
        assert_eq!(
            Nonces::new([8; 32], 1000).standing(5000, &nonce),
            Standing::Foreign
        );
        for made_up in ["äöü", "0000000000000\u{fffd}0000000000"] {
            assert_eq!(nonces.standing(5000, made_up), Standing::Foreign);
        }
    }

    #[test]
    fn a_counter_that_does_not_grow_is_a_replay() {
        let mut nonces = Nonces::new([7; 32], 1000);
        assert!(nonces.count("n", 1, "c"));
        assert!(!nonces.count("n", 1, "c"));
        assert!(nonces.count("n", 2, "d"));
    }
}
