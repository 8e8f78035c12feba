//! A line as it is configured.

use ipnet::IpNet;

use super::LineId;

/// A SIP account or trunk at a provider, as the gateway needs it. Begin with [`LineConfig::new`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineConfig {
    /// Names the line.
    pub id: LineId,
    /// Name people see, for example `Sales`.
    pub label: String,
    /// User of the address of record.
    pub user: String,
    /// Name for digest; usually equal to `user`.
    pub auth_user: String,
    /// Password for digest.
    pub password: sip_secret::Secret,
    /// Domain of the address of record, and host to register at unless `host` is set.
    /// `host:port` is understood here, in `host` and in `outbound_proxy`.
    pub domain: String,
    /// Host or IP to send to; `None`: the domain.
    pub host: Option<String>,
    /// Port; `None`: what DNS says, else 5060 (TLS: 5061).
    pub port: Option<u16>,
    /// Proxy all requests of the line go through, put into Route (RFC 3261 §8.1.2); `host[:port]`.
    pub outbound_proxy: Option<String>,
    /// What it is reached over.
    pub transport: LineTransport,
    /// Whether it registers.
    pub mode: LineMode,
    /// Number shown to people and used as caller; `None`: the user.
    pub number: Option<String>,
    /// Further numbers that ring here (DIDs), as the provider spells them.
    pub numbers: Vec<String>,
    /// Seconds asked for in REGISTER.
    pub expires_secs: u32,
    /// Whether calls are recorded.
    pub record: bool,
    /// Encryption of the audio (RFC 4568).
    pub srtp: SrtpMode,
    /// Codecs offered, in order; empty: the gateway's own order.
    pub codecs: Vec<LineCodec>,
    /// Where the caller's number is written.
    pub caller_id: CallerIdHeader,
    /// Domain in From; `None`: `domain`.
    pub from_domain: Option<String>,
    /// How digits are sent.
    pub dtmf: DtmfMode,
    /// Certificates (PEM) that are trusted for this line beside the well-known ones.
    pub tls_ca_pem: Option<String>,
    /// Calls the line carries at once, both directions together; `None`: no limit known.
    pub channels: Option<u32>,
}

impl LineConfig {
    /// An account that registers over UDP at its domain, with everything else as most have it.
    #[must_use]
    pub fn new(id: LineId, user: &str, password: &str, domain: &str) -> Self {
        Self {
            id,
            label: user.to_owned(),
            user: user.to_owned(),
            auth_user: user.to_owned(),
            password: sip_secret::Secret(password.to_owned()),
            domain: domain.to_owned(),
            host: None,
            port: None,
            outbound_proxy: None,
            transport: LineTransport::Udp,
            mode: LineMode::Register,
            number: None,
            numbers: Vec::new(),
            expires_secs: 300,
            record: true,
            srtp: SrtpMode::Off,
            codecs: Vec::new(),
            caller_id: CallerIdHeader::From,
            from_domain: None,
            dtmf: DtmfMode::Rfc4733,
            tls_ca_pem: None,
            channels: None,
        }
    }
}

/// A password that does not print itself.
pub mod sip_secret {
    /// A password; `Debug` hides it.
    #[derive(Clone, PartialEq, Eq)]
    pub struct Secret(pub String);
    impl std::fmt::Debug for Secret {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("…")
        }
    }
}

/// What a line is reached over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineTransport {
    /// UDP; requests over 1300 octets go over TCP where the provider takes it (RFC 3261 §18.1.1).
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS with a checked certificate.
    Tls,
}

/// Whether a line registers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LineMode {
    /// With user and password.
    #[default]
    Register,
    /// It does not; the provider knows our address and we know its.
    IpTrunk {
        /// Networks calls may come from, besides the addresses of the host itself.
        sources: Vec<IpNet>,
    },
}

/// Encryption of a line's audio by SDES-SRTP (RFC 4568).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SrtpMode {
    /// Never.
    #[default]
    Off,
    /// Where the far end offers it or takes it.
    Optional,
    /// Always; calls without it are refused with 488.
    Required,
}

/// A codec of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineCodec {
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
    /// G.722.
    G722,
    /// Opus.
    Opus,
}

/// Where the caller's number is written in an INVITE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallerIdHeader {
    /// In From.
    #[default]
    From,
    /// In P-Asserted-Identity and P-Preferred-Identity (RFC 3325); From names the account.
    PAssertedIdentity,
    /// In Remote-Party-ID; From names the account.
    RemotePartyId,
}

/// How digits are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DtmfMode {
    /// As telephone events in RTP.
    #[default]
    Rfc4733,
    /// As INFO with `application/dtmf-relay`.
    Info,
    /// As tones in the audio.
    InBand,
}
