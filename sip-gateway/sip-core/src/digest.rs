//! Digest authentication, client and server side (RFC 7616, RFC 8760; RFC 3261 §22).

/// User and password, or their hash, for answering a challenge.
#[derive(Clone)]
pub struct Credentials {
    /// The user name in `username=`.
    pub username: String,
    /// The password. Never logged.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("username", &self.username).finish_non_exhaustive()
    }
}

/// Hash functions of RFC 8760. Server side challenges list the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// RFC 2617; still what most providers speak.
    Md5,
    /// RFC 7616.
    Sha256,
}

/// `H(user:realm:password)` in lower-case hex, per algorithm. What a registrar stores.
#[derive(Clone, PartialEq, Eq)]
pub struct Ha1 {
    /// For [`Algorithm::Md5`].
    pub md5: String,
    /// For [`Algorithm::Sha256`].
    pub sha256: String,
}
