//! SRTP and SRTCP in place on `rtc-crypto` (RFC 3711, 7714): no allocation per packet, and no state
//! changes before a packet has proved itself.
//!
//! Our own because `rtc-srtp` marks its replay window before authentication and keeps state for
//! forged sources; the two agree packet for packet (see the tests).

mod cipher;
mod replay;
#[cfg(test)]
mod tests;

use rtc_crypto::RTCCrypto;

use cipher::Cipher;
pub(super) use replay::Window;

/// Octets a protected packet may be longer than a plain one: tag and SRTCP index.
pub(super) const OVERHEAD: usize = 20;

/// How the packets are protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Profile {
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 5764 §4.1.2).
    Cm80,
    /// `AES_CM_128_HMAC_SHA1_32` (RFC 4568 §6.2.2): a short tag on RTP, the long one on RTCP.
    Cm32,
    /// `AEAD_AES_128_GCM` (RFC 7714 §14.2).
    Gcm,
}

impl Profile {
    /// Octets of a master key.
    pub(super) const KEY: usize = 16;

    /// Octets of a master salt.
    pub(super) fn salt(self) -> usize {
        match self {
            Self::Cm80 | Self::Cm32 => 14,
            Self::Gcm => 12,
        }
    }

    fn tag(self) -> usize {
        match self {
            Self::Cm80 => 10,
            Self::Cm32 => 4,
            Self::Gcm => 16,
        }
    }

    /// How SRTCP is protected beside it.
    fn for_rtcp(self) -> Self {
        match self {
            Self::Cm80 | Self::Cm32 => Self::Cm80,
            Self::Gcm => Self::Gcm,
        }
    }
}

/// Why a packet was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SrtpError {
    /// Not RTP or too short.
    #[error("malformed")]
    Malformed,
    /// The tag does not fit: forged, damaged, or another key.
    #[error("not authentic")]
    NotAuthentic,
    /// Taken before, or too old to tell.
    #[error("replayed")]
    Replayed,
    /// The key has protected all it may (RFC 3711 §9.2).
    #[error("key used up")]
    KeyUsedUp,
}

/// Sources a peer may have at once; the one heard longest ago makes room.
const MAX_SOURCES: usize = 8;
/// Index bits of SRTCP.
const MAX_RTCP_INDEX: u32 = 0x7fff_ffff;

/// Packets towards the peer.
pub(super) struct Outbound {
    rtp: Cipher,
    rtcp: Cipher,
    rtcp_index: u32,
}

impl Outbound {
    /// Keys from the DTLS exporter or SDES: master key, then master salt.
    pub(super) fn new(
        crypto: &dyn RTCCrypto,
        profile: Profile,
        key: &[u8],
        salt: &[u8],
    ) -> Result<Self, rtc_crypto::CryptoError> {
        let (rtp, rtcp) = cipher::pair(crypto, profile, key, salt)?;
        Ok(Self {
            rtp,
            rtcp,
            rtcp_index: 0,
        })
    }

    /// Protects the RTP packet in the first `len` octets of `buffer`; its new length. `index` is the
    /// packet's 48-bit index; the caller must never pass one twice.
    pub(super) fn protect(
        &mut self,
        buffer: &mut [u8],
        len: usize,
        index: u64,
    ) -> Result<usize, SrtpError> {
        let end = len + self.rtp.profile().tag();
        if buffer.len() < end {
            return Err(SrtpError::Malformed);
        }
        let header = header_len(&buffer[..len]).ok_or(SrtpError::Malformed)?;
        let (packet, tag) = buffer[..end].split_at_mut(len);
        self.rtp.protect_rtp(packet, header, index, tag)?;
        Ok(end)
    }

    /// Protects the compound RTCP packet in the first `len` octets; its new length.
    pub(super) fn protect_rtcp(
        &mut self,
        buffer: &mut [u8],
        len: usize,
    ) -> Result<usize, SrtpError> {
        let end = len + self.rtcp.profile().tag() + 4;
        if len < 8 || buffer.len() < end {
            return Err(SrtpError::Malformed);
        }
        if self.rtcp_index >= MAX_RTCP_INDEX {
            return Err(SrtpError::KeyUsedUp);
        }
        self.rtcp_index += 1;
        self.rtcp
            .protect_rtcp(&mut buffer[..end], len, self.rtcp_index)?;
        Ok(end)
    }
}

/// Packets from the peer.
pub(super) struct Inbound {
    rtp: Cipher,
    rtcp: Cipher,
    rtp_sources: Sources,
    rtcp_sources: Sources,
}

