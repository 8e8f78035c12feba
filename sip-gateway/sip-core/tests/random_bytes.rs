//! Nothing that comes in makes the core panic, or take its time.

use proptest::prelude::*;
use sip_core::{
    header::{AuthValue, NameAddr, Via},
    message::{Message, Request},
    uri::SipUri,
    wire::{StreamFramer, parse_message},
};

use crate::support::{Bench, OFFER, peer_request};

/// Characters that matter to the grammar, so that random text gets far into it.
const TEXT: &str = "([ -~\r\n\t]|[<>\";=,:@%\\\\/?\\[\\]]|sip:|SIP/2.0|Via|é|\u{0}){0,80}";

fn mutated(edits: &[(usize, u8)]) -> Vec<u8> {
    let mut bytes = peer_request("INVITE", "1", 1, None)
        .with_body("application/sdp", OFFER)
        .to_bytes();
    for (at, byte) in edits {
        let at = at % bytes.len();
        bytes[at] = *byte;
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let mut bench = Bench::new();
        bench.receive(bytes.clone());
        let mut framer = StreamFramer::default();
        framer.push(0, &bytes);
        while let Ok(Some(_)) = framer.next_frame() {}
    }

    #[test]
    fn random_text_is_survived_by_every_reader(text in TEXT) {
        if let Ok(uri) = text.parse::<SipUri>() {
            // What was read prints as something that reads the same.
            let printed = uri.to_string();
            prop_assert_eq!(printed.parse::<SipUri>().map(|uri| uri.to_string()), Ok(printed));
        }
        if let Ok(addr) = text.parse::<NameAddr>() {
            prop_assert!(addr.to_string().parse::<NameAddr>().is_ok());
        }
        let _ = text.parse::<Via>();
        let _ = AuthValue::parse_all(&text);
        let mut bench = Bench::new();
        bench.receive(text.clone());
        bench.receive(format!("OPTIONS sip:a SIP/2.0\r\n{text}\r\n\r\n"));
        bench.receive(format!("INVITE sip:a SIP/2.0\r\nVia: {text}\r\nFrom: {text}\r\nTo: {text}\r\n\r\n"));
    }

    #[test]
    fn damaged_messages_are_survived(edits in proptest::collection::vec((any::<usize>(), any::<u8>()), 0..12)) {
        let mut bench = Bench::new();
        bench.receive(mutated(&edits));
        bench.run(100_000);
    }

    #[test]
    fn what_is_written_reads_the_same(
        method in "[A-Z]{1,10}",
        user in "\\PC{0,20}",
        value in "[ -~]{0,60}",
        body in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let mut request = Request::new(&method, SipUri::new(user, "host.example"));
        request.add_header("Subject", value.trim());
        request.body = body;
        let Ok(Message::Request(read)) = parse_message(&request.to_bytes()) else {
            return Err(TestCaseError::fail("not a request"));
        };
        prop_assert_eq!(read.header("Content-Length").map(str::to_owned), Some(request.body.len().to_string()));
        prop_assert_eq!(read.header("Subject"), request.header("Subject"));
        prop_assert_eq!(read.body, request.body);
        prop_assert_eq!(read.uri.to_string(), request.uri.to_string());
    }
}

#[test]
fn huge_and_hostile_messages_take_no_time() {
    let hostile = [
        "a".repeat(200_000),
        format!("OPTIONS sip:a SIP/2.0\r\nVia: {}", ",".repeat(60_000)),
        format!("OPTIONS sip:a SIP/2.0\r\nVia: {}", "\"".repeat(60_000)),
        format!("OPTIONS sip:a SIP/2.0\r\nX: y{}", "\r\n z".repeat(15_000)),
        format!("OPTIONS sip:{} SIP/2.0\r\n\r\n", "a@".repeat(30_000)),
        format!(
            "INVITE sip:a SIP/2.0\r\nContact: {}\r\n\r\n",
            "<sip:a>,".repeat(8000)
        ),
    ];
    let start = std::time::Instant::now();
    for text in &hostile {
        let mut bench = Bench::new();
        bench.receive(text.clone());
    }
    assert!(start.elapsed().as_secs() < 2);
}
