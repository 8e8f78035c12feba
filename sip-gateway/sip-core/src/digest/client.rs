//! Answering challenges.

use super::{
    Algorithm, Credentials,
    hash::{self, Ha1, Inputs, Qop},
};
use crate::{
    header::AuthValue,
    message::{Request, Response},
    random::Random,
};

/// What to do about a 401 or 407.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// The request was given credentials; send it again with the next CSeq.
    Retry,
    /// The credentials were refused, or there is no challenge we can answer.
    GiveUp,
}

/// Fresh challenges answered for one request before giving up on a server that keeps saying
/// `stale`.
const MAX_ROUNDS: u8 = 3;

/// The challenges in force for one registration or call: one of the server, one of a proxy.
pub struct ClientAuth {
    credentials: Credentials,
    slots: Vec<Current>,
}

struct Current {
    field: &'static str,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// The algorithm as the challenge spelled it; `None` if it did not say.
    algorithm_word: Option<String>,
    qop: Option<&'static str>,
    /// How often the nonce was used, for `nc`.
    uses: u32,
    /// Challenges of this kind answered for the request in flight.
    rounds: u8,
}

impl ClientAuth {
    pub fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            slots: Vec::new(),
        }
    }

    /// Call for the first sending of a request: reuses the last nonce with the next count
    /// (RFC 7616 §3.4: saves a round trip).
    pub fn begin(&mut self, request: &mut Request, random: &mut Random) {
        self.slots.iter_mut().for_each(|slot| slot.rounds = 0);
        self.authorize(request, random);
    }

    /// Call for a 401 or 407 to `request`; puts new credentials into it if that can help.
    ///
    /// Once credentials made for a fresh challenge come back refused, the password is wrong, unless
    /// the server says `stale=true`. Credentials made with an older nonce may be refused without
    /// that word; some registrars never say it.
    pub fn challenged(
        &mut self,
        response: &Response,
        request: &mut Request,
        random: &mut Random,
    ) -> Answer {
        let Some((mut next, stale)) = strongest(response) else {
            return Answer::GiveUp;
        };
        let rounds = self.take_slot(next.field).map_or(0, |last| last.rounds);
        if rounds >= MAX_ROUNDS || (rounds > 0 && !stale) {
            return Answer::GiveUp;
        }
        next.rounds = rounds + 1;
        self.slots.push(next);
        self.authorize(request, random);
        Answer::Retry
    }

    fn take_slot(&mut self, field: &str) -> Option<Current> {
        let at = self.slots.iter().position(|slot| slot.field == field)?;
        Some(self.slots.swap_remove(at))
    }

    fn authorize(&mut self, request: &mut Request, random: &mut Random) {
        for slot in &mut self.slots {
            slot.uses += 1;
            let value = slot.credentials(&self.credentials, request, &random.word(8));
            request.set_header(slot.field, value.to_string());
        }
    }
}

impl Current {
    fn credentials(&self, who: &Credentials, request: &Request, cnonce: &str) -> AuthValue {
        let ha1 = Ha1::new(&who.username, &self.realm, &who.password);
        // The uri is the Request-URI as it goes over the wire, with port and parameters.
        let uri = request.uri.to_string();
        let nc = format!("{:08x}", self.uses);
        let qop = self.qop.map(|name| Qop {
            name,
            nc: &nc,
            cnonce,
        });
        let inputs = Inputs {
            algorithm: self.algorithm,
            method: &request.method,
            uri: &uri,
            nonce: &self.nonce,
            qop,
            body: &request.body,
        };
        let response = hash::response(ha1.get(self.algorithm), &inputs);
        let mut value = AuthValue::digest()
            .with("username", &who.username)
            .with("realm", &self.realm)
            .with("nonce", &self.nonce)
            .with("uri", &uri)
            .with("response", response);
        if let Some(word) = &self.algorithm_word {
            value = value.with("algorithm", word);
        }
        if let Some(qop) = self.qop {
            value = value
                .with("qop", qop)
                .with("nc", &nc)
                .with("cnonce", cnonce);
        }
        match &self.opaque {
            Some(opaque) => value.with("opaque", opaque),
            None => value,
        }
    }
}

/// The strongest challenge we can answer, and whether it says `stale`. Of equal ones the first
/// counts (RFC 8760 §2.4).
fn strongest(response: &Response) -> Option<(Current, bool)> {
    let (challenge, credentials) = match response.code {
        407 => ("Proxy-Authenticate", "Proxy-Authorization"),
        _ => ("WWW-Authenticate", "Authorization"),
    };
    let mut best: Option<(Current, bool)> = None;
    for value in response
        .header_all(challenge)
        .flat_map(AuthValue::parse_all)
    {
        if let Some(found) = readable(&value, credentials)
            && best
                .as_ref()
                .is_none_or(|(best, _)| found.algorithm > best.algorithm)
        {
            let stale = value
                .param("stale")
                .is_some_and(|word| word.eq_ignore_ascii_case("true"));
            best = Some((found, stale));
        }
    }
    best
}

fn readable(value: &AuthValue, field: &'static str) -> Option<Current> {
    let word = value.param("algorithm");
    let algorithm = Algorithm::from_param(word).filter(|_| value.is_digest())?;
    Some(Current {
        field,
        realm: value.param("realm")?.to_owned(),
        nonce: value.param("nonce")?.to_owned(),
        opaque: value.param("opaque").map(str::to_owned),
        algorithm,
        algorithm_word: word.map(str::to_owned),
        qop: choose_qop(value.param("qop"))?,
        uses: 0,
        rounds: 0,
    })
}

