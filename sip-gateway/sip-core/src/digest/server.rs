//! The registrar's side: challenges and their verification.

use subtle::ConstantTimeEq;

use super::{
    Algorithm, Ha1, Scheme,
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

/// What an [`Authenticator`] offers and takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// In the order of the challenges, the best first (RFC 8760 §2.4). Nothing else is taken.
    pub schemes: Vec<Scheme>,
    /// Offers `auth-int` besides `auth`: the body is proved, too.
    pub integrity: bool,
    /// How long a nonce is good, in milliseconds.
    pub nonce_lifetime_ms: u64,
}

impl Default for Offer {
    fn default() -> Self {
        Self {
            schemes: vec![Algorithm::Sha256.into(), Algorithm::Md5.into()],
            integrity: false,
            nonce_lifetime_ms: NONCE_LIFETIME_MS,
        }
    }
}

/// Challenges requests and checks their credentials. Nonces are stateless; only their counters are
/// remembered, a bounded number of them.
pub struct Authenticator {
    realm: String,
    nonces: Nonces,
    offer: Offer,
}

impl Authenticator {
    /// `secret` proves nonces; a new one makes old nonces stale.
    #[must_use]
    pub fn new(realm: impl Into<String>, secret: [u8; 32]) -> Self {
        Self::offering(realm, secret, Offer::default())
    }

    /// The same with other algorithms.
    #[must_use]
    pub fn offering(realm: impl Into<String>, secret: [u8; 32], offer: Offer) -> Self {
        Self {
            realm: realm.into(),
            nonces: Nonces::new(secret, offer.nonce_lifetime_ms),
            offer,
        }
    }

    /// The realm in every challenge.
    #[must_use]
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// Header fields of a 401: a `WWW-Authenticate` for every algorithm offered (RFC 8760 §2.4).
    pub fn challenges(&mut self, now: Millis, stale: bool) -> Vec<(String, String)> {
        self.challenge_fields("WWW-Authenticate", now, stale)
    }

    /// Header fields of a 407.
    pub fn proxy_challenges(&mut self, now: Millis, stale: bool) -> Vec<(String, String)> {
        self.challenge_fields("Proxy-Authenticate", now, stale)
    }

    fn challenge_fields(&mut self, name: &str, now: Millis, stale: bool) -> Vec<(String, String)> {
        let nonce = self.nonces.issue(now);
        let schemes = self.offer.schemes.iter();
        schemes
            .map(|scheme| (name.to_owned(), self.challenge(*scheme, &nonce, stale)))
            .collect()
    }

    fn challenge(&self, scheme: Scheme, nonce: &str, stale: bool) -> String {
        let qop = match self.offer.integrity {
            true => "auth,auth-int",
            false => "auth",
        };
        let mut value = AuthValue::digest()
            .with("realm", &self.realm)
            .with("nonce", nonce)
            .with("algorithm", scheme.name())
            .with("qop", qop);
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
        if !same_target(claim.uri, &request.uri) || !self.offer.schemes.contains(&claim.scheme) {
            return Err(AuthError::Malformed);
        }
        let first = self.nonces.first_cnonce(claim.nonce);
        let right = claim.is_right(request, first, lookup(claim.user));
        match (right, self.nonces.standing(now, claim.nonce)) {
            (true, Standing::Fresh) if self.count(&claim) => Ok(claim.user.to_owned()),
            (true, _) => Err(AuthError::Challenge { stale: true }),
            (false, Standing::Fresh) => Err(AuthError::Forbidden),
            (false, _) => Err(AuthError::Challenge { stale: false }),
        }
    }

    /// Without `qop` there is no count: such a nonce is good for one request.
    fn count(&mut self, claim: &Claim<'_>) -> bool {
        let (nc, cnonce) = claim.qop.map_or(("1", ""), |qop| (qop.nc, qop.cnonce));
        u32::from_str_radix(nc, 16).is_ok_and(|nc| self.nonces.count(claim.nonce, nc, cnonce))
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
    scheme: Scheme,
    cnonce: &'a str,
    qop: Option<Qop<'a>>,
}

impl<'a> Claim<'a> {
    fn read(value: &'a AuthValue) -> Option<Self> {
        let cnonce = value.param("cnonce");
        let qop = match value.param("qop") {
            None | Some("") => None,
            Some(name) if !["auth", "auth-int"].contains(&name.to_ascii_lowercase().as_str()) => {
                return None;
            }
            Some(name) => Some(Qop {
                name,
                nc: value.param("nc")?,
                cnonce: cnonce?,
            }),
        };
        Some(Self {
            user: value.param("username")?,
            nonce: value.param("nonce")?,
            uri: value.param("uri")?,
            response: value.param("response")?,
            scheme: Scheme::from_param(value.param("algorithm"))?,
            cnonce: cnonce.unwrap_or_default(),
            qop,
        })
    }

