//! DTLS handshakes on threads of their own: one costs a millisecond or more of CPU, which would
//! stall every running call if the media thread paid it.
//!
//! ```text
//!  media thread ── Input (datagrams from checked paths, what the SDP says) ──► [`Workers`]
//!       ▲                                                                         │
//!       └── Output (datagrams to send, SRTP keys once the certificate fits) ◄─────┘
//! ```

mod handshake;
#[cfg(test)]
mod tests;
mod worker;

use std::{io, sync::Arc};

use rtc_crypto::{RTCCrypto, RTCCryptoProvider, providers::RingProvider};
use rtc_dtls::{
    config::{ClientAuthType, ConfigBuilder, ExtendedMasterSecretType, HandshakeConfig},
    crypto::Certificate,
    extension::extension_use_srtp::SrtpProtectionProfile,
};
use sha2::{Digest, Sha256};

use super::{LegId, path::Path, srtp};

pub(super) use worker::Workers;

/// Towards the DTLS threads.
#[derive(Debug)]
pub(super) enum Input {
    /// A datagram from a path that passed a connectivity check.
    Datagram(Vec<u8>),
    /// The SDP names the peer's certificates; `active`: we begin, once `Ready`.
    Peer {
        fingerprints: Vec<[u8; 32]>,
        active: bool,
    },
    /// A path exists.
    Ready,
    /// Say goodbye there and forget the leg.
    Close { goodbye_to: Option<Path> },
}

/// From the DTLS threads.
pub(super) enum Output {
    /// Send this to the peer.
    Send(Vec<u8>),
    /// Send this there: the leg is gone already.
    Goodbye(Vec<u8>, Path),
    /// The peer has the announced certificate: its keys.
    Keys(Box<(srtp::Inbound, srtp::Outbound)>),
    /// The peer said goodbye, or the handshake failed: in words.
    Ended(String),
}

impl std::fmt::Debug for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send(datagram) => write!(f, "Send({} octets)", datagram.len()),
            Self::Goodbye(..) => f.write_str("Goodbye"),
            Self::Keys(_) => f.write_str("Keys(…)"),
            Self::Ended(reason) => write!(f, "Ended({reason})"),
        }
    }
}

/// Whether a datagram is DTLS (RFC 7983 §7).
pub(super) fn is_dtls(first_octet: u8) -> bool {
    (20..=63).contains(&first_octet)
}

/// The certificate of this process and the configurations made of it.
#[derive(Clone)]
pub(super) struct Configs {
    provider: Arc<dyn RTCCryptoProvider>,
    /// Lists GCM only, which every current browser has and which costs a third.
    gcm: Arc<HandshakeConfig>,
    /// For a client that offers no GCM.
    cm: Arc<HandshakeConfig>,
    client: Arc<HandshakeConfig>,
    /// SHA-256 of the certificate in colon form, for the SDP.
    pub fingerprint: String,
}

impl Configs {
    /// Makes a certificate for this run.
    ///
    /// # Errors
    /// When the system has no randomness.
    pub(super) fn generate() -> io::Result<Self> {
        let provider: Arc<dyn RTCCryptoProvider> = Arc::new(RingProvider::new());
        let failed = |error: rtc_shared::error::Error| io::Error::other(error.to_string());
        let certificate =
            Certificate::generate_self_signed(vec!["trubka".to_owned()], provider.crypto())
                .map_err(failed)?;
        let fingerprint = certificate
            .certificate
            .first()
            .map(|der| colon_form(&sha256(der)))
            .ok_or_else(|| io::Error::other("the certificate is empty"))?;
        let build = |profiles, is_client| {
            ConfigBuilder::default()
                .with_crypto_provider(provider.clone())
                .with_certificates(vec![certificate.clone()])
                .with_srtp_protection_profiles(profiles)
                // Certificates are self-signed; the fingerprint in the SDP is what proves them.
                .with_client_auth(ClientAuthType::RequireAnyClientCert)
                .with_insecure_skip_verify(true)
                .with_extended_master_secret(ExtendedMasterSecretType::Request)
                .build(is_client, None)
                .map(Arc::new)
                .map_err(failed)
        };
        let gcm = SrtpProtectionProfile::Srtp_Aead_Aes_128_Gcm;
        let cm = SrtpProtectionProfile::Srtp_Aes128_Cm_Hmac_Sha1_80;
        Ok(Self {
            gcm: build(vec![gcm], false)?,
            cm: build(vec![cm], false)?,
            client: build(vec![gcm, cm], true)?,
            fingerprint,
            provider,
        })
    }

    /// The operations everything here is built on.
    pub(super) fn crypto(&self) -> &dyn RTCCrypto {
        self.provider.crypto()
    }
}

fn sha256(octets: &[u8]) -> [u8; 32] {
    Sha256::digest(octets).into()
}

fn colon_form(digest: &[u8]) -> String {
    let octets: Vec<String> = digest.iter().map(|octet| format!("{octet:02X}")).collect();
    octets.join(":")
}
