//! Answering challenges.

use super::{
    Credentials, Scheme,
    hash::{self, Inputs, Qop},
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
/// Realms that are answered at once; a forking proxy may collect several (RFC 3261 §22.3).
const MAX_REALMS: usize = 4;

/// The challenges in force for one registration or call: one of each realm, of servers and proxies.
pub struct ClientAuth {
    credentials: Credentials,
    slots: Vec<Current>,
}

struct Current {
    /// `Authorization` or `Proxy-Authorization`.
    field: &'static str,
    realm: String,
    nonce: String,
    opaque: Option<String>,
    scheme: Scheme,
    /// The algorithm as the challenge spelled it; `None` if it did not say.
    algorithm_word: Option<String>,
    qop: Option<&'static str>,
    /// The server hashes user names of those who ask for it (RFC 7616 §3.4.4); we do not.
    offers_userhash: bool,
    stale: bool,
    /// The first nonce and our cnonce with it, for `-sess`.
    session: (String, String),
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
        let found = strongest(response);
        if found.is_empty() {
            return Answer::GiveUp;
        }
        for mut next in found {
            let last = self.take_slot(&next);
            let rounds = last.as_ref().map_or(0, |last| last.rounds);
            if rounds >= MAX_ROUNDS || (rounds > 0 && !next.stale) {
                return Answer::GiveUp;
            }
            next.rounds = rounds + 1;
            // The same nonce again: its count goes on (a proxy behind the one that took it).
            next.uses = last
                .filter(|last| last.nonce == next.nonce)
                .map_or(0, |last| last.uses);
            self.slots.push(next);
        }
        if self.slots.len() > MAX_REALMS {
            self.slots.drain(..self.slots.len() - MAX_REALMS);
        }
        self.authorize(request, random);
        Answer::Retry
    }

    /// Whether a 401 or 407 has a challenge we could answer, were user and password right.
    pub fn understands(&self, response: &Response) -> bool {
        !strongest(response).is_empty()
    }

    /// Call for a 2xx: the server may name the nonce it wants to see next (RFC 7616 §3.5).
    pub fn accepted(&mut self, response: &Response) {
        for (told, field) in [
            ("Authentication-Info", "Authorization"),
            ("Proxy-Authentication-Info", "Proxy-Authorization"),
        ] {
            let Some(text) = response.header(told) else {
                continue;
            };
            let next = AuthValue::parse_params(text)
                .param("nextnonce")
                .map(str::to_owned);
            let slot = self.slots.iter_mut().rfind(|slot| slot.field == field);
            if let (Some(nonce), Some(slot)) = (next.filter(|nonce| !nonce.is_empty()), slot)
                && slot.nonce != nonce
            {
                slot.nonce = nonce;
                slot.uses = 0;
            }
        }
    }

    fn take_slot(&mut self, next: &Current) -> Option<Current> {
        let at = self
            .slots
            .iter()
            .position(|slot| slot.field == next.field && slot.realm == next.realm)?;
        Some(self.slots.remove(at))
    }

    fn authorize(&mut self, request: &mut Request, random: &mut Random) {
        for field in ["Authorization", "Proxy-Authorization"] {
            request.remove_header(field);
        }
        for slot in &mut self.slots {
            slot.uses += 1;
            if slot.session.1.is_empty() {
                slot.session = (slot.nonce.clone(), random.word(8));
            }
            // Servers differ in which cnonce a session keeps; with one for all they agree.
            let cnonce = match slot.scheme.session {
                true => slot.session.1.clone(),
                false => random.word(8),
            };
            let value = slot.credentials(&self.credentials, request, &cnonce);
            request.add_header(slot.field, value.to_string());
        }
    }
}

impl Current {
    fn credentials(&self, who: &Credentials, request: &Request, cnonce: &str) -> AuthValue {
        let algorithm = self.scheme.algorithm;
        let ha1 = hash::hash(algorithm, &[&who.username, &self.realm, &who.password]);
        // The uri is the Request-URI as it goes over the wire, with port and parameters.
        let uri = request.uri.to_string();
        let nc = format!("{:08x}", self.uses);
        let qop = self.qop.map(|name| Qop {
            name,
            nc: &nc,
            cnonce,
        });
        let inputs = Inputs {
            scheme: self.scheme,
            method: &request.method,
            uri: &uri,
            nonce: &self.nonce,
            qop,
            session: (&self.session.0, &self.session.1),
            body: &request.body,
        };
        let response = hash::response(&ha1, &inputs);
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
            value = value.with("qop", qop).with("nc", &nc);
        }
        // RFC 7616 §3.4.2: a session's hash has the cnonce in it, whether there is a qop or not.
        if self.qop.is_some() || self.scheme.session {
            value = value.with("cnonce", cnonce);
        }
        if self.offers_userhash {
            value = value.with("userhash", "false");
        }
        match &self.opaque {
            Some(opaque) => value.with("opaque", opaque),
            None => value,
        }
    }
}

/// The strongest challenge we can answer, of each realm. Of equally strong ones the first counts
/// (RFC 8760 §2.4).
fn strongest(response: &Response) -> Vec<Current> {
    let (challenge, credentials) = match response.code {
        407 => ("Proxy-Authenticate", "Proxy-Authorization"),
        _ => ("WWW-Authenticate", "Authorization"),
    };
    let mut best: Vec<Current> = Vec::new();
    let values = response
        .header_all(challenge)
        .flat_map(AuthValue::parse_all);
    for found in values.filter_map(|value| readable(&value, credentials)) {
        match best.iter().position(|known| known.realm == found.realm) {
            Some(at) if found.scheme.algorithm > best[at].scheme.algorithm => best[at] = found,
            None if best.len() < MAX_REALMS => best.push(found),
            Some(_) | None => {}
        }
    }
    best
}

fn readable(value: &AuthValue, field: &'static str) -> Option<Current> {
    let word = value.param("algorithm");
    let says = |name: &str| {
        value
            .param(name)
            .is_some_and(|word| word.eq_ignore_ascii_case("true"))
    };
    Some(Current {
        field,
        realm: value.param("realm")?.to_owned(),
        nonce: value.param("nonce")?.to_owned(),
        opaque: value.param("opaque").map(str::to_owned),
        scheme: Scheme::from_param(word).filter(|_| value.is_digest())?,
        algorithm_word: word.filter(|word| !word.is_empty()).map(str::to_owned),
        qop: choose_qop(value.param("qop"))?,
        offers_userhash: says("userhash"),
        stale: says("stale"),
        session: (String::new(), String::new()),
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
mod tests;
