//! Who is at the other end: numbers as typed, and the identity headers of an INVITE.

use sip_core::{
    header::{NameAddr, SessionId},
    message::{Request, Response},
    uri::SipUri,
};

/// What the card shows of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Caller {
    /// Number as the network spelled it; empty: withheld.
    pub(super) number: String,
    /// Display name; empty: none.
    pub(super) name: String,
}

/// The URI of a number as a person typed or pasted it: spaces, brackets, dots and dashes go, `+`
/// stays. `None` if nothing is left.
pub(super) fn target_of(typed: &str, domain: &str) -> Option<SipUri> {
    let text = typed.trim();
    let text = ["tel:", "sip:"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(text);
    let (user, host) = text.split_once('@').unwrap_or((text, domain));
    let is_name = user.chars().any(char::is_alphabetic);
    let goes = |c: &char| {
        if is_name {
            c.is_whitespace()
        } else {
            is_decoration(*c)
        }
    };
    let user: String = user.chars().filter(|c| !goes(c)).collect();
    (!user.is_empty() && !host.is_empty()).then(|| SipUri::new(user, host))
}

fn is_decoration(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}')
}

/// Who calls: the network's own word (RFC 3325) before the caller's.
pub(super) fn caller_of(request: &Request, from: &NameAddr) -> Caller {
    let asserted = request
        .header_values("P-Asserted-Identity")
        .find_map(|value| value.parse::<NameAddr>().ok());
    let identity = asserted.as_ref().unwrap_or(from);
    if is_anonymous(&identity.uri) {
        return Caller::default();
    }
    let number = identity.uri.user_or_empty().to_owned();
    let name = [identity, from]
        .iter()
        .find_map(|party| party.display.clone())
        .unwrap_or_default();
    Caller {
        name: if name == number { String::new() } else { name },
        number,
    }
}

// RFC 3323 §4.1.1.3
fn is_anonymous(uri: &SipUri) -> bool {
    uri.host.eq_ignore_ascii_case("anonymous.invalid")
        || uri.user_or_empty().eq_ignore_ascii_case("anonymous")
}

/// The line called, as the gateway names it (RFC 7315 §4.2).
pub(super) fn line_of(request: &Request) -> Option<String> {
    let called: NameAddr = request.header("P-Called-Party-ID")?.parse().ok()?;
    called
        .display
        .or(called.uri.user)
        .filter(|line| !line.is_empty())
}

/// The conversation's name in an INVITE that came in.
pub(super) fn incoming_call_id(request: &Request) -> Option<String> {
    let session: SessionId = request.header("Session-ID")?.parse().ok()?;
    Some(with_hyphens(&session.local))
}

/// The conversation's name after an answer to our INVITE, which named it `ours`: a far end that
/// knows RFC 7989 repeats ours as the remote half; a gateway that had to choose another name says so.
pub(super) fn answered_call_id(response: &Response, ours: &str) -> Option<String> {
    let session: SessionId = response.header("Session-ID")?.parse().ok()?;
    let kept = session
        .remote
        .as_deref()
        .is_some_and(|remote| with_hyphens(remote) == ours);
    (!kept).then(|| with_hyphens(&session.local))
}

/// 32 hexadecimal digits as a UUID is written (RFC 9562 §4).
pub(super) fn with_hyphens(hex: &str) -> String {
    let mut text = String::with_capacity(36);
    for (at, digit) in hex.chars().enumerate() {
        if matches!(at, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn invite(headers: &[(&str, &str)]) -> Request {
        let mut request = Request::new("INVITE", SipUri::new("x", "y.invalid"));
        for (name, value) in headers {
            request.add_header(name, *value);
        }
        request
    }

    fn user(typed: &str) -> Option<String> {
        target_of(typed, "trubka.test").map(|uri| uri.user_or_empty().to_owned())
    }

    #[test]
    fn typed_numbers_lose_their_decoration_only() {
        assert_eq!(
            user(" +7 (495)\u{a0}123-45-67 ").as_deref(),
            Some("+74951234567")
        );
        assert_eq!(user("tel:8.800.555").as_deref(), Some("8800555"));
        assert_eq!(user("*72#").as_deref(), Some("*72#"));
        assert_eq!(user(" - "), None);
    }

    #[test]
    fn an_address_keeps_its_own_domain_and_dots() {
        let target = target_of("sip:anna.b@other.test", "trubka.test").unwrap();
        assert_eq!(
            (target.user_or_empty(), target.host.as_str()),
            ("anna.b", "other.test")
        );
    }

    #[test]
    fn the_asserted_identity_wins_over_from() {
        let request = invite(&[("P-Asserted-Identity", "\"Anna\" <sip:+7495@x>")]);
        let from: NameAddr = "<sip:101@x>".parse().unwrap();
        let caller = caller_of(&request, &from);
        assert_eq!(
            (caller.number.as_str(), caller.name.as_str()),
            ("+7495", "Anna")
        );
    }

    #[test]
    fn a_withheld_number_is_empty_and_nameless() {
        let from: NameAddr = "\"Anonymous\" <sip:anonymous@anonymous.invalid>"
            .parse()
            .unwrap();
        assert_eq!(caller_of(&invite(&[]), &from), Caller::default());
    }

    #[test]
    fn a_name_that_only_repeats_the_number_is_none() {
        let from: NameAddr = "\"555\" <sip:555@x>".parse().unwrap();
        assert_eq!(caller_of(&invite(&[]), &from).name, "");
    }

    #[test]
    fn session_ids_become_uuids() {
        let request = invite(&[("Session-ID", "ab30317f1a784dc48ff824d0d3715d86;remote=0")]);
        let id = incoming_call_id(&request).unwrap();
        assert_eq!(id, "ab30317f-1a78-4dc4-8ff8-24d0d3715d86");
    }
}