/// Prefers `auth`; `None` outside: only words we do not know are offered.
fn choose_qop(offered: Option<&str>) -> Option<Option<&'static str>> {
    let offered = offered.unwrap_or_default();
    if offered.trim().is_empty() {
        return Some(None);
    }
    ["auth", "auth-int"]
        .into_iter()
        .find(|known| {
            offered
                .split(',')
                .any(|word| word.trim().eq_ignore_ascii_case(known))
        })
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::{AuthError, Authenticator};

    fn register() -> Request {
        let mut request = Request::new("REGISTER", "sip:h:5080;transport=tcp".parse().unwrap());
        request.add_header("CSeq", "1 REGISTER");
        request
    }

    fn refuse(fields: Vec<(String, String)>) -> Response {
        let mut response = Response::new(401, "");
        response.headers = fields;
        response
    }

    fn known(user: &str) -> Option<Ha1> {
        (user == "alice").then(|| Ha1::new("alice", "r", "secret"))
    }

    struct Fixture {
        random: Random,
        client: ClientAuth,
        server: Authenticator,
    }

    fn fixture(password: &str) -> Fixture {
        Fixture {
            random: Random::new([1; 32]),
            client: ClientAuth::new(Credentials::new("alice", password)),
            server: Authenticator::new("r", [2; 32]),
        }
    }

    #[test]
    fn the_strongest_challenge_is_answered_and_its_nonce_used_again() {
        let Fixture {
            mut random,
            mut client,
            mut server,
        } = fixture("secret");
        let mut request = register();
        client.begin(&mut request, &mut random);
        assert_eq!(
            server.verify(0, &request, known),
            Err(AuthError::Challenge { stale: false })
        );
        let response = refuse(server.challenges(0, false));
        assert_eq!(
            client.challenged(&response, &mut request, &mut random),
            Answer::Retry
        );
        assert!(
            request
                .header("Authorization")
                .unwrap()
                .contains("algorithm=SHA-256")
        );
        assert_eq!(server.verify(0, &request, known), Ok("alice".into()));
        assert_eq!(server.claimed_user(&request).as_deref(), Some("alice"));
        assert_eq!(
            server.verify(0, &request, known),
            Err(AuthError::Challenge { stale: true })
        );

        let mut second = register();
        client.begin(&mut second, &mut random);
        assert!(
            second
                .header("Authorization")
                .unwrap()
                .contains("nc=00000002")
        );
        assert_eq!(server.verify(1, &second, known), Ok("alice".into()));
    }

    #[test]
    fn a_wrong_password_is_tried_once_and_an_old_nonce_again() {
        let Fixture {
            mut random,
            mut client,
            mut server,
        } = fixture("wrong");
        let mut request = register();
        let response = refuse(server.challenges(0, false));
        assert_eq!(
            client.challenged(&response, &mut request, &mut random),
            Answer::Retry
        );
        assert_eq!(server.verify(0, &request, known), Err(AuthError::Forbidden));
        let response = refuse(server.challenges(0, false));
        assert_eq!(
            client.challenged(&response, &mut request, &mut random),
            Answer::GiveUp
        );

        let Fixture {
            mut random,
            mut client,
            mut server,
        } = fixture("secret");
        let response = refuse(server.challenges(0, false));
        client.challenged(&response, &mut request, &mut random);
        let mut later = register();
        client.begin(&mut later, &mut random);
        let expired = server.verify(10_000_000, &later, known);
        assert_eq!(expired, Err(AuthError::Challenge { stale: true }));
        // The registrar forgets to say stale.
        let response = refuse(server.challenges(10_000_000, false));
        assert_eq!(
            client.challenged(&response, &mut later, &mut random),
            Answer::Retry
        );
        assert_eq!(server.verify(10_000_000, &later, known), Ok("alice".into()));
    }

    #[test]
    fn challenges_without_qop_or_with_odd_spelling_are_answered() {
        let Fixture {
            mut random,
            mut client,
            ..
        } = fixture("secret");
        let mut request = register();
        let mut response = Response::new(407, "");
        response.add_header(
            "Proxy-Authenticate",
            r#"DIGEST realm="x", nonce=abc, algorithm=md5"#,
        );
        assert_eq!(
            client.challenged(&response, &mut request, &mut random),
            Answer::Retry
        );
        let header = request.header("Proxy-Authorization").unwrap();
        assert!(
            header.contains(r#"uri="sip:h:5080;transport=tcp""#),
            "{header}"
        );
        assert!(!header.contains("qop"));
    }

    #[test]
    fn a_server_and_a_proxy_may_both_ask() {
        let Fixture {
            mut random,
            mut client,
            ..
        } = fixture("secret");
        let mut request = register();
        for (code, field) in [(407, "Proxy-Authenticate"), (401, "WWW-Authenticate")] {
            let response =
                Response::new(code, "").with_header(field, r#"Digest realm="x", nonce="n""#);
            assert_eq!(
                client.challenged(&response, &mut request, &mut random),
                Answer::Retry
            );
        }
        assert!(request.header("Authorization").is_some());
        assert!(request.header("Proxy-Authorization").is_some());
    }
}
