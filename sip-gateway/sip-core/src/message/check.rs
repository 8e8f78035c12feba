//! What makes a request that could be read one that is answered with a refusal, before anything is
//! done about it (RFC 3261 §8.2, §16.3; the cases of RFC 4475).

use super::{Request, known_method};
use crate::header::{HeaderError, NameAddr, split_list};

/// Header fields of which a request has one, with one value (§20).
const SINGLE: [&str; 6] = [
    "From",
    "To",
    "Call-ID",
    "CSeq",
    "Max-Forwards",
    "Content-Type",
];
/// Schemes of a Request-URI that mean something to a telephone; `urn` names emergency services
/// (RFC 5031).
const SCHEMES: [&str; 4] = ["sip", "sips", "tel", "urn"];
/// The one kind of body an INVITE may bring besides multipart.
const SESSION: &str = "application/sdp";

/// How a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Status code.
    pub code: u16,
    /// What is wrong; becomes the reason phrase of a 400.
    pub reason: String,
    /// Fields that belong to the answer.
    pub headers: Vec<(String, String)>,
}

impl Refusal {
    fn bad(reason: impl Into<String>) -> Self {
        Self {
            code: 400,
            reason: reason.into(),
            headers: Vec::new(),
        }
    }

    fn with_code(code: u16) -> Self {
        Self {
            code,
            ..Self::bad(super::default_reason(code))
        }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// The first reason to refuse a request, if there is one.
pub fn refusal(request: &Request) -> Option<Refusal> {
    incomplete(request)
        .or_else(|| ambiguous(request))
        .map(Refusal::bad)
        .or_else(|| not_understood(request))
        .or_else(|| match request.method.as_str() {
            "REGISTER" => bad_registration(request).map(Refusal::bad),
            "INVITE" => unusable_session(request),
            _ => None,
        })
}

/// What a request lacks for being answered and matched (§8.1.1).
fn incomplete(request: &Request) -> Option<String> {
    let cseq = request.cseq();
    let missing = [
        request.via().err(),
        request.from_header().err(),
        request.to_header().err(),
        cseq.as_ref().err().cloned(),
        request
            .call_id()
            .is_none()
            .then_some(HeaderError::Missing("Call-ID")),
    ];
    if let Some(error) = missing.into_iter().flatten().next() {
        return Some(error.to_string());
    }
    let same = cseq.is_ok_and(|cseq| cseq.method == request.method);
    (!same).then(|| "CSeq names another method".into())
}

/// What different elements would read differently.
fn ambiguous(request: &Request) -> Option<String> {
    for name in SINGLE {
        if request.header_all(name).nth(1).is_some() {
            return Some(format!("the header field {name} stands twice"));
        }
    }
    let forwards = request.header("Max-Forwards").unwrap_or("70");
    if forwards.parse::<u8>().is_err() {
        return Some("the header field Max-Forwards cannot be read".into());
    }
    let empty_hop = request.header("Via").is_some_and(|field| {
        let commas = field.bytes().filter(|byte| *byte == b',').count();
        commas > 0 && split_list(field).count() <= commas
    });
    empty_hop.then(|| "the header field Via cannot be read".into())
}

/// §8.2.1, §8.2.2.1.
fn not_understood(request: &Request) -> Option<Refusal> {
    if known_method(&request.method).is_none() {
        return Some(Refusal::with_code(501));
    }
    let known = SCHEMES.contains(&request.uri.scheme.as_str());
    (!known).then(|| Refusal::with_code(416))
}

/// §10.3: a registrar takes SIP addresses of record; a Contact it cannot read it cannot keep.
fn bad_registration(request: &Request) -> Option<String> {
    let is_sip = |addr: &NameAddr| addr.uri.scheme.starts_with("sip");
    if !request.to_header().is_ok_and(|to| is_sip(&to)) {
        return Some("To is no SIP address".into());
    }
    let unreadable = request
        .header_values("Contact")
        .any(|value| value != "*" && value.parse::<NameAddr>().is_err());
    unreadable.then(|| "the header field Contact cannot be read".into())
}

/// §8.2.3: a body that must be understood and is not; §20.1: an answer that could not be given.
fn unusable_session(request: &Request) -> Option<Refusal> {
    let packed = request
        .header("Content-Encoding")
        .is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity"));
    if packed && !request.body.is_empty() {
        return Some(Refusal::with_code(415).with("Accept-Encoding", "identity"));
    }
    if !request.body.is_empty() && !is_session(request) && !is_optional(request) {
        return Some(Refusal::with_code(415).with("Accept", SESSION));
    }
    let mut accepted = request.header_values("Accept").map(media_type).peekable();
    let says = accepted.peek().is_some();
    let any = accepted.any(|media| [SESSION, "application/*", "*/*"].contains(&media.as_str()));
    (says && !any).then(|| Refusal::with_code(406))
}

fn is_session(request: &Request) -> bool {
    let media = media_type(request.header("Content-Type").unwrap_or(SESSION));
    media == SESSION || media.starts_with("multipart/")
}

/// §20.11: a body nobody has to understand.
fn is_optional(request: &Request) -> bool {
    request
        .header("Content-Disposition")
        .is_some_and(|value| value.to_ascii_lowercase().contains("handling=optional"))
}

fn media_type(value: &str) -> String {
    let media = value.split(';').next().unwrap_or_default();
    media.trim().to_ascii_lowercase()
}