    /// `first` is the cnonce the nonce was used with first: a `-sess` client may go on with it, or
    /// count every request as a session of its own.
    fn is_right(&self, request: &Request, first: Option<&str>, ha1: Option<Ha1>) -> bool {
        let known = ha1.is_some();
        // An unknown user costs as much time as a wrong password.
        let ha1 = ha1.unwrap_or_else(|| Ha1::stored(String::new(), String::new()));
        let ha1 = ha1.get(self.scheme.algorithm);
        let with_first = first
            .filter(|first| self.scheme.session && *first != self.cnonce)
            .is_some_and(|first| self.fits(request, ha1, first));
        // A hash nobody stored proves nothing.
        (self.fits(request, ha1, self.cnonce) || with_first) && known && !ha1.is_empty()
    }

    fn fits(&self, request: &Request, ha1: &str, session_cnonce: &str) -> bool {
        let inputs = Inputs {
            scheme: self.scheme,
            method: &request.method,
            uri: self.uri,
            nonce: self.nonce,
            qop: self.qop,
            session: (self.nonce, session_cnonce),
            body: &request.body,
        };
        let expected = hash::response(ha1, &inputs);
        let given = self.response.to_ascii_lowercase();
        expected.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// RFC 7616 §3.4.6: `uri` must name what the request names; its spelling may differ.
fn same_target(claimed: &str, target: &SipUri) -> bool {
    claimed
        .parse::<SipUri>()
        .is_ok_and(|uri| uri.same_address(target))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server() -> Authenticator {
        Authenticator::new("r", [3; 32])
    }

    fn ha1(user: &str) -> Option<Ha1> {
        (user == "a").then(|| Ha1::new("a", "r", "p"))
    }

    /// A REGISTER of a client of 1999: no qop, no count.
    fn old_request(server: &mut Authenticator, algorithm: &str) -> Request {
        let fields = server.challenges(0, false);
        let nonce = AuthValue::parse_all(&fields[0].1)
            .pop()
            .and_then(|value| value.param("nonce").map(str::to_owned))
            .unwrap();
        let ha2 = hash::hash(Algorithm::Md5, &["REGISTER", "sip:h"]);
        let response = hash::hash(Algorithm::Md5, &[&ha1("a").unwrap().md5, &nonce, &ha2]);
        let value = AuthValue::digest()
            .with("username", "a")
            .with("realm", "r")
            .with("nonce", nonce)
            .with("uri", "sip:h")
            .with("response", response.to_uppercase())
            .with("algorithm", algorithm);
        let mut request = Request::new("REGISTER", SipUri::from_host("h"));
        request.add_header("Authorization", value.to_string());
        request
    }

    #[test]
    fn without_qop_a_nonce_is_good_once() {
        let mut server = server();
        let request = old_request(&mut server, "MD5");
        assert_eq!(server.verify(0, &request, ha1), Ok("a".into()));
        let again = server.verify(0, &request, ha1);
        assert_eq!(again, Err(AuthError::Challenge { stale: true }));
    }

    #[test]
    fn what_was_not_offered_is_not_taken() {
        let mut server = server();
        for algorithm in ["MD5-sess", "SHA3"] {
            let request = old_request(&mut server, algorithm);
            assert_eq!(server.verify(0, &request, ha1), Err(AuthError::Malformed));
        }
    }

    #[test]
    fn a_hash_nobody_stored_lets_nobody_in() {
        let mut server = server();
        let request = old_request(&mut server, "MD5");
        let nothing = |_: &str| Some(Ha1::stored(String::new(), String::new()));
        assert_eq!(
            server.verify(0, &request, nothing),
            Err(AuthError::Forbidden)
        );
        assert_eq!(
            server.verify(0, &request, |_| None),
            Err(AuthError::Forbidden)
        );
    }
}
