//! Digest authentication, the provider's side (RFC 7616, RFC 8760; RFC 2069 without qop).

use crate::{Quirk, Quirks, random, templates::fill, wire::Message};
use md5::Md5;
use sha2::{Digest as _, Sha256, Sha512_256};
use std::collections::{HashMap, VecDeque};

/// How many nonces are remembered at once; older ones become stale.
const NONCES: usize = 1024;
/// What the quirk wants back.
const OPAQUE: &str = "5ccc069c403ebaf9f0171e9517f40e41";

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
    /// The Call-ID and the CSeq each nonce was made for.
    challenged: HashMap<String, (String, u32)>,
    order: VecDeque<String>,
}

impl Gate {
    pub fn new(realm: &str, quirks: &Quirks) -> Self {
        let realm = if quirks.has(Quirk::OtherRealm) {
            "Voice, Europe"
        } else {
            realm
        };
        Self {
            realm: realm.to_owned(),
            quirks: quirks.clone(),
            counts: HashMap::new(),
            challenged: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Challenge header lines with a fresh nonce.
    pub fn challenge(&mut self, asker: Asker, request: &Message, stale: bool) -> String {
        let nonce = random::token(16);
        if self.order.len() == NONCES
            && let Some(oldest) = self.order.pop_front()
        {
            self.counts.remove(&oldest);
            self.challenged.remove(&oldest);
        }
        self.order.push_back(nonce.clone());
        self.counts.insert(nonce.clone(), 0);
        let cseq = request.cseq().map_or(0, |(number, _)| number);
        let challenged = (request.call_id().to_owned(), cseq);
        self.challenged.insert(nonce.clone(), challenged);
        let header = match asker {
            Asker::Registrar => "WWW-Authenticate",
            Asker::Proxy => "Proxy-Authenticate",
        };
        let lines: Vec<String> = if self.quirks.has(Quirk::SeveralChallenges) {
            let unknown = format!("{header}: Ntlm realm=\"{}\"", self.realm);
            let one = |hash| self.line(header, &nonce, hash, stale);
            vec![unknown, one(Hash::Sha256), one(Hash::Md5)]
        } else {
            vec![self.line(header, &nonce, self.hash(), stale)]
        };
        lines.join("\r\n")
    }

    fn line(&self, header: &str, nonce: &str, hash: Hash, stale: bool) -> String {
        let has = |quirk| self.quirks.has(quirk);
        let pick = |when: bool, what: &'static str| if when { what } else { "" };
        let sess = pick(has(Quirk::Md5Sess), "-sess");
        let algorithm = format!(", algorithm={}{sess}", hash.name());
        let opaque = format!(", opaque=\"{OPAQUE}\"");
        let qop = self.qop().map(|qop| format!(", qop=\"{qop}\""));
        fill(
            "{header}: {scheme} realm=\"{realm}\", nonce=\"{nonce}\"{algorithm}{qop}{opaque}{stale}",
            &[
                ("header", header),
                (
                    "scheme",
                    if has(Quirk::UpperCaseScheme) {
                        "DIGEST"
                    } else {
                        "Digest"
                    },
                ),
                ("realm", &self.realm),
                ("nonce", nonce),
                (
                    "algorithm",
                    if has(Quirk::NoAlgorithm) {
                        ""
                    } else {
                        &algorithm
                    },
                ),
                ("qop", qop.as_deref().unwrap_or_default()),
                ("opaque", if has(Quirk::Opaque) { &opaque } else { "" }),
                ("stale", pick(stale && !has(Quirk::NoStale), ", stale=true")),
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
            .is_some_and(|p| self.matches(&credentials, request, request_uri, &p));
        let wrong_place = self.quirks.has(Quirk::SameCall) && !self.follows(&credentials, request);
        if !right || wrong_place {
            return Verdict::Wrong;
        }
        if self.spend(&credentials) {
            Verdict::Good(credentials.get("username").to_owned())
        } else {
            Verdict::Ask { stale: true }
        }
    }

    /// RFC 3261 §22.2: the credentials come in the challenged call, one number later.
    fn follows(&self, credentials: &Credentials, request: &Message) -> bool {
        let nonce = credentials.get("nonce");
        let used = self.counts.get(nonce).is_some_and(|count| *count > 0);
        let challenged = self.challenged.get(nonce);
        used || challenged.is_some_and(|(call_id, cseq)| {
            call_id == request.call_id()
                && request.cseq().is_some_and(|(number, _)| number == cseq + 1)
        })
    }

    fn matches(
        &self,
        credentials: &Credentials,
        request: &Message,
        uri: &str,
        password: &str,
    ) -> bool {
        let algorithm = credentials.get("algorithm");
        let named = format!(
            "{}{}",
            self.hash().name(),
            if self.sess() { "-sess" } else { "" }
        );
        let same_algorithm = algorithm.eq_ignore_ascii_case(&named)
            || (algorithm.is_empty() && self.hash() == Hash::Md5 && !self.sess());
        let qop = credentials.get("qop");
        let same_qop = match self.qop() {
            Some(offered) => offered.split(',').any(|one| one == qop),
            None => qop.is_empty(),
        };
        let same_uri = !self.quirks.has(Quirk::StrictDigestUri) || credentials.get("uri") == uri;
        let same_opaque = !self.quirks.has(Quirk::Opaque) || credentials.get("opaque") == OPAQUE;
        let expected = self.response(credentials, request.method(), &request.body, password);
        let given = credentials.get("response").to_ascii_lowercase();
        same_algorithm && same_qop && same_uri && same_opaque && given == expected
    }

    /// RFC 7616 §3.4.1 to §3.4.3.
    fn response(
        &self,
        credentials: &Credentials,
        method: &str,
        body: &[u8],
        password: &str,
    ) -> String {
        let get = |name| credentials.get(name);
        let hash = |parts: &[&str]| self.hash().of(parts.join(":").as_bytes());
        let mut secret = hash(&[get("username"), &self.realm, password]);
        if self.sess() {
            secret = hash(&[&secret, get("nonce"), get("cnonce")]);
        }
        let request = match get("qop") {
            "auth-int" => hash(&[method, get("uri"), &self.hash().of(body)]),
            _ => hash(&[method, get("uri")]),
        };
        if self.qop().is_some() {
            let (nc, cnonce) = (get("nc"), get("cnonce"));
            hash(&[&secret, get("nonce"), nc, cnonce, get("qop"), &request])
        } else {
            hash(&[&secret, get("nonce"), &request])
        }
    }

    /// Takes the nonce and its count; false when the nonce is unknown or the count was used.
    fn spend(&mut self, credentials: &Credentials) -> bool {
        let once = self.quirks.any(&[Quirk::OneTimeNonce, Quirk::NoStale]);
        let without_counts = self.qop().is_none();
        let Some(last) = self.counts.get_mut(credentials.get("nonce")) else {
            return false;
        };
        if once && *last > 0 {
            return false;
        }
        if without_counts {
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

    fn qop(&self) -> Option<&'static str> {
        let table = [
            (Quirk::NoQop, None),
            (Quirk::AuthInt, Some("auth-int")),
            (Quirk::AuthAndAuthInt, Some("auth,auth-int")),
        ];
        self.quirks.choose(&table).unwrap_or(Some("auth"))
    }

    /// The hash that is taken.
    fn hash(&self) -> Hash {
        let table = [
            (Quirk::Sha256, Hash::Sha256),
            (Quirk::SeveralChallenges, Hash::Sha256),
            (Quirk::Sha512, Hash::Sha512),
        ];
        self.quirks.choose(&table).unwrap_or(Hash::Md5)
    }

    fn sess(&self) -> bool {
        self.quirks.has(Quirk::Md5Sess)
    }
}

/// A digest hash (RFC 7616 §3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    Md5,
    Sha256,
    Sha512,
}

impl Hash {
    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
            Self::Sha512 => "SHA-512-256",
        }
    }

    fn of(self, octets: &[u8]) -> String {
        match self {
            Self::Md5 => hex::encode(Md5::digest(octets)),
            Self::Sha256 => hex::encode(Sha256::digest(octets)),
            Self::Sha512 => hex::encode(Sha512_256::digest(octets)),
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
        for (quirk, expected) in [
            (Quirk::AuthAndAuthInt, "8ca523f5e9506fed4657c9700eebdbec"),
            (
                Quirk::Sha256,
                "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
            ),
        ] {
            let gate = Gate::new("http-auth@example.org", &[quirk].into());
            let line = "Digest username=\"Mufasa\", uri=\"/dir/index.html\", nc=00000001, qop=auth,\
                nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\",\
                cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"";
            let credentials = Credentials::parse(line).unwrap();
            assert_eq!(
                gate.response(&credentials, "GET", b"", "Circle of Life"),
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
