//! What checking a line found out: only what the wire said. The server puts it into words.

use std::net::SocketAddr;

use super::{LineState, LineTransport};

/// What came of [`crate::Gateway::check_line`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// In the order they happened. A step that failed is followed by another attempt (another
    /// address, with credentials) or by nothing.
    pub steps: Vec<CheckStep>,
    /// What the line's state would be.
    pub state: LineState,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckStep {
    /// How long it took, ms.
    pub took_ms: u32,
    /// What was seen.
    pub seen: Seen,
}

/// What was seen in a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The name was resolved; where to try, best first. For an IP address without any question.
    Resolved {
        /// The name asked for.
        name: String,
        /// Never empty.
        found: Vec<Candidate>,
    },
    /// A connection stands (TCP, and below TLS).
    Connected {
        /// To whom.
        address: SocketAddr,
    },
    /// TLS stands and the certificate is good.
    Secured {
        /// What it was checked for.
        name: String,
        /// `TLSv1_3` or `TLSv1_2`.
        version: String,
    },
    /// The provider wants to know who we are, and is told next.
    Challenged {
        /// To whom the REGISTER had been sent.
        address: SocketAddr,
        /// 401 or 407.
        code: u16,
        /// Realm of the challenge.
        realm: String,
        /// Its algorithms, as spelled; `MD5` where none is named.
        algorithms: Vec<String>,
    },
    /// The provider wants a longer time; it is asked for that next (423).
    TooBrief {
        /// Seconds it takes at least.
        min_expires: u32,
    },
    /// Registered.
    Registered {
        /// To whom the REGISTER had been sent.
        address: SocketAddr,
        /// Seconds granted.
        expires_secs: u32,
        /// Our address as the provider saw it.
        seen_as: Option<SocketAddr>,
    },
    /// The provider refuses.
    Refused {
        /// To whom the REGISTER (an IP trunk: OPTIONS) had been sent.
        address: SocketAddr,
        /// Status code.
        code: u16,
        /// Reason phrase as sent.
        reason: String,
        /// Seconds, from Retry-After.
        retry_after: Option<u32>,
        /// Whether our credentials had been sent with it.
        with_credentials: bool,
    },
    /// An IP trunk answered OPTIONS.
    Reachable {
        /// Who.
        address: SocketAddr,
        /// With which code; any answer is good.
        code: u16,
    },
    /// It went no further here.
    Failed(Trouble),
}

/// Where a provider may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Address and port.
    pub address: SocketAddr,
    /// Over what.
    pub transport: LineTransport,
    /// How it was found.
    pub source: Source,
}

/// How an address was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// It was given.
    Given,
    /// Address records of the name itself.
    Address,
    /// SRV records (RFC 2782).
    Srv,
    /// NAPTR and SRV records (RFC 3263 §4.1).
    Naptr,
}

/// What is wrong, where it is not a SIP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// DNS says that there is no such name.
    NoSuchName {
        /// Which.
        name: String,
    },
    /// The name exists and has no address we can use.
    NoAddress {
        /// Which.
        name: String,
    },
    /// No name server answered, or only with an error.
    DnsFailed {
        /// For which name.
        name: String,
        /// What was said.
        detail: String,
    },
    /// The other side accepts no connection at this port.
    ConnectionRefused {
        /// Where.
        address: SocketAddr,
    },
    /// It cannot be reached.
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// What the system said.
        detail: String,
    },
    /// Nothing came in time: no connection, or no answer to what was sent.
    NoAnswer {
        /// From where.
        address: SocketAddr,
        /// How long we waited, ms.
        waited_ms: u32,
    },
    /// The connection was closed before an answer came.
    Closed {
        /// By whom.
        address: SocketAddr,
    },
    /// The certificate is not good.
    BadCertificate {
        /// Whose.
        address: SocketAddr,
        /// The name it was checked for.
        name: String,
        /// What is wrong with it.
        problem: Certificate,
    },
    /// TLS failed otherwise (the other side does not speak it, no common version …).
    TlsFailed {
        /// With whom.
        address: SocketAddr,
        /// What the library said.
        detail: String,
    },
    /// The certificates entered for the line cannot be read.
    BadCa {
        /// What is wrong with them.
        detail: String,
    },
}

/// What is wrong with a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Certificate {
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// It was made for other names.
    WrongName {
        /// Those it was made for, if it says so.
        names: Vec<String>,
    },
    /// Nobody we trust has signed it (or it signed itself).
    UnknownIssuer,
    /// It was withdrawn.
    Revoked,
    /// Something else.
    Other(String),
}

impl std::fmt::Display for Trouble {
    /// For the log and for callers; the panel has words of its own.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSuchName { name } => write!(f, "The name {name} does not exist"),
            Self::NoAddress { name } => write!(f, "The name {name} has no address"),
            Self::DnsFailed { name, detail } => {
                write!(f, "The name {name} could not be looked up ({detail})")
            }
            Self::ConnectionRefused { address } => {
                write!(f, "{address} refuses the connection")
            }
            Self::Unreachable { address, detail } => {
                write!(f, "{address} cannot be reached ({detail})")
            }
            Self::NoAnswer { address, .. } => write!(f, "{address} does not answer"),
            Self::Closed { address } => write!(f, "{address} closed the connection"),
            Self::BadCertificate { name, problem, .. } => {
                write!(f, "The certificate of {name} is not good ({problem:?})")
            }
            Self::TlsFailed { address, detail } => {
                write!(f, "TLS with {address} failed ({detail})")
            }
            Self::BadCa { detail } => {
                write!(f, "The line's own certificates cannot be read: {detail}")
            }
        }
    }
}
