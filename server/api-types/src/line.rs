//! Lines: SIP accounts at providers.

use serde::{Deserialize, Serialize};

use crate::{DialOverrides, PhoneNumber, Rewrite, RingPlan, UnixMs};

/// Whether a line is registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "state", rename_all = "snake_case", from = "FlatLineState")]
pub enum LineState {
    /// REGISTER is under way.
    Trying,
    /// Registered.
    Registered {
        /// Seconds granted.
        expires_secs: u32,
        /// Milliseconds to the registrar and back.
        round_trip_ms: u32,
    },
    /// Not registered.
    Failed {
        /// SIP code.
        code: u16,
        /// SIP reason phrase.
        reason: String,
    },
}

/// How [`LineState`] is read: every field in one place. Serde's own reading of a tagged enum keeps
/// the whole object in a tree first, and each browser would have to download the code for that.
#[derive(Deserialize)]
struct FlatLineState {
    state: LineStateName,
    #[serde(default)]
    expires_secs: u32,
    #[serde(default)]
    round_trip_ms: u32,
    #[serde(default)]
    code: u16,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum LineStateName {
    Trying,
    Registered,
    Failed,
}

impl From<FlatLineState> for LineState {
    fn from(flat: FlatLineState) -> Self {
        match flat.state {
            LineStateName::Trying => Self::Trying,
            LineStateName::Registered => Self::Registered {
                expires_secs: flat.expires_secs,
                round_trip_ms: flat.round_trip_ms,
            },
            LineStateName::Failed => Self::Failed {
                code: flat.code,
                reason: flat.reason,
            },
        }
    }
}

/// How SIP travels to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineTransport {
    /// UDP; TCP for requests too large for it.
    #[default]
    Udp,
    /// TCP.
    Tcp,
    /// TLS, the certificate checked.
    Tls,
}

/// Whether the sound towards the provider is encrypted (SDES-SRTP, RFC 4568).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineSrtp {
    /// Never.
    #[default]
    Off,
    /// Where the provider takes it.
    Optional,
    /// Always; a call without it is refused.
    Required,
}

/// The header that carries the caller's number to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallerIdHeader {
    /// From.
    #[default]
    From,
    /// P-Asserted-Identity (RFC 3325).
    PAssertedIdentity,
    /// Remote-Party-ID.
    RemotePartyId,
}

/// How keypad digits travel to the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineDtmf {
    /// RTP events (RFC 4733).
    #[default]
    Rfc4733,
    /// SIP INFO.
    Info,
    /// Tones in the sound.
    InBand,
}

/// A codec of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineCodec {
    /// Opus.
    Opus,
    /// G.722.
    G722,
    /// G.711 A-law.
    Pcma,
    /// G.711 µ-law.
    Pcmu,
}

/// Which of the form's three modes the line is edited in. It changes nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LineMode {
    /// A provider is picked, login and password typed.
    Preset,
    /// User, password, domain.
    #[default]
    Simple,
    /// Everything.
    Advanced,
}

/// A line as the list shows it. The password never leaves the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Line {
    /// Id.
    pub id: String,
    /// Name people see.
    pub label: String,
    /// User.
    pub user: String,
    /// Domain, with the port if one is set.
    pub domain: String,
    /// Number (defaults to the user).
    pub number: PhoneNumber,
    /// Whether calls are recorded.
    pub record: bool,
    /// Whether outgoing calls use it unless told otherwise.
    pub default_outgoing: bool,
    /// The provider's name, if a preset was picked.
    #[serde(default)]
    pub provider: Option<String>,
    /// How SIP travels.
    #[serde(default)]
    pub transport: LineTransport,
    /// Whether it is a trunk by IP address: no registration.
    #[serde(default)]
    pub trunk: bool,
    /// Calls at once; absent: unlimited.
    #[serde(default)]
    pub channels: Option<u32>,
    /// Calls now.
    #[serde(default)]
    pub channels_in_use: u32,
    /// Whether the provider is asked for the balance: `GET /lines/{id}/balance` answers.
    #[serde(default)]
    pub has_balance: bool,
    /// Registration. A trunk that answers counts as registered.
    pub registration: LineState,
    /// When `registration` last changed.
    pub changed_at: UnixMs,
}

