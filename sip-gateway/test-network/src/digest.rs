//! Digest authentication, the provider's side (RFC 7616, RFC 8760; RFC 2069 without qop).

use crate::{ChallengeAlgorithm, Quirks, random, templates::fill, wire::Message};
use md5::Md5;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, VecDeque};

/// How many nonces are remembered at once; older ones become stale.
const NONCES: usize = 1024;

/// Who asks for the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asker {
    /// 401, `WWW-Authenticate`, `Authorization`: the registrar.
    Registrar,
    /// 407, `Proxy-Authenticate`, `Proxy-Authorization`: the provider's proxy.
    Proxy,
}

/// What a request's credentials amount to.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are right and belong to this user.
    Good(String),
    /// None, or for a nonce of ours that is too old: ask (again).
    Ask {
        /// The credentials were right but for the nonce's age.
        stale: bool,
    },
    /// Wrong user, password, realm or uri.
    Wrong,
}

/// Gives out nonces and checks credentials.
pub struct Gate {
    realm: String,
    quirks: Quirks,
    counts: HashMap<String, u32>,
    order: VecDeque<String>,
}

impl Gate {
    pub fn new(realm: &str, quirks: &Quirks) -> Self {
        Self {
            realm: realm.to_owned(),
            quirks: quirks.clone(),
            counts: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// A challenge header line with a fresh nonce.
    pub fn challenge(&mut self, asker: Asker, stale: bool) -> String {
        let nonce = random::token(16);
        if self.order.len() == NONCES
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
        }
        self.order.push_back(nonce.clone());
        self.counts.insert(nonce.clone(), 0);
        let header = match asker {
            Asker::Registrar => "WWW-Authenticate",
            Asker::Proxy => "Proxy-Authenticate",
        };
        fill(
            "{header}: Digest realm=\"{realm}\", nonce=\"{nonce}\", algorithm={algorithm}{qop}{stale}",
            &[
                ("header", header),
                ("realm", &self.realm),
                ("nonce", &nonce),
                ("algorithm", self.algorithm()),
                (
                    "qop",
                    if self.quirks.qop {
                        ", qop=\"auth\""
                    } else {
                        ""
                    },
                ),
                ("stale", if stale { ", stale=true" } else { "" }),
            ],
        )
    }

    /// Checks the credentials of a request; `password` looks an account up.
    pub fn check(
        &mut self,
        asker: Asker,
        request: &Message,
        request_uri: &str,
        password: impl Fn(&str) -> Option<String>,
    ) -> Verdict {
        let name = match asker {
            Asker::Registrar => "authorization",
            Asker::Proxy => "proxy-authorization",
        };
        let ours = request
            .lines(name)
            .filter_map(Credentials::parse)
            .find(|c| c.get("realm") == self.realm);
        let Some(credentials) = ours else {
            return Verdict::Ask { stale: false };
        };
        let right = password(credentials.get("username"))
            .is_some_and(|p| self.matches(&credentials, request.method(), request_uri, &p));
        if !right {
            return Verdict::Wrong;
        }
        if self.spend(&credentials) {
            Verdict::Good(credentials.get("username").to_owned())
        } else {
            Verdict::Ask { stale: true }
        }
    }

    fn matches(&self, credentials: &Credentials, method: &str, uri: &str, password: &str) -> bool {
        let algorithm = credentials.get("algorithm");
        let same_algorithm = algorithm.eq_ignore_ascii_case(self.algorithm())
            || (algorithm.is_empty() && self.quirks.challenge_algorithm == ChallengeAlgorithm::Md5);
        let same_qop = (credentials.get("qop") == "auth") == self.quirks.qop;
        let same_uri = !self.quirks.strict_digest_uri || credentials.get("uri") == uri;
        let expected = self.response(credentials, method, password);
        let given = credentials.get("response").to_ascii_lowercase();
        same_algorithm && same_qop && same_uri && given == expected
    }

    /// RFC 7616 §3.4.1.
    fn response(&self, credentials: &Credentials, method: &str, password: &str) -> String {
        let get = |name| credentials.get(name);
        let secret = self.hash(&[get("username"), &self.realm, password]);
        let request = self.hash(&[method, get("uri")]);
        if self.quirks.qop {
            let (nc, cnonce) = (get("nc"), get("cnonce"));
            self.hash(&[&secret, get("nonce"), nc, cnonce, "auth", &request])
        } else {
            self.hash(&[&secret, get("nonce"), &request])
        }
    }

    /// Takes the nonce and its count; false when the nonce is unknown or the count was used.
    fn spend(&mut self, credentials: &Credentials) -> bool {
        let Some(last) = self.counts.get_mut(credentials.get("nonce")) else {
            return false;
        };
        if !self.quirks.qop {
            return true;
        }
        match u32::from_str_radix(credentials.get("nc"), 16) {
            Ok(count) if count > *last => {
                *last = count;
                true
            }
            _ => false,
        }
    }

    fn algorithm(&self) -> &'static str {
        match self.quirks.challenge_algorithm {
            ChallengeAlgorithm::Md5 => "MD5",
            ChallengeAlgorithm::Sha256 => "SHA-256",
        }
    }

    fn hash(&self, parts: &[&str]) -> String {
        let text = parts.join(":");
        match self.quirks.challenge_algorithm {
            ChallengeAlgorithm::Md5 => hex::encode(Md5::digest(text)),
            ChallengeAlgorithm::Sha256 => hex::encode(Sha256::digest(text)),
        }
    }
}

/// The `name=value` pairs of a credentials line.
struct Credentials(HashMap<String, String>);

impl Credentials {
    fn parse(line: &str) -> Option<Self> {
        let (scheme, rest) = line.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let mut pairs = HashMap::new();
        let mut rest = rest.trim_start();
        while let Some((name, after)) = rest.split_once('=') {
            let (value, tail) = take_value(after.trim_start())?;
            pairs.insert(name.trim().to_ascii_lowercase(), value);
            rest = tail.trim_start().trim_start_matches(',').trim_start();
        }
        Some(Self(pairs))
    }

    fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

/// A token or a quoted string, and what follows it.
fn take_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(chars.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rfc_7616_examples_hold() {
        // RFC 7616 §3.9.1, whose requests are GETs.
        for (algorithm, expected) in [
            (ChallengeAlgorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (
                ChallengeAlgorithm::Sha256,
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let quirks = Quirks {
                challenge_algorithm: algorithm,
                ..Quirks::default()
            };
            let gate = Gate::new("http-auth@example.org", &quirks);
            let line = "Digest username=\"Mufasa\", uri=\"/dir/index.html\", nc=00000001, qop=auth,\
                nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\
                cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"";
            let credentials = Credentials::parse(line).unwrap();
            assert_eq!(
                gate.response(&credentials, "GET", "Circle of Life"),
                expected
            );
        }
    }

    #[test]
    fn credentials_with_odd_spacing_and_escapes_are_read() {
        let credentials =
            Credentials::parse("DIGEST  Username = \"a\\\"b, c\" ,nc=00000001,uri=\"sip:x,y\"")
                .unwrap();
        assert_eq!(credentials.get("username"), "a\"b, c");
        assert_eq!(credentials.get("nc"), "00000001");
        assert_eq!(credentials.get("uri"), "sip:x,y");
        assert!(Credentials::parse("Basic abc").is_none());
    }
}