impl Inbound {
    /// Keys from the DTLS exporter or SDES: master key, then master salt.
    pub(super) fn new(
        crypto: &dyn RTCCrypto,
        profile: Profile,
        key: &[u8],
        salt: &[u8],
    ) -> Result<Self, rtc_crypto::CryptoError> {
        let (rtp, rtcp) = cipher::pair(crypto, profile, key, salt)?;
        Ok(Self {
            rtp,
            rtcp,
            rtp_sources: Sources::new(),
            rtcp_sources: Sources::new(),
        })
    }

    /// Checks and decrypts an RTP packet in place; the length of the plain packet.
    pub(super) fn unprotect(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let tag = self.rtp.profile().tag();
        let plain = packet.len().checked_sub(tag).ok_or(SrtpError::Malformed)?;
        header_len(&packet[..plain]).ok_or(SrtpError::Malformed)?;
        let index = self.index_of(packet).ok_or(SrtpError::Malformed)?;
        self.unprotect_as(packet, index)
    }

    /// The index an RTP packet most likely has.
    pub(super) fn index_of(&self, packet: &[u8]) -> Option<u64> {
        let header = packet.first_chunk::<12>()?;
        let sequence = u16::from_be_bytes([header[2], header[3]]);
        let ssrc = u32::from_be_bytes([header[8], header[9], header[10], header[11]]);
        let window = self.rtp_sources.window(ssrc);
        Some(window.map_or(u64::from(sequence), |window| window.guess(sequence)))
    }

    /// Checks and decrypts an RTP packet whose index is known.
    pub(super) fn unprotect_as(
        &mut self,
        packet: &mut [u8],
        index: u64,
    ) -> Result<usize, SrtpError> {
        let tag = self.rtp.profile().tag();
        let plain = packet.len().checked_sub(tag).ok_or(SrtpError::Malformed)?;
        let header = header_len(&packet[..plain]).ok_or(SrtpError::Malformed)?;
        let ssrc = u32::from_be_bytes([packet[8], packet[9], packet[10], packet[11]]);
        let window = self.rtp_sources.window(ssrc);
        if window.is_some_and(|window| window.seen(index)) {
            return Err(SrtpError::Replayed);
        }
        self.rtp.unprotect_rtp(packet, header, index)?;
        // Only now: nothing a forger sends may change what is accepted later.
        self.rtp_sources.mark(ssrc, index);
        Ok(plain)
    }

    /// Checks and decrypts a compound RTCP packet in place; the length of the plain packet.
    pub(super) fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let (plain, index) = self.rtcp.rtcp_index(packet).ok_or(SrtpError::Malformed)?;
        let ssrc = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let window = self.rtcp_sources.window(ssrc);
        if window.is_some_and(|window| window.seen(u64::from(index))) {
            return Err(SrtpError::Replayed);
        }
        self.rtcp.unprotect_rtcp(packet, plain, index)?;
        self.rtcp_sources.mark(ssrc, u64::from(index));
        Ok(plain)
    }
}

/// The authenticated sources of a peer, at most [`MAX_SOURCES`].
struct Sources {
    known: Vec<Source>,
    clock: u64,
}

struct Source {
    ssrc: u32,
    window: Window,
    used: u64,
}

impl Sources {
    fn new() -> Self {
        Self {
            known: Vec::with_capacity(MAX_SOURCES),
            clock: 0,
        }
    }

    fn window(&self, ssrc: u32) -> Option<&Window> {
        self.known
            .iter()
            .find(|source| source.ssrc == ssrc)
            .map(|source| &source.window)
    }

    fn mark(&mut self, ssrc: u32, index: u64) {
        self.clock += 1;
        let known = self.known.iter().position(|source| source.ssrc == ssrc);
        let at = known.unwrap_or_else(|| self.admit(ssrc));
        self.known[at].used = self.clock;
        self.known[at].window.mark(index);
    }

    fn admit(&mut self, ssrc: u32) -> usize {
        if self.known.len() == MAX_SOURCES {
            let oldest = (0..MAX_SOURCES)
                .min_by_key(|at| self.known[*at].used)
                .unwrap_or(0);
            self.known.swap_remove(oldest);
        }
        self.known.push(Source {
            ssrc,
            window: Window::default(),
            used: 0,
        });
        self.known.len() - 1
    }
}

/// Octets of the RTP header with its CSRC list and extension (RFC 3550 §5.1, 5.3.1).
fn header_len(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    if packet.len() < 12 || first >> 6 != 2 {
        return None;
    }
    let mut len = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = packet.get(len + 2..len + 4)?;
        len += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
    }
    (len <= packet.len()).then_some(len)
}
