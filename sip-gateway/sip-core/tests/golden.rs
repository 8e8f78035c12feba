//! Messages and flows kept as files: well-formed ones, and torture after RFC 4475 in our own
//! words. Files have bare line feeds; they are read with them and with CRLF.

use std::{fs, path::Path};

use sip_core::{
    header::AuthValue,
    message::{Message, Request, Response},
    wire::parse_message,
};

use crate::support::{ANSWER, Bench, uri};

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn message(name: &str) -> Message {
    let text = file(&format!("messages/{name}.sip"));
    let bare = parse_message(text.as_bytes()).unwrap();
    let crlf = parse_message(text.replace('\n', "\r\n").as_bytes()).unwrap();
    match (&bare, &crlf) {
        (Message::Request(left), Message::Request(right)) => {
            assert_eq!(left.headers, right.headers)
        }
        (Message::Response(left), Message::Response(right)) => {
            assert_eq!(left.headers, right.headers)
        }
        _ => panic!("{name}: a request or a response, not both"),
    }
    crlf
}

fn request(name: &str) -> Request {
    let Message::Request(request) = message(name) else {
        panic!("{name} is no request")
    };
    request
}

fn response(name: &str) -> Response {
    let Message::Response(response) = message(name) else {
        panic!("{name} is no response")
    };
    response
}

#[test]
fn folded_lines_compact_names_and_odd_white_space_are_read() {
    let invite = request("folded-and-compact");
    assert_eq!(invite.to_header().unwrap().tag(), Some("1918181833n"));
    let from = invite.from_header().unwrap();
    assert_eq!(
        (from.display.as_deref(), from.tag()),
        (Some("J Müller \\\""), Some("98asjd8"))
    );
    assert_eq!(invite.cseq().unwrap().to_string(), "9 INVITE");
    assert_eq!(invite.header_values("Via").count(), 3);
    let hosts: Vec<String> = invite
        .header_values("Via")
        .map(|via| via.parse::<sip_core::header::Via>().unwrap().host)
        .collect();
    assert_eq!(
        hosts,
        ["192.0.2.2", "middle.example.com", "192.168.255.111"]
    );
    assert_eq!(
        invite.header("X-Long"),
        Some("begins here and goes on here")
    );
    assert_eq!(invite.header("Subject"), Some(""));
    let contact = invite.contact().unwrap();
    assert_eq!(
        (contact.param("q"), contact.param("colour")),
        (Some("0.33"), Some("blue"))
    );
    assert_eq!(invite.sdp().as_deref(), Some("v=0\r"));
}

#[test]
fn unknown_methods_and_every_token_character_are_read() {
    let request = request("unknown-method");
    assert_eq!(request.method, "!DO-WHAT0123456789_*+`.%I'SAY~");
    assert_eq!(request.uri.host, "example.com");
    assert_eq!(request.cseq().unwrap().method, request.method);
    let from = request.from_header().unwrap();
    assert_eq!(from.param("param''~+*_!.-%"), Some("работает"));
    assert_eq!(from.tag(), Some("_t~1'+`*%!-."));
}

#[test]
fn tel_uris_and_ipv6_are_read() {
    let invite = request("tel-uri");
    assert_eq!(
        (invite.uri.scheme.as_str(), invite.uri.user_or_empty()),
        ("tel", "+7-495-123-45-67")
    );
    assert_eq!(invite.uri.param("phone-context"), Some("example.com"));
    assert_eq!(invite.via().unwrap().host, "2001:db8::9:1");
    assert_eq!(
        invite.contact().unwrap().uri.to_string(),
        "sip:gw@[2001:db8::9:1]:5070;transport=tcp"
    );
}

#[test]
fn contacts_over_several_lines_and_commas_are_read() {
    let ok = response("many-contacts");
    let expires: Vec<Option<String>> = ok
        .contacts()
        .iter()
        .map(|contact| contact.param("expires").map(str::to_owned))
        .collect();
    assert_eq!(
        expires,
        ["57", "300", "20"].map(|text| Some(text.to_owned()))
    );
    assert_eq!(ok.header("Date"), Some("Sat, 13 Nov 2010 23:29:00 GMT"));
    assert_eq!(
        ok.via().unwrap().seen_as(),
        Some("203.0.113.1:62001".parse().unwrap())
    );
}

