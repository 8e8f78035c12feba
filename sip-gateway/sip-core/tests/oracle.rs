//! rsip reads what we write, and we read what rsip writes, where both can.

use rsip::{
    headers::{ToTypedHeader as _, UntypedHeader as _},
    message::HeadersExt as _,
};
use sip_core::message::{Message, Request, Response, known_method};

use crate::support::{Bench, OFFER, invite, peer_request};

/// What rsip makes of our bytes.
fn through_rsip(request: &Request) -> rsip::Request {
    rsip::Request::try_from(request.to_bytes()).unwrap()
}

#[test]
fn rsip_reads_our_requests_as_we_mean_them() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let ours = bench.last("INVITE");
    let theirs = through_rsip(&ours);
    assert_eq!(Some(theirs.method), known_method(&ours.method));
    assert_eq!(theirs.uri.to_string(), ours.uri.to_string());
    assert_eq!(
        Some(theirs.call_id_header().unwrap().value()),
        ours.call_id()
    );
    let from = theirs.from_header().unwrap().clone().into_typed().unwrap();
    let our_from = ours.from_header().unwrap();
    assert_eq!(from.uri.to_string(), our_from.uri.to_string());
    assert_eq!(
        from.tag().map(ToString::to_string).as_deref(),
        our_from.tag()
    );
    let via = theirs.via_header().unwrap().clone().into_typed().unwrap();
    assert_eq!(
        via.branch().map(ToString::to_string).as_deref(),
        ours.via().unwrap().branch()
    );
    assert_eq!(via.transport.to_string(), ours.via().unwrap().transport);
    let cseq = theirs.cseq_header().unwrap().clone().into_typed().unwrap();
    assert_eq!(cseq.seq, ours.cseq().unwrap().number);
    assert_eq!(theirs.body, ours.body);
}

#[test]
fn we_read_what_rsip_writes() {
    let original = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    let written: Vec<u8> = through_rsip(&original).into();
    let Ok(Message::Request(read)) = sip_core::wire::parse_message(&written) else {
        panic!()
    };
    assert_eq!(
        (read.method, read.uri, read.body),
        (original.method, original.uri, original.body)
    );
    for (name, value) in &original.headers {
        let found = read
            .headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name));
        assert_eq!(found.map(|(_, v)| v), Some(value), "{name}");
    }
}

#[test]
fn rsip_reads_our_responses() {
    let request = peer_request("OPTIONS", "1", 1, None);
    for code in [100, 180, 200, 302, 401, 404, 486, 487, 503, 603] {
        let ours = Response::to_request(&request, code, "", Some("t"));
        let theirs = rsip::Response::try_from(ours.to_bytes()).unwrap();
        assert_eq!(theirs.status_code.code(), code);
        let to = theirs.to_header().unwrap().clone().into_typed().unwrap();
        assert_eq!(to.tag().map(ToString::to_string).as_deref(), Some("t"));
    }
}