/// Everything that can be set of a line: `POST /api/v1/lines`, `PUT /api/v1/lines/{id}`, and part
/// of [`LineDetails`]. What is absent gets its default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LineDraft {
    /// The form's mode.
    pub mode: LineMode,
    /// Id of the preset picked, if one.
    pub preset: Option<String>,
    /// Name people see; empty: the user.
    pub label: String,
    /// User.
    pub user: String,
    /// Name for digest; absent: the user.
    pub auth_user: Option<String>,
    /// Password; absent in a PUT: unchanged. Never in an answer.
    pub password: Option<String>,
    /// Domain, `host` or `host:port`.
    pub domain: String,
    /// Number; absent: the user.
    pub number: Option<String>,
    /// Where to send to, `host` or `host:port`; absent: the domain.
    pub host: Option<String>,
    /// Outbound proxy, `host` or `host:port`.
    pub proxy: Option<String>,
    /// How SIP travels.
    pub transport: LineTransport,
    /// Certificates (PEM) trusted for this line beside the well-known authorities, for TLS.
    pub tls_ca: Option<String>,
    /// Codecs, best first; empty: the default order.
    pub codecs: Vec<LineCodec>,
    /// Seconds asked for in REGISTER, 60 to 7200; absent: 600.
    pub expires_secs: Option<u32>,
    /// Encryption of the sound.
    pub srtp: LineSrtp,
    /// Where the caller's number goes.
    pub caller_id: CallerIdHeader,
    /// Keypad digits.
    pub dtmf: LineDtmf,
    /// A trunk by IP address: no REGISTER; calls are taken from `sources`.
    pub trunk: bool,
    /// Addresses (`198.51.100.7`) and networks (`198.51.100.0/28`) a trunk's calls may come from.
    pub sources: Vec<String>,
    /// Further numbers of the line.
    pub numbers: Vec<LineNumber>,
    /// Calls at once; absent: unlimited.
    pub channels: Option<u32>,
    /// Rewriting of the number, in order, before it leaves by this line.
    pub rewrites: Vec<Rewrite>,
    /// Dial rules of this line that differ from those of the installation.
    pub dial: DialOverrides,
    /// Who rings; absent: everybody who takes calls.
    pub plan: Option<RingPlan>,
    /// Whether calls are recorded; absent: yes.
    pub record: Option<bool>,
    /// Whether emergency numbers can be called over it; absent: yes.
    pub emergency: Option<bool>,
    /// For asking the provider for the balance; absent in a PUT: unchanged. Never in an answer.
    pub balance: Option<BalanceAccess>,
}

/// A further number of a line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LineNumber {
    /// In any spelling; answers have E.164.
    pub number: String,
    /// Shown on the card when it is called.
    pub label: String,
    /// Who rings when it is called; absent: as for the line.
    pub plan: Option<RingPlan>,
    /// Whether it can be shown to those who are called.
    pub caller_id: bool,
}

/// How a balance is asked for: what the provider's own panel calls key and secret.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct BalanceAccess {
    /// Key or user name of the provider's API; empty: do not ask any more.
    pub key: String,
    /// Its secret.
    pub secret: String,
}

impl std::fmt::Debug for BalanceAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BalanceAccess(…)")
    }
}

/// `GET /api/v1/lines/{id}/balance`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Balance {
    /// As the provider writes it, for example `12480.50`.
    pub amount: String,
    /// ISO 4217, for example `RUB`.
    pub currency: String,
    /// When the provider was asked.
    pub asked_at: UnixMs,
}

/// `GET /api/v1/lines/{id}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineDetails {
    /// As the list shows it.
    pub line: Line,
    /// What is set, without secrets.
    pub settings: LineDraft,
}
