//! The two protection profiles over `rtc-crypto`'s primitives.

use rtc_crypto::{
    AeadAlgorithm, AeadCipher, BlockCipherAlgorithm, CryptoError, HmacAlgorithm, Mac, RTCCrypto,
    StreamCipher, StreamCipherAlgorithm, constant_time_eq,
};

use super::{Profile, SrtpError};

/// Marks an encrypted SRTCP packet in the index field (RFC 3711 §3.4).
const ENCRYPTED: u32 = 1 << 31;
const GCM_TAG: usize = 16;
/// Of SRTCP, whatever SRTP's is (RFC 4568 §6.2.2).
const CM_TAG: usize = 10;

/// One direction's session keys for RTP or for RTCP.
pub(super) enum Cipher {
    Cm {
        stream: Box<dyn StreamCipher>,
        mac: Box<dyn Mac>,
        salt: [u8; 14],
        /// Tag of four octets instead of ten.
        short: bool,
    },
    Gcm {
        aead: Box<dyn AeadCipher>,
        salt: [u8; 12],
    },
}

/// The session keys for RTP and RTCP (RFC 3711 §4.3.2).
pub(super) fn pair(
    crypto: &dyn RTCCrypto,
    profile: Profile,
    key: &[u8],
    salt: &[u8],
) -> Result<(Cipher, Cipher), CryptoError> {
    let make = |profile, first_label| Cipher::derive(crypto, profile, key, salt, first_label);
    Ok((make(profile, 0)?, make(profile.for_rtcp(), 3)?))
}

impl Cipher {
    /// Labels `first` to `first + 2` are encryption, authentication and salting keys.
    fn derive(
        crypto: &dyn RTCCrypto,
        profile: Profile,
        key: &[u8],
        master_salt: &[u8],
        first: u8,
    ) -> Result<Self, CryptoError> {
        let derive = |label, out: &mut [u8]| derive(crypto, key, master_salt, label, out);
        let mut session = [0; 16];
        derive(first, &mut session)?;
        match profile {
            Profile::Cm80 | Profile::Cm32 => {
                let (mut authentication, mut salt) = ([0; 20], [0; 14]);
                derive(first + 1, &mut authentication)?;
                derive(first + 2, &mut salt)?;
                Ok(Self::Cm {
                    stream: crypto.new_stream_cipher(StreamCipherAlgorithm::Aes128Ctr, &session)?,
                    mac: crypto.new_hmac(HmacAlgorithm::Sha1, &authentication)?,
                    salt,
                    short: profile == Profile::Cm32,
                })
            }
            Profile::Gcm => {
                let mut salt = [0; 12];
                derive(first + 2, &mut salt)?;
                let aead = crypto.new_aead(AeadAlgorithm::Aes128Gcm, &session)?;
                Ok(Self::Gcm { aead, salt })
            }
        }
    }

    pub(super) fn profile(&self) -> Profile {
        match self {
            Self::Cm { short: true, .. } => Profile::Cm32,
            Self::Cm { short: false, .. } => Profile::Cm80,
            Self::Gcm { .. } => Profile::Gcm,
        }
    }

    /// Encrypts `packet` after its header and writes the tag.
    pub(super) fn protect_rtp(
        &mut self,
        packet: &mut [u8],
        header: usize,
        index: u64,
        tag: &mut [u8],
    ) -> Result<(), SrtpError> {
        let ssrc = ssrc(packet, 8);
        let failed = |_| SrtpError::Malformed;
        match self {
            Self::Cm {
                stream, mac, salt, ..
            } => {
                let iv = cm_iv(salt, ssrc, index);
                stream
                    .apply_keystream(&iv, &mut packet[header..])
                    .map_err(failed)?;
                let full = sign(mac.as_mut(), &[packet, &roc(index)])?;
                tag.copy_from_slice(&full[..tag.len()]);
                Ok(())
            }
            Self::Gcm { aead, salt } => {
                let iv = gcm_iv(salt, ssrc, index);
                let (header, payload) = packet.split_at_mut(header);
                aead.seal_in_place(&iv, header, payload, tag)
                    .map_err(failed)
            }
        }
    }

    /// Checks the tag at the end of `packet` and decrypts what lies between header and tag.
    pub(super) fn unprotect_rtp(
        &mut self,
        packet: &mut [u8],
        header: usize,
        index: u64,
    ) -> Result<(), SrtpError> {
        let ssrc = ssrc(packet, 8);
        let plain = packet.len() - self.profile().tag();
        let (packet, tag) = packet.split_at_mut(plain);
        match self {
            Self::Cm {
                stream, mac, salt, ..
            } => {
                let full = sign(mac.as_mut(), &[packet, &roc(index)])?;
                if !constant_time_eq(&full[..tag.len()], tag) {
                    return Err(SrtpError::NotAuthentic);
                }
                let iv = cm_iv(salt, ssrc, index);
                stream
                    .apply_keystream(&iv, &mut packet[header..])
                    .map_err(|_| SrtpError::Malformed)
            }
            Self::Gcm { aead, salt } => {
                let iv = gcm_iv(salt, ssrc, index);
                let (header, payload) = packet.split_at_mut(header);
                aead.open_in_place(&iv, header, payload, tag)
                    .map_err(|_| SrtpError::NotAuthentic)
            }
        }
    }

