//! Responses: which headers go back, and where to.

use crate::{
    resend::Datagram,
    templates::{ALLOW, RESPONSE, RESPONSE_WITH_SDP, fill},
    wire::{Message, parameter},
};
use std::{
    collections::{HashMap, VecDeque, hash_map::DefaultHasher},
    hash::{Hash, Hasher},
    net::SocketAddr,
};

/// Answers remembered for retransmitted requests.
const MEMORY: usize = 512;

/// What a response carries beyond what the request gives it.
#[derive(Debug, Default)]
pub struct Extra {
    /// Record-Route lines.
    pub record_route: String,
    /// Contact lines.
    pub contact: String,
    /// Another Allow line with a description than the usual one.
    pub allow: Option<&'static str>,
    /// Any other header lines.
    pub lines: String,
    /// A session description.
    pub sdp: Option<String>,
}

/// A response and where it goes (RFC 3261 §8.2.6, §18.2; RFC 3581).
pub fn respond(
    request: &Message,
    source: SocketAddr,
    status: &str,
    tag: &str,
    extra: &Extra,
) -> Datagram {
    let to = request.header("to").unwrap_or_default();
    let tagged = match request.tag("to") {
        // A 100 needs no tag (§8.2.6.1).
        None if !status.starts_with("100 ") => format!("{to};tag={tag}"),
        _ => to.to_owned(),
    };
    let sdp = extra.sdp.as_deref().unwrap_or_default();
    let template = if extra.sdp.is_some() {
        RESPONSE_WITH_SDP
    } else {
        RESPONSE
    };
    let (via_lines, destination) = vias(request, source);
    let text = fill(
        template,
        &[
            ("status", status),
            ("via_lines", &via_lines),
            ("record_route_lines", &extra.record_route),
            ("from", request.header("from").unwrap_or_default()),
            ("to", &tagged),
            ("call_id", request.call_id()),
            ("cseq", request.header("cseq").unwrap_or_default()),
            ("contact_lines", &extra.contact),
            ("allow_lines", extra.allow.unwrap_or(ALLOW)),
            ("extra_lines", &extra.lines),
            ("length", &sdp.len().to_string()),
            ("sdp", sdp),
        ],
    );
    Datagram {
        text,
        to: destination,
    }
}

/// The Via lines with `received` and `rport` filled in, and where the response goes.
fn vias(request: &Message, source: SocketAddr) -> (String, SocketAddr) {
    let mut lines = Vec::new();
    let mut destination = source;
    for (index, via) in request.values("via").into_iter().enumerate() {
        if index > 0 {
            lines.push(format!("Via: {via}"));
            continue;
        }
        let wants_port = parameter(via, "rport").is_some();
        if !wants_port {
            destination.set_port(sent_by_port(via));
        }
        let mut parts: Vec<String> = via
            .split(';')
            .map(str::trim)
            .filter(|part| !part.starts_with("received="))
            .map(str::to_owned)
            .collect();
        for part in &mut parts {
            if part == "rport" || part.starts_with("rport=") {
                *part = format!("rport={}", source.port());
            }
        }
        if wants_port || sent_by_host(via).parse() != Ok(source.ip()) {
            parts.push(format!("received={}", source.ip()));
        }
        lines.push(format!("Via: {}", parts.join(";")));
    }
    (lines.join("\r\n"), destination)
}

fn sent_by(via: &str) -> &str {
    let before = via.split(';').next().unwrap_or_default();
    before.split_whitespace().last().unwrap_or_default()
}

fn sent_by_port(via: &str) -> u16 {
    let sent_by = sent_by(via);
    let after_v6 = sent_by.rfind(']').map_or(sent_by, |end| &sent_by[end..]);
    let port = after_v6
        .rsplit_once(':')
        .and_then(|(_, port)| port.parse().ok());
    port.unwrap_or(5060)
}

fn sent_by_host(via: &str) -> &str {
    let sent_by = sent_by(via);
    if let Some(v6) = sent_by.strip_prefix('[') {
        return v6.split(']').next().unwrap_or_default();
    }
    sent_by.split(':').next().unwrap_or_default()
}

/// A To tag that is the same for every retransmission of a request (RFC 3261 §8.2.7).
pub fn tag_for(request: &Message) -> String {
    let mut hasher = DefaultHasher::new();
    (request.call_id(), request.branch(), request.tag("from")).hash(&mut hasher);
    format!("{:x}", hasher.finish())
}

/// The latest answers, for requests that come again because the answer was lost.
#[derive(Default)]
pub struct Replies {
    answers: HashMap<String, Datagram>,
    order: VecDeque<String>,
}

impl Replies {
    pub fn remember(&mut self, request: &Message, answer: &Datagram) {
        let key = key(request);
        if self.answers.insert(key.clone(), answer.clone()).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > MEMORY
            && let Some(oldest) = self.order.pop_front()
        {
            self.answers.remove(&oldest);
        }
    }

    /// An ACK is never answered.
    pub fn find(&self, request: &Message) -> Option<Datagram> {
        let candidate = (request.method() != "ACK").then(|| key(request))?;
        self.answers.get(&candidate).cloned()
    }
}

/// RFC 3261 §17.2.3, with Call-ID and CSeq for clients whose branches repeat.
fn key(request: &Message) -> String {
    let via = request
        .values("via")
        .first()
        .copied()
        .unwrap_or_default()
        .to_owned();
    let branch = request.branch().unwrap_or_default();
    let cseq = request.header("cseq").unwrap_or_default();
    format!("{branch} {} {cseq} {}", sent_by(&via), request.call_id())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(via: &str) -> Message {
        let text = format!(
            "OPTIONS sip:x SIP/2.0\r\nVia: {via}\r\nFrom: <sip:a@x>;tag=1\r\n\
             To: <sip:a@x>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
        );
        Message::parse(text.as_bytes()).unwrap()
    }

    fn via_and_port(via: &str) -> (String, u16) {
        let (lines, to) = vias(&request(via), "127.0.0.1:4000".parse().unwrap());
        (lines, to.port())
    }

    #[test]
    fn responses_go_where_rfc_3261_and_3581_say() {
        let (via, port) =
            via_and_port("SIP/2.0/UDP 10.0.0.9:5070;rport;branch=z, SIP/2.0/UDP b;branch=y");
        let expected = "Via: SIP/2.0/UDP 10.0.0.9:5070;rport=4000;branch=z;received=127.0.0.1\r\n\
                        Via: SIP/2.0/UDP b;branch=y";
        assert_eq!((&*via, port), (expected, 4000));
        let (via, port) = via_and_port("SIP/2.0/UDP 127.0.0.1:5070;branch=z");
        assert_eq!(
            (&*via, port),
            ("Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z", 5070)
        );
        assert_eq!(via_and_port("SIP/2.0/UDP [::1];branch=z").1, 5060);
    }

    #[test]
    fn a_repeated_request_finds_its_answer_and_another_does_not() {
        let mut replies = Replies::default();
        let first = request("SIP/2.0/UDP a;branch=z");
        let source = "127.0.0.1:4000".parse().unwrap();
        let answer = respond(
            &first,
            source,
            "200 OK",
            &tag_for(&first),
            &Extra::default(),
        );
        replies.remember(&first, &answer);
        assert_eq!(replies.find(&first), Some(answer));
        assert_eq!(replies.find(&request("SIP/2.0/UDP a;branch=y")), None);
    }
}
