//! The registrar's side: challenges and their verification.

use subtle::ConstantTimeEq;

use super::{
    Algorithm, Ha1,
    hash::{self, Inputs, Qop},
    nonce::{Nonces, Standing},
};
use crate::{Millis, header::AuthValue, message::Request, uri::SipUri};

/// How long a nonce is accepted, in milliseconds.
const NONCE_LIFETIME_MS: u64 = 5 * 60 * 1000;

/// Why a request is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Answer 401 with [`Authenticator::challenges`] (or 407 with
    /// [`Authenticator::proxy_challenges`]). `stale`: the password was right, only the nonce is old.
    #[error("credentials are wanted")]
    Challenge {
        /// Goes into the challenge.
        stale: bool,
    },
    /// Unknown user or wrong password; answer 403 (or challenge again).
    #[error("user or password is wrong")]
    Forbidden,
    /// The credentials cannot be read; answer 400.
    #[error("the credentials cannot be read")]
    Malformed,
}

/// Challenges requests and checks their credentials. Nonces are stateless; only their counters are
/// remembered, a bounded number of them.
pub struct Authenticator {
    realm: String,
    nonces: Nonces,
}

impl Authenticator {
    /// `secret` proves nonces; a new one makes old nonces stale.
    #[must_use]
    pub fn new(realm: impl Into<String>, secret: [u8; 32]) -> Self {
        Self {
            realm: realm.into(),
            nonces: Nonces::new(secret, NONCE_LIFETIME_MS),
        }
    }

    /// The realm in every challenge.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Header fields of a 401: `WWW-Authenticate` for SHA-256 and for MD5, in this order
    /// (RFC 8760 §2.4).
    pub fn challenges(&mut self, now: Millis, stale: bool) -> Vec<(String, String)> {
        self.challenge_fields("WWW-Authenticate", now, stale)
    }

    /// Header fields of a 407.
    pub fn proxy_challenges(&mut self, now: Millis, stale: bool) -> Vec<(String, String)> {
        self.challenge_fields("Proxy-Authenticate", now, stale)
    }

    fn challenge_fields(&mut self, name: &str, now: Millis, stale: bool) -> Vec<(String, String)> {
        let nonce = self.nonces.issue(now);
        [Algorithm::Sha256, Algorithm::Md5]
            .into_iter()
            .map(|algorithm| (name.to_owned(), self.challenge(algorithm, &nonce, stale)))
            .collect()
    }

    fn challenge(&self, algorithm: Algorithm, nonce: &str, stale: bool) -> String {
        let mut value = AuthValue::digest()
            .with("realm", &self.realm)
            .with("nonce", nonce)
            .with("algorithm", algorithm.name())
            .with("qop", "auth");
        if stale {
            value = value.with("stale", "true");
        }
        value.to_challenge_string()
    }

    /// The user the request claims to be, before anything is proved: for looking up the hash
    /// before [`Self::verify`] when the lookup must be awaited.
    #[must_use]
    pub fn claimed_user(&self, request: &Request) -> Option<String> {
        self.credentials(request)
            .and_then(|value| value.param("username").map(str::to_owned))
    }

    /// Checks the credentials of a request and returns the user name. `lookup` gives the hash of
    /// the user for our realm, or `None` for a user nobody knows.
    ///
    /// # Errors
    /// [`AuthError`] says what to answer.
    pub fn verify(
        &mut self,
        now: Millis,
        request: &Request,
        lookup: impl FnOnce(&str) -> Option<Ha1>,
    ) -> Result<String, AuthError> {
        let value = self
            .credentials(request)
            .ok_or(AuthError::Challenge { stale: false })?;
        let claim = Claim::read(&value).ok_or(AuthError::Malformed)?;
        if !same_target(claim.uri, &request.uri) {
            return Err(AuthError::Malformed);
        }
        let right = claim.is_right(request, lookup(claim.user));
        match (right, self.nonces.standing(now, claim.nonce)) {
            (true, Standing::Fresh) if self.count(&claim) => Ok(claim.user.to_owned()),
            (true, _) => Err(AuthError::Challenge { stale: true }),
            (false, Standing::Fresh) => Err(AuthError::Forbidden),
            (false, _) => Err(AuthError::Challenge { stale: false }),
        }
    }

    fn count(&mut self, claim: &Claim<'_>) -> bool {
        claim.qop.is_none_or(|qop| {
            u32::from_str_radix(qop.nc, 16).is_ok_and(|nc| self.nonces.count(claim.nonce, nc))
        })
    }

    /// Credentials for our realm; a request may carry some for other realms too.
    fn credentials(&self, request: &Request) -> Option<AuthValue> {
        ["Authorization", "Proxy-Authorization"]
            .into_iter()
            .flat_map(|name| request.header_all(name))
            .flat_map(AuthValue::parse_all)
            .find(|value| value.is_digest() && value.param("realm") == Some(&self.realm))
    }
}

/// The parameters of `Authorization` that matter.
struct Claim<'a> {
    user: &'a str,
    nonce: &'a str,
    uri: &'a str,
    response: &'a str,
    algorithm: Algorithm,
    qop: Option<Qop<'a>>,
}

impl<'a> Claim<'a> {
    fn read(value: &'a AuthValue) -> Option<Self> {
        let qop = match value.param("qop") {
            None | Some("") => None,
            Some(name) => Some(Qop {
                name,
                nc: value.param("nc")?,
                cnonce: value.param("cnonce")?,
            }),
        };
        Some(Self {
            user: value.param("username")?,
            nonce: value.param("nonce")?,
            uri: value.param("uri")?,
            response: value.param("response")?,
            algorithm: Algorithm::from_param(value.param("algorithm"))?,
            qop,
        })
    }

    fn is_right(&self, request: &Request, ha1: Option<Ha1>) -> bool {
        let known = ha1.is_some();
        // An unknown user costs as much time as a wrong password.
        let ha1 = ha1.unwrap_or_else(|| Ha1 {
            md5: String::new(),
            sha256: String::new(),
        });
        let expected = hash::response(
            ha1.get(self.algorithm),
            &Inputs {
                algorithm: self.algorithm,
                method: &request.method,
                uri: self.uri,
                nonce: self.nonce,
                qop: self.qop,
                body: &request.body,
            },
        );
        let given = self.response.to_ascii_lowercase();
        let equal: bool = expected.as_bytes().ct_eq(given.as_bytes()).into();
        equal && known
    }
}

/// RFC 7616 §3.4.6: `uri` must name what the request names; its spelling may differ.
fn same_target(claimed: &str, target: &SipUri) -> bool {
    claimed
        .parse::<SipUri>()
        .is_ok_and(|uri| uri.same_address(target))
}
