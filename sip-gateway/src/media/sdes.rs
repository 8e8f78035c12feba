//! Packets of a line leg under SDES keys (RFC 4568), across re-INVITEs that keep or change them.

use rtc_crypto::{CryptoError, RTCCrypto};

use super::{
    leg::BUFFER,
    sdp::{Master, SdesKeys},
    srtp::{Inbound, Outbound, SrtpError},
};

/// After a change of keys packets under the old ones are still taken for so long.
const GRACE_US: u64 = 2_000_000;

/// How a line leg's packets are protected.
pub(super) enum Protection {
    /// Not at all.
    Plain,
    /// By keys out of the SDP.
    Sdes(Box<Sdes>),
    /// It should be, and cannot: nothing passes.
    Broken,
}

impl Protection {
    /// Takes what was agreed on. The same keys again change nothing: counters and windows go on.
    pub(super) fn agree(
        &mut self,
        crypto: &dyn RTCCrypto,
        keys: Option<SdesKeys>,
        now_us: u64,
    ) -> Result<(), CryptoError> {
        let Some(keys) = keys else {
            *self = Self::Plain;
            return Ok(());
        };
        if let Self::Sdes(sdes) = self {
            return sdes.change(crypto, keys, now_us);
        }
        *self = Self::Broken;
        *self = Self::Sdes(Box::new(Sdes::new(crypto, keys)?));
        Ok(())
    }

    /// Protects the RTP packet in `buffer[..len]`; its new length.
    pub(super) fn protect(
        &mut self,
        buffer: &mut [u8],
        len: usize,
        index: u64,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Plain => Ok(len),
            Self::Sdes(sdes) => sdes.outbound.protect(buffer, len, index),
            Self::Broken => Err(SrtpError::KeyUsedUp),
        }
    }

    /// Protects the RTCP packet in `buffer[..len]`; its new length.
    pub(super) fn protect_rtcp(
        &mut self,
        buffer: &mut [u8],
        len: usize,
    ) -> Result<usize, SrtpError> {
        match self {
            Self::Plain => Ok(len),
            Self::Sdes(sdes) => sdes.outbound.protect_rtcp(buffer, len),
            Self::Broken => Err(SrtpError::KeyUsedUp),
        }
    }

    /// Checks and decrypts in place; the length of the plain packet.
    pub(super) fn unprotect(&mut self, packet: &mut [u8], now_us: u64) -> Result<usize, SrtpError> {
        match self {
            Self::Plain => Ok(packet.len()),
            Self::Sdes(sdes) => sdes.unprotect(packet, now_us),
            Self::Broken => Err(SrtpError::KeyUsedUp),
        }
    }

    /// The same for RTCP.
    pub(super) fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        match self {
            Self::Plain => Ok(packet.len()),
            Self::Sdes(sdes) => sdes.inbound.unprotect_rtcp(packet),
            Self::Broken => Err(SrtpError::KeyUsedUp),
        }
    }
}

/// Both directions' keys at work.
pub(super) struct Sdes {
    keys: SdesKeys,
    outbound: Outbound,
    inbound: Inbound,
    /// The peer's keys before the last change, and until when packets under them are taken.
    former: Option<(Inbound, u64)>,
    /// A packet as it came: a failed check may leave it spoilt.
    came: Box<[u8; BUFFER]>,
}

impl Sdes {
    fn new(crypto: &dyn RTCCrypto, keys: SdesKeys) -> Result<Self, CryptoError> {
        Ok(Self {
            keys,
            outbound: outbound(crypto, &keys.send)?,
            inbound: inbound(crypto, &keys.receive)?,
            former: None,
            came: Box::new([0; BUFFER]),
        })
    }

    fn change(
        &mut self,
        crypto: &dyn RTCCrypto,
        keys: SdesKeys,
        now_us: u64,
    ) -> Result<(), CryptoError> {
        if keys.send != self.keys.send {
            self.outbound = outbound(crypto, &keys.send)?;
        }
        if keys.receive != self.keys.receive {
            let new = inbound(crypto, &keys.receive)?;
            let old = std::mem::replace(&mut self.inbound, new);
            self.former = Some((old, now_us + GRACE_US));
        }
        self.keys = keys;
        Ok(())
    }

    fn unprotect(&mut self, packet: &mut [u8], now_us: u64) -> Result<usize, SrtpError> {
        if self.former.is_none() {
            return self.inbound.unprotect(packet);
        }
        let came = self
            .came
            .get_mut(..packet.len())
            .ok_or(SrtpError::Malformed)?;
        came.copy_from_slice(packet);
        let refused = match self.inbound.unprotect(packet) {
            Ok(len) => {
                self.former.take_if(|(_, until)| now_us >= *until);
                return Ok(len);
            }
            Err(error) => error,
        };
        let Some((former, until)) = &mut self.former else {
            return Err(refused);
        };
        packet.copy_from_slice(came);
        // RFC 3711 §8.1: the roll-over counter outlives the key. Most start again at zero instead.
        if let Some(index) = former.index_of(packet)
            && let Ok(len) = self.inbound.unprotect_as(packet, index)
        {
            return Ok(len);
        }
        if now_us >= *until {
            return Err(refused);
        }
        packet.copy_from_slice(came);
        former.unprotect(packet)
    }
}

fn outbound(crypto: &dyn RTCCrypto, master: &Master) -> Result<Outbound, CryptoError> {
    Outbound::new(crypto, master.profile, master.key(), master.salt())
}

fn inbound(crypto: &dyn RTCCrypto, master: &Master) -> Result<Inbound, CryptoError> {
    Inbound::new(crypto, master.profile, master.key(), master.salt())
}

#[cfg(test)]
mod tests;