    /// Protects `buffer[..len]`; tag and index fill the rest (RFC 3711 §3.4, RFC 7714 §9).
    pub(super) fn protect_rtcp(
        &mut self,
        buffer: &mut [u8],
        len: usize,
        index: u32,
    ) -> Result<(), SrtpError> {
        let ssrc = ssrc(buffer, 4);
        let word = (index | ENCRYPTED).to_be_bytes();
        let failed = |_| SrtpError::Malformed;
        match self {
            Self::Cm {
                stream, mac, salt, ..
            } => {
                let iv = cm_iv(salt, ssrc, u64::from(index));
                stream
                    .apply_keystream(&iv, &mut buffer[8..len])
                    .map_err(failed)?;
                buffer[len..len + 4].copy_from_slice(&word);
                let full = sign(mac.as_mut(), &[&buffer[..len + 4]])?;
                buffer[len + 4..].copy_from_slice(&full[..CM_TAG]);
                Ok(())
            }
            Self::Gcm { aead, salt } => {
                let iv = gcm_rtcp_iv(salt, ssrc, index);
                let mut associated = [0; 12];
                associated[..8].copy_from_slice(&buffer[..8]);
                associated[8..].copy_from_slice(&word);
                let (packet, rest) = buffer.split_at_mut(len);
                let (tag, place) = rest.split_at_mut(GCM_TAG);
                place.copy_from_slice(&word);
                aead.seal_in_place(&iv, &associated, &mut packet[8..], tag)
                    .map_err(failed)
            }
        }
    }

    /// Length of the plain packet and its index; `None`: too short or not encrypted.
    pub(super) fn rtcp_index(&self, packet: &[u8]) -> Option<(usize, u32)> {
        let plain = packet.len().checked_sub(self.profile().tag() + 4)?;
        let at = match self {
            Self::Cm { .. } => plain,
            Self::Gcm { .. } => plain + GCM_TAG,
        };
        if plain < 8 {
            return None;
        }
        let word = u32::from_be_bytes(packet.get(at..at + 4)?.try_into().ok()?);
        (word & ENCRYPTED != 0).then_some((plain, word & !ENCRYPTED))
    }

    /// Checks and decrypts `packet[..plain]`.
    pub(super) fn unprotect_rtcp(
        &mut self,
        packet: &mut [u8],
        plain: usize,
        index: u32,
    ) -> Result<(), SrtpError> {
        let ssrc = ssrc(packet, 4);
        match self {
            Self::Cm {
                stream, mac, salt, ..
            } => {
                let (signed, tag) = packet.split_at_mut(plain + 4);
                let full = sign(mac.as_mut(), &[signed])?;
                if !constant_time_eq(&full[..CM_TAG], tag) {
                    return Err(SrtpError::NotAuthentic);
                }
                let iv = cm_iv(salt, ssrc, u64::from(index));
                stream
                    .apply_keystream(&iv, &mut signed[8..plain])
                    .map_err(|_| SrtpError::Malformed)
            }
            Self::Gcm { aead, salt } => {
                let iv = gcm_rtcp_iv(salt, ssrc, index);
                let mut associated = [0; 12];
                associated[..8].copy_from_slice(&packet[..8]);
                associated[8..].copy_from_slice(&(index | ENCRYPTED).to_be_bytes());
                let (body, rest) = packet.split_at_mut(plain);
                aead.open_in_place(&iv, &associated, &mut body[8..], &rest[..GCM_TAG])
                    .map_err(|_| SrtpError::NotAuthentic)
            }
        }
    }
}

fn sign(mac: &mut dyn Mac, input: &[&[u8]]) -> Result<[u8; 20], SrtpError> {
    let mut full = [0; 20];
    mac.sign(input, &mut full)
        .map_err(|_| SrtpError::Malformed)?;
    Ok(full)
}

fn ssrc(packet: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
}

/// The roll-over counter as it is signed (RFC 3711 §4.2).
fn roc(index: u64) -> [u8; 4] {
    let bytes = index.to_be_bytes();
    [bytes[2], bytes[3], bytes[4], bytes[5]]
}

/// RFC 3711 §4.1.1: salt, source and index, each in its place.
fn cm_iv(salt: &[u8; 14], ssrc: u32, index: u64) -> [u8; 16] {
    let mut iv = [0; 16];
    iv[4..8].copy_from_slice(&ssrc.to_be_bytes());
    iv[8..14].copy_from_slice(&index.to_be_bytes()[2..]);
    iv.iter_mut()
        .zip(salt)
        .for_each(|(octet, salt)| *octet ^= salt);
    iv
}

/// RFC 7714 §8.1.
fn gcm_iv(salt: &[u8; 12], ssrc: u32, index: u64) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[6..12].copy_from_slice(&index.to_be_bytes()[2..]);
    iv.iter_mut()
        .zip(salt)
        .for_each(|(octet, salt)| *octet ^= salt);
    iv
}

/// RFC 7714 §9.1.
fn gcm_rtcp_iv(salt: &[u8; 12], ssrc: u32, index: u32) -> [u8; 12] {
    let mut iv = [0; 12];
    iv[2..6].copy_from_slice(&ssrc.to_be_bytes());
    iv[8..12].copy_from_slice(&index.to_be_bytes());
    iv.iter_mut()
        .zip(salt)
        .for_each(|(octet, salt)| *octet ^= salt);
    iv
}

/// AES-CM key derivation with rate zero (RFC 3711 §4.3.3).
fn derive(
    crypto: &dyn RTCCrypto,
    key: &[u8],
    salt: &[u8],
    label: u8,
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let mut input = [0; 16];
    input[..salt.len()].copy_from_slice(salt);
    input[7] ^= label;
    for (counter, chunk) in (0_u8..).zip(out.chunks_mut(16)) {
        let mut block = input;
        block[15] = counter;
        crypto.block_encrypt(BlockCipherAlgorithm::Aes128, key, &mut block)?;
        chunk.copy_from_slice(&block[..chunk.len()]);
    }
    Ok(())
}
