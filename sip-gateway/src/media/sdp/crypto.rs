//! `a=crypto` (RFC 4568): suites and keys of SDES-SRTP.

use std::fmt::{self, Write as _};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::media::srtp::Profile;

/// Octets of randomness our keys are made of.
pub(in crate::media) const SEED: usize = 3 * KEY_AND_SALT;
const KEY_AND_SALT: usize = 30;
/// Suites we offer, best first. The widest spread one leads: some telephones look at the first line
/// only.
const SUITES: [Profile; 3] = [Profile::Cm80, Profile::Gcm, Profile::Cm32];

/// A master key with its salt, for one direction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::media) struct Master {
    pub profile: Profile,
    key: [u8; Profile::KEY],
    salt: [u8; 14],
}

impl fmt::Debug for Master {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Master({:?})", self.profile)
    }
}

impl Master {
    pub(in crate::media) fn key(&self) -> &[u8] {
        &self.key
    }

    pub(in crate::media) fn salt(&self) -> &[u8] {
        &self.salt[..self.profile.salt()]
    }

    fn new(profile: Profile, octets: &[u8]) -> Option<Self> {
        let (key, given) = octets.split_first_chunk()?;
        let mut salt = [0; 14];
        salt.get_mut(..profile.salt())?
            .copy_from_slice(given.get(..profile.salt())?);
        Some(Self {
            profile,
            key: *key,
            salt,
        })
    }
}

/// Our keys, one for each suite. They stay for the life of the leg, so that its packet counter does.
pub(in crate::media) fn own_keys(seed: &[u8; SEED]) -> Vec<Master> {
    SUITES
        .into_iter()
        .zip(seed.chunks(KEY_AND_SALT))
        .filter_map(|(profile, octets)| Master::new(profile, octets))
        .collect()
}

/// A line of `a=crypto` that we can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::media) struct Crypto {
    /// Names the line in offer and answer.
    pub tag: u32,
    /// What its writer sends with.
    pub master: Master,
}

impl Crypto {
    /// `tag suite inline:key [session parameters]`; `None`: not for us.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let mut words = value.split_ascii_whitespace();
        let tag = words.next()?.parse().ok()?;
        let profile = suite(words.next()?)?;
        let master = master(profile, words.next()?)?;
        // RFC 4568 §6.3: what must be understood and is not makes the line void. The hint of a
        // window's size may be passed over (§6.3.7).
        let known =
            |word: &str| word.starts_with('-') || word.to_ascii_uppercase().starts_with("WSH=");
        words.all(known).then_some(Self { tag, master })
    }

    pub(super) fn put(&self, out: &mut String) {
        let Master { profile, key, .. } = &self.master;
        let octets = [key.as_slice(), self.master.salt()].concat();
        let key = STANDARD.encode(octets);
        // Writing into a `String` cannot fail.
        let _ = write!(
            out,
            "a=crypto:{} {} inline:{key}\r\n",
            self.tag,
            name(*profile)
        );
    }
}

/// The keys that belong to both directions of a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::media) struct SdesKeys {
    pub send: Master,
    pub receive: Master,
}

fn suite(name: &str) -> Option<Profile> {
    SUITES
        .into_iter()
        .find(|profile| name.eq_ignore_ascii_case(self::name(*profile)))
}

fn name(profile: Profile) -> &'static str {
    match profile {
        Profile::Cm80 => "AES_CM_128_HMAC_SHA1_80",
        Profile::Cm32 => "AES_CM_128_HMAC_SHA1_32",
        Profile::Gcm => "AEAD_AES_128_GCM",
    }
}

/// `inline:key||salt[|lifetime][|MKI:length]` (RFC 4568 §6.1).
fn master(profile: Profile, parameters: &str) -> Option<Master> {
    // Several keys need an MKI in every packet to tell them apart.
    if parameters.contains(';') {
        return None;
    }
    let (method, info) = parameters.split_once(':')?;
    let mut parts = info.split('|');
    let text = parts.next()?.trim_end_matches('=');
    // The lifetime outlasts every call; an MKI we do not speak.
    if !method.eq_ignore_ascii_case("inline") || parts.any(|part| part.contains(':')) {
        return None;
    }
    let octets = base64::engine::general_purpose::STANDARD_NO_PAD
        .decode(text)
        .ok()?;
    (octets.len() == Profile::KEY + profile.salt())
        .then(|| Master::new(profile, &octets))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    #[test]
    fn rfc_4568_examples_are_read() {
        let line =
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20 -FEC_ORDER=FEC_SRTP WSH=64");
        let crypto = Crypto::parse(&line).unwrap();
        assert_eq!((crypto.tag, crypto.master.profile), (1, Profile::Cm80));
        assert_eq!(crypto.master.key(), b"YS___semctl () {");
        assert_eq!(crypto.master.salt(), b"\t220;}\n}\nunles");
    }

    #[test]
    fn what_is_written_is_read() {
        for master in own_keys(&std::array::from_fn(|at| at as u8)) {
            let (crypto, mut text) = (Crypto { tag: 7, master }, String::new());
            crypto.put(&mut text);
            let value = text.trim().strip_prefix("a=crypto:").unwrap();
            assert_eq!(Crypto::parse(value), Some(crypto));
        }
    }

    #[test]
    fn lines_that_need_what_we_cannot_do_are_void() {
        for value in [
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4;inline:{KEY}|2^20|2:4"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP"),
            format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} KDR=1"),
            format!("1 F8_128_HMAC_SHA1_80 inline:{KEY}"),
            format!("1 AEAD_AES_128_GCM inline:{KEY}"),
            "1 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ=".to_owned(),
            "1 AES_CM_128_HMAC_SHA1_80".to_owned(),
            "x AES_CM_128_HMAC_SHA1_80 inline:".to_owned(),
        ] {
            assert_eq!(Crypto::parse(&value), None, "{value}");
        }
    }

    #[test]
    fn keys_do_not_print_themselves() {
        let line = format!("1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}");
        let text = format!("{:?}", Crypto::parse(&line));
        assert!(!text.contains("key"), "{text}");
    }
}
