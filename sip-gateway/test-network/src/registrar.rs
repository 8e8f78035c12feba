//! Who is registered, and where (RFC 3261 §10.3).

use crate::{
    Quirk, Quirks,
    wire::{Message, header_parameter, uri_of},
};
use std::{collections::HashMap, net::SocketAddr, time::Duration};
use tokio::time::Instant;

/// Contacts an account may have at once; the oldest makes room.
const CONTACTS: usize = 10;
/// What is granted to who asks for nothing, seconds.
const DEFAULT_EXPIRES: u32 = 3600;
/// The longest registration granted, seconds.
const LONGEST: u32 = 300;
/// What is granted by the quirks of short registrations, seconds.
pub const SHORT: u32 = 60;
/// What the quirk takes at least, seconds.
pub const MIN_EXPIRES: u32 = 600;

/// One contact of an account.
#[derive(Debug, Clone)]
pub struct Binding {
    /// The URI inside Contact: the robot's Request-URI.
    pub contact: String,
    /// Where the REGISTER came from.
    pub source: SocketAddr,
    call_id: String,
    cseq: u32,
    until: Instant,
}

/// What came of a REGISTER.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All bindings now, with their seconds left.
    Granted(Vec<(String, u64)>),
    /// Shorter than the provider allows: 423.
    TooBrief,
    /// A wildcard with other contacts, an unreadable Expires: 400.
    Malformed,
}

/// The bindings of all accounts.
#[derive(Debug, Default)]
pub struct Registrar {
    bindings: HashMap<String, Vec<Binding>>,
}

impl Registrar {
    /// Carries out an authenticated REGISTER.
    pub fn register(
        &mut self,
        user: &str,
        request: &Message,
        source: SocketAddr,
        quirks: &Quirks,
        now: Instant,
    ) -> Outcome {
        let bindings = self.bindings.entry(user.to_owned()).or_default();
        bindings.retain(|binding| binding.until > now);
        let outcome = apply(bindings, request, source, quirks, now);
        match outcome {
            Some(refusal) => refusal,
            None => Outcome::Granted(
                bindings
                    .iter()
                    .map(|b| (b.contact.clone(), left(b, now)))
                    .collect(),
            ),
        }
    }

    /// How many contacts a user has.
    pub fn count(&self, user: &str, now: Instant) -> usize {
        let bindings = self
            .bindings
            .get(user)
            .map(Vec::as_slice)
            .unwrap_or_default();
        bindings
            .iter()
            .filter(|binding| binding.until > now)
            .count()
    }

    /// The contact that registered last.
    pub fn newest(&self, user: &str, now: Instant) -> Option<Binding> {
        let bindings = self.bindings.get(user)?;
        bindings.iter().rev().find(|b| b.until > now).cloned()
    }
}

/// Changes the bindings; gives a refusal, and then nothing was changed.
fn apply(
    bindings: &mut Vec<Binding>,
    request: &Message,
    source: SocketAddr,
    quirks: &Quirks,
    now: Instant,
) -> Option<Outcome> {
    let Ok(general) = request.header("expires").map(str::parse).transpose() else {
        return Some(Outcome::Malformed);
    };
    let contacts = request.values("contact");
    if contacts.contains(&"*") {
        // RFC 3261 §10.3 step 6.
        if contacts.len() > 1 || general != Some(0) {
            return Some(Outcome::Malformed);
        }
        bindings.clear();
        return None;
    }
    let asked = |contact: &str| {
        header_parameter(contact, "expires")
            .and_then(|v| v.parse().ok())
            .or(general)
            .unwrap_or(DEFAULT_EXPIRES)
    };
    let too_brief = |contact: &&str| {
        quirks.has(Quirk::MinExpires) && (1..MIN_EXPIRES).contains(&asked(contact))
    };
    if contacts.iter().any(too_brief) {
        return Some(Outcome::TooBrief);
    }
    let cseq = request.cseq().map_or(0, |(number, _)| number);
    for contact in &contacts {
        let uri = uri_of(contact);
        let stale =
            |b: &Binding| b.contact == uri && b.call_id == request.call_id() && b.cseq >= cseq;
        if bindings.iter().any(stale) {
            continue;
        }
        bindings.retain(|b| b.contact != uri);
        let granted = asked(contact).min(longest(quirks));
        if granted > 0 {
            bindings.push(Binding {
                contact: uri.to_owned(),
                source,
                call_id: request.call_id().to_owned(),
                cseq,
                until: now + Duration::from_secs(granted.into()),
            });
        }
    }
    let excess = bindings.len().saturating_sub(CONTACTS);
    bindings.drain(..excess);
    None
}

fn longest(quirks: &Quirks) -> u32 {
    let table = [
        (Quirk::ShortExpires, SHORT),
        (Quirk::ExpiresHeader, SHORT),
        (Quirk::MinExpires, MIN_EXPIRES),
    ];
    quirks.choose(&table).unwrap_or(LONGEST)
}

/// Whole seconds left, rounded up.
fn left(binding: &Binding, now: Instant) -> u64 {
    binding
        .until
        .saturating_duration_since(now)
        .as_millis()
        .div_ceil(1000) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn register(registrar: &mut Registrar, cseq: u32, lines: &str, quirks: &Quirks) -> Outcome {
        let text = format!(
            "REGISTER sip:x SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z\r\nFrom: <sip:a@x>;tag=1\r\n\
             To: <sip:a@x>\r\nCall-ID: c\r\nCSeq: {cseq} REGISTER\r\n{lines}\r\n\r\n"
        );
        let message = Message::parse(text.as_bytes()).unwrap();
        let source = "127.0.0.1:7".parse().unwrap();
        registrar.register("a", &message, source, quirks, Instant::now())
    }

    #[test]
    fn contacts_come_go_and_are_limited() {
        let (mut registrar, quirks) = (Registrar::default(), Quirks::default());
        let mut go = |cseq, lines: &str| register(&mut registrar, cseq, lines, &quirks);
        let granted = |list: &[(&str, u64)]| {
            Outcome::Granted(
                list.iter()
                    .map(|(uri, s)| ((*uri).to_owned(), *s))
                    .collect(),
            )
        };
        let both = "Contact: <sip:a@1>;expires=60, sip:a@2\r\nExpires: 999";
        assert_eq!(go(1, both), granted(&[("sip:a@1", 60), ("sip:a@2", 300)]));
        assert_eq!(
            go(2, "Contact: <sip:a@1>;expires=0"),
            granted(&[("sip:a@2", 300)])
        );
        assert_eq!(
            go(1, "Contact: <sip:a@2>;expires=0"),
            granted(&[("sip:a@2", 300)])
        );
        assert_eq!(go(3, "Contact: *\r\nExpires: 5"), Outcome::Malformed);
        assert_eq!(go(3, "Contact: *\r\nExpires: 0"), granted(&[]));
    }

    #[test]
    fn short_registrations_are_refused_but_leaving_is_not() {
        let mut registrar = Registrar::default();
        let quirks = [Quirk::MinExpires].into();
        let short = "Contact: <sip:a@1>\r\nExpires: 599";
        assert_eq!(
            register(&mut registrar, 1, short, &quirks),
            Outcome::TooBrief
        );
        let leave = "Contact: <sip:a@1>\r\nExpires: 0";
        assert_eq!(
            register(&mut registrar, 2, leave, &quirks),
            Outcome::Granted(vec![])
        );
    }
}