#[test]
fn challenges_reasons_and_other_alphabets_are_read() {
    let refusal = response("two-challenges");
    let all: Vec<AuthValue> = refusal
        .header_all("WWW-Authenticate")
        .flat_map(AuthValue::parse_all)
        .collect();
    assert_eq!(
        all.iter().map(|c| c.param("nonce")).collect::<Vec<_>>(),
        [Some("a,b"), Some("c")]
    );
    assert_eq!(response("empty-reason").reason, "");
    let from = request("utf8").from_header().unwrap();
    assert_eq!(from.display.as_deref(), Some("Иван Петров, «Ромашка»"));
    assert_eq!(
        request("utf8").to_header().unwrap().display.as_deref(),
        Some("Боб")
    );
}

#[test]
fn every_golden_message_is_written_so_that_it_reads_the_same() {
    for name in ["folded-and-compact", "unknown-method", "tel-uri", "utf8"] {
        let first = request(name);
        let Ok(Message::Request(second)) = parse_message(&first.to_bytes()) else {
            panic!("{name}")
        };
        assert_eq!(
            (&first.method, &first.uri, &first.body),
            (&second.method, &second.uri, &second.body)
        );
        let without_length = |request: &Request| {
            let mut request = request.clone();
            request.remove_header("Content-Length");
            request.headers
        };
        assert_eq!(without_length(&first), without_length(&second));
    }
}

#[test]
fn flows_go_as_written() {
    for name in ["answered", "cancelled", "busy-old-style"] {
        Flow::new(name).play();
    }
}

/// A script: what the peer sends, what we must answer, what the shell does.
struct Flow {
    name: &'static str,
    bench: Bench,
    tag: String,
    seen_sent: usize,
    seen_events: usize,
}

impl Flow {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            bench: Bench::new(),
            tag: String::new(),
            seen_sent: 0,
            seen_events: 0,
        }
    }

    fn play(mut self) {
        let text = file(&format!("flows/{}.flow", self.name));
        for step in text.split("=== ").skip(1) {
            let (head, rest) = step.split_once('\n').unwrap_or((step, ""));
            let rest = rest.replace("{tag}", &self.tag);
            match head.trim() {
                "peer" => self.bench.receive(rest.replace('\n', "\r\n")),
                "ours" => self.expect(&rest),
                "silence" => {
                    self.bench.run(100_000);
                    assert_eq!(self.bench.sent.len(), self.seen_sent, "{}", self.name);
                }
                head => self.step(head),
            }
        }
    }

    fn step(&mut self, head: &str) {
        if let Some(event) = head.strip_prefix("event ") {
            let found = self.bench.events[self.seen_events..]
                .iter()
                .position(|seen| format!("{seen:?}").starts_with(event));
            self.seen_events += found.unwrap_or_else(|| panic!("{}: no {event}", self.name)) + 1;
            return;
        }
        let now = self.bench.now;
        let call = crate::support::incoming(&self.bench.events).unwrap();
        let agent = &mut self.bench.agent;
        match head {
            "shell ring" => agent.ring(now, call, 180, None),
            "shell accept" => {
                agent.accept(now, call, uri("sip:bob@192.0.2.1"), ANSWER.into(), vec![])
            }
            "shell busy" => agent.reject(now, call, 486, "", vec![]),
            "shell hang up" => agent.hang_up(now, call, None),
            other => panic!("{}: {other}", self.name),
        }
        self.bench.drain();
        if let Some(tag) = self.bench.responses().iter().rev().find_map(to_tag) {
            self.tag = tag;
        }
    }

    /// The next message of ours begins with the first line and has the fields below it.
    fn expect(&mut self, wanted: &str) {
        let sent = self.bench.sent.get(self.seen_sent);
        let sent = sent.unwrap_or_else(|| panic!("{}: nothing sent, wanted {wanted}", self.name));
        self.seen_sent += 1;
        let bytes = match sent {
            Message::Request(request) => request.to_bytes(),
            Message::Response(response) => response.to_bytes(),
        };
        let text = String::from_utf8(bytes).unwrap();
        for line in wanted.lines().filter(|line| !line.is_empty()) {
            assert!(
                text.lines().any(|seen| seen == line),
                "{}: {line}\nnot in\n{text}",
                self.name
            );
        }
    }
}

fn to_tag(response: &Response) -> Option<String> {
    response.to_header().ok()?.tag().map(str::to_owned)
}
