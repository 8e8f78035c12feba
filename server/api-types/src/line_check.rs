//! `Check`: what one real registration came to.

use serde::{Deserialize, Serialize};

use crate::{LineDraft, UnixMs};

/// `POST /api/v1/lines/check`: tries a line that is not saved. With `id`, what is absent in the
/// draft (the password) is taken from that line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LineCheckRequest {
    /// The line edited, if it exists.
    pub id: Option<String>,
    /// What to try.
    pub line: LineDraft,
}

/// What one real REGISTER (or OPTIONS, for a trunk) came to. Words are made by the app from the
/// names; everything in it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineCheck {
    /// The verdict.
    pub verdict: CheckVerdict,
    /// SIP code the provider ended it with; 0: there was none.
    pub code: u16,
    /// Its reason phrase, or what the network or the TLS library said.
    pub reason: String,
    /// The name or address the verdict is about.
    pub subject: String,
    /// Seconds after which the provider wants to be asked again.
    pub retry_after: Option<u32>,
    /// When it was done.
    pub at: UnixMs,
    /// Milliseconds from the first step to the last.
    pub took_ms: u32,
    /// The steps, in order.
    pub steps: Vec<CheckStep>,
    /// The verdict as a sentence that says what to do, in English.
    pub message: String,
}

/// The sentence over a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckVerdict {
    /// Registered: calls will come in.
    Registered,
    /// A trunk that answers.
    Answers,
    /// 401, 407 or 403 to the credentials: wrong user or password.
    WrongPassword,
    /// 403 before any credentials: the provider forbids it to this address or user.
    Forbidden,
    /// 404: the provider does not know the user or domain.
    UnknownUser,
    /// 408, sent by the provider.
    TimedOut,
    /// Nothing came.
    NoAnswer,
    /// 423 again and again: the provider wants a longer registration than it says.
    TooBrief,
    /// 5xx: the provider's server is out of order or overloaded.
    Unavailable,
    /// Another code.
    Refused,
    /// `subject` is not known in DNS.
    NameNotFound,
    /// `subject` has no address.
    NoAddress,
    /// No name server answered.
    DnsFailed,
    /// Nothing listens at `subject`.
    ConnectionRefused,
    /// The network to `subject` is not there.
    NotReachable,
    /// The connection was closed before an answer.
    Closed,
    /// The certificate's time is over.
    CertificateExpired,
    /// The certificate's time has not begun.
    CertificateNotYetValid,
    /// The certificate is not for `subject`; `reason` lists the names it is for.
    CertificateWrongName,
    /// Nobody trusted has signed the certificate.
    CertificateUnknownIssuer,
    /// The certificate was withdrawn.
    CertificateRevoked,
    /// Something else is wrong with the certificate.
    CertificateBad,
    /// The other side does not speak TLS, or no version in common.
    TlsFailed,
    /// The certificates entered for the line cannot be read.
    BadCa,
}

/// One step of a check. Which of the fields are filled follows from `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckStep {
    /// What was seen.
    pub kind: CheckStepKind,
    /// Whether it went well. A 401 that asks for the password did.
    pub ok: bool,
    /// Milliseconds.
    pub ms: u32,
    /// SIP code; 0: no SIP answer.
    pub code: u16,
    /// Reason phrase, or what was said: TLS version, `SHA-256, MD5`, what failed.
    pub reason: String,
    /// The name looked up, the realm of a challenge, the name a certificate was checked for.
    pub name: String,
    /// To whom, `198.51.100.24:5061`; of addresses found the first.
    pub address: String,
    /// How many addresses were found.
    pub found: u32,
    /// How they were found: `given`, `address`, `srv`, `naptr`.
    pub source: String,
    /// Seconds granted, wanted at least, or to wait.
    pub secs: u32,
    /// Our address as the provider saw it.
    pub seen_as: String,
}

/// What was seen in a step of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CheckStepKind {
    /// Addresses of `name` were found.
    Resolved,
    /// A connection stands.
    Connected,
    /// TLS stands and the certificate is good.
    Secured,
    /// REGISTER was answered by a challenge.
    Challenged,
    /// REGISTER was answered by 423; `secs` is wanted at least.
    TooBrief,
    /// REGISTER was answered by 200.
    Registered,
    /// REGISTER or OPTIONS was refused.
    Refused,
    /// OPTIONS was answered.
    Reachable,
    /// It went no further; `reason` says why.
    Failed,
}
