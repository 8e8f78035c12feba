//! Digest authentication, client and server side (RFC 7616, RFC 8760; RFC 3261 §22).

mod client;
mod hash;
mod nonce;
mod server;

pub(crate) use client::{Answer, ClientAuth};
pub use hash::Ha1;
pub use server::{AuthError, Authenticator};

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
}

impl Algorithm {
    /// `MD5` or `SHA-256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    /// Reads the `algorithm` parameter; without one it is MD5 (RFC 7616 §3.3).
    #[must_use]
    pub fn from_param(value: Option<&str>) -> Option<Self> {
        match value.map(str::to_ascii_uppercase).as_deref() {
            None | Some("" | "MD5") => Some(Self::Md5),
            Some("SHA-256" | "SHA256") => Some(Self::Sha256),
            Some(_) => None,
        }
    }
}
