//! Digest authentication, client and server side (RFC 7616, RFC 8760; RFC 3261 §22).

mod client;
mod hash;
mod nonce;
mod server;

pub(crate) use client::{Answer, ClientAuth};
pub use hash::Ha1;
pub use server::{AuthError, Authenticator, Offer};

/// User and password, or their hash, for answering a challenge.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user name in `username=`.
    pub username: String,
    /// The password. Never logged.
    pub password: String,
}

impl Credentials {
    /// User and password.
    #[must_use]
    pub fn new(username: impl Into<String>, password: impl Into<String>) -> Self {
        Self {
            username: username.into(),
            password: password.into(),
        }
    }
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials")
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

/// Hash functions of RFC 8760, weakest first. Challenges list the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RFC 2617; still what most providers speak.
    Md5,
    /// RFC 7616.
    Sha256,
    /// RFC 7616: SHA-512 with its own start values, cut to 256 bits.
    #[cfg(feature = "gateway")]
    Sha512_256,
}

impl Algorithm {
    /// `MD5`, `SHA-256` or `SHA-512-256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            #[cfg(feature = "gateway")]
            Self::Sha512_256 => "SHA-512-256",
        }
    }
}

/// What the `algorithm` parameter says: a hash function, and whether it hashes a key that lives as
/// long as the session (`-sess`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    /// The hash function.
    pub algorithm: Algorithm,
    /// `-sess` (RFC 7616 §3.4.2).
    pub session: bool,
}

impl Scheme {
    /// Reads the parameter; without one it is MD5 (RFC 7616 §3.3). `None`: we do not speak it.
    #[must_use]
    pub fn from_param(value: Option<&str>) -> Option<Self> {
        let word = value.unwrap_or_default().trim().to_ascii_uppercase();
        let (name, session) = match word.strip_suffix("-SESS") {
            Some(name) => (name, true),
            None => (word.as_str(), false),
        };
        let algorithm = match name {
            "" | "MD5" => Algorithm::Md5,
            "SHA-256" | "SHA256" => Algorithm::Sha256,
            #[cfg(feature = "gateway")]
            "SHA-512-256" | "SHA512-256" => Algorithm::Sha512_256,
            _ => return None,
        };
        Some(Self { algorithm, session })
    }

    /// The parameter's value.
    #[must_use]
    pub fn name(self) -> String {
        let suffix = if self.session { "-sess" } else { "" };
        format!("{}{suffix}", self.algorithm.name())
    }
}

impl From<Algorithm> for Scheme {
    fn from(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            session: false,
        }
    }
}
