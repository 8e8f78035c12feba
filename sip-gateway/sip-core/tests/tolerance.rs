//! What real senders write and a strict reader (rsip's, for one) refuses or loses; and, on the
//! well-formed subset, agreement with rsip.

use proptest::prelude::*;
use rsip::{headers::ToTypedHeader as _, message::HeadersExt as _};
use sip_core::{
    header::{AuthValue, NameAddr, Via},
    message::{Message, Request, known_method},
    wire::parse_message,
};

use crate::support::{Bench, peer_request};

fn read(text: &str) -> Request {
    match parse_message(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{text}: {other:?}"),
    }
}

fn with_fields(fields: &str) -> Request {
    read(&format!("INVITE sip:a@h SIP/2.0\r\n{fields}\r\n\r\n"))
}

#[test]
fn folded_lines_are_one_value() {
    let request =
        with_fields("Subject: I know\r\n  you're\r\n\t there\r\nFrom:\r\n <sip:a@b>\r\n ;tag=1");
    assert_eq!(request.header("Subject"), Some("I know you're there"));
    assert_eq!(request.from_header().unwrap().tag(), Some("1"));
}

#[test]
fn tel_uris_stand_wherever_sip_uris_do() {
    let request = read(
        "INVITE tel:+7-495-123-45-67;phone-context=example.com SIP/2.0\r\nFrom: <tel:112>;tag=1\r\nTo: tel:+74951234567\r\n\r\n",
    );
    assert_eq!(request.uri.scheme, "tel");
    assert_eq!(request.uri.user_or_empty(), "+7-495-123-45-67");
    assert_eq!(request.from_header().unwrap().uri.user_or_empty(), "112");
    assert_eq!(
        request.to_header().unwrap().uri.to_string(),
        "tel:+74951234567"
    );
}

#[test]
fn ipv6_addresses_stand_in_brackets_or_bare() {
    let request = read(
        "INVITE sip:a@[2001:db8::1]:5070;transport=udp SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9:1]:5061;received=2001:db8::9:255;branch=z9hG4bKas3-111\r\n\r\n",
    );
    assert_eq!(
        (request.uri.host.as_str(), request.uri.port),
        ("2001:db8::1", Some(5070))
    );
    let via = request.via().unwrap();
    assert_eq!((via.host.as_str(), via.port), ("2001:db8::9:1", Some(5061)));
    assert_eq!(
        via.seen_as(),
        Some("[2001:db8::9:255]:5061".parse().unwrap())
    );
    let bracketed: Via = "SIP/2.0/TCP [::1];received=[2001:db8::5];rport=9;branch=z9hG4bK1"
        .parse()
        .unwrap();
    assert_eq!(
        bracketed.seen_as(),
        Some("[2001:db8::5]:9".parse().unwrap())
    );
}

#[test]
fn unknown_methods_are_read_and_answered_501() {
    let mut bench = Bench::new();
    bench.receive(peer_request("FROBNICATE", "1", 1, None).to_bytes());
    assert_eq!(bench.codes(), [501]);
}

#[test]
fn vias_in_one_line_are_as_many_as_in_several() {
    let request = with_fields(
        "Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b;x=\"1,2\";branch=z9hG4bK2\r\nv: SIP/2.0/TLS c;branch=z9hG4bK3",
    );
    let hosts: Vec<String> = request
        .header_values("Via")
        .map(|via| via.parse::<Via>().unwrap().host)
        .collect();
    assert_eq!(hosts, ["a", "b", "c"]);
}

#[test]
fn quoted_parameters_keep_their_commas_semicolons_and_quotes() {
    let addr: NameAddr = r#"<sip:a@b>;x="1;2,3 \"4\"";tag=t;+sip.instance="<urn:uuid:1>""#
        .parse()
        .unwrap();
    assert_eq!(addr.param("x"), Some(r#"1;2,3 "4""#));
    assert_eq!(addr.tag(), Some("t"));
    assert_eq!(addr.param("+sip.instance"), Some("<urn:uuid:1>"));
    let all = AuthValue::parse_all(r#"Digest realm="a, \"b\"", nonce="x==",qop="auth,auth-int""#);
    assert_eq!(all[0].param("realm"), Some(r#"a, "b""#));
    assert_eq!(all[0].param("nonce"), Some("x=="));
}

#[test]
fn compact_forms_are_the_long_ones() {
    let request = with_fields(
        "v: SIP/2.0/UDP h;branch=z9hG4bK1\r\nf: <sip:a@b>;tag=1\r\nt: <sip:c@d>\r\ni: x\r\nm: <sip:a@h>\r\nk: timer\r\nx: 1800\r\no: refer\r\nr: <sip:e@f>\r\nb: <sip:a@b>\r\ns: hi\r\nc: text/plain\r\nl: 0",
    );
    for name in [
        "Via",
        "From",
        "To",
        "Call-ID",
        "Contact",
        "Supported",
        "Session-Expires",
        "Event",
        "Refer-To",
        "Referred-By",
        "Subject",
        "Content-Type",
        "Content-Length",
    ] {
        assert!(request.header(name).is_some(), "{name}");
    }
    assert_eq!(request.header("i"), request.header("CALL-ID"));
}

#[test]
fn header_names_are_read_in_any_case_and_with_space_before_the_colon() {
    let request = with_fields("cALL-iD  : 1\r\nCSEQ\t: 1 invite\r\nCONTENT-LENGTH: 0");
    assert_eq!(request.call_id(), Some("1"));
    assert_eq!(request.cseq().unwrap().to_string(), "1 INVITE");
}

#[test]
fn a_datagram_with_a_wrong_content_length_is_cut_or_refused() {
    let body = |length: &str| {
        let text = format!("MESSAGE sip:a@h SIP/2.0\r\n{length}\r\nhello");
        parse_message(text.as_bytes())
    };
    let octets = |length| match body(length) {
        Ok(Message::Request(request)) => Some(request.body.len()),
        _ => None,
    };
    assert_eq!(octets("Content-Length: 2\r\n"), Some(2));
    assert_eq!(octets(""), Some(5));
    assert_eq!(octets("Content-Length: 5\r\nl: 5\r\n"), Some(5));
    for wrong in [
        "Content-Length: 6\r\n",
        "Content-Length: x\r\n",
        "Content-Length: +5\r\n",
    ] {
        assert_eq!(octets(wrong), None, "{wrong}");
    }
}

#[test]
fn bare_line_feeds_and_line_breaks_before_a_message_are_skipped() {
    let request = read("\r\n\r\n\nINVITE sip:a@h SIP/2.0\nFrom: <sip:a@b>;tag=1\nl: 1\n\nx");
    assert_eq!(request.from_header().unwrap().tag(), Some("1"));
    assert_eq!(request.body, b"x");
}

#[test]
fn a_reason_phrase_with_colons_spaces_and_any_alphabet_is_kept() {
    for reason in ["OK", "", "Call: rejected  by user", "Занято"] {
        let text = format!("SIP/2.0 486 {reason}\r\nCSeq: 1 INVITE\r\n\r\n");
        let Ok(Message::Response(response)) = parse_message(text.as_bytes()) else {
            panic!("{reason}")
        };
        assert_eq!(response.reason, reason);
    }
}

fn word() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9]{1,12}"
}

fn address() -> impl Strategy<Value = String> {
    let port = proptest::option::of(1024_u16..65000);
    let transport = proptest::option::of(prop_oneof![Just("UDP"), Just("TCP"), Just("TLS")]);
    (word(), "[a-z]{1,8}\\.example", port, transport).prop_map(|(user, host, port, transport)| {
        let port = port.map_or(String::new(), |port| format!(":{port}"));
        let transport = transport.map_or(String::new(), |word| format!(";transport={word}"));
        format!("sip:{user}@{host}{port}{transport}")
    })
}

fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "INVITE",
        "OPTIONS",
        "REGISTER",
        "BYE",
        "MESSAGE",
        "SUBSCRIBE",
    ])
}

/// A request as a careful sender writes it (transports in capitals, as rsip prints them).
fn careful() -> impl Strategy<Value = String> {
    let ends = (method(), address(), address(), address(), address());
    let words = (word(), word(), word(), 1_u32..0x7fff_ffff);
    (ends, words, "[ -~]{0,40}", "[ -~]{0,80}").prop_map(|(ends, words, subject, body)| {
        let (method, target, from, to, contact) = ends;
        let (branch, tag, call, seq) = words;
        format!(
            "{method} {target} SIP/2.0\r\nVia: SIP/2.0/UDP one.example:5061;branch=z9hG4bK{branch}\r\n\
             Via: SIP/2.0/TCP two.example;branch=z9hG4bK{tag}\r\nMax-Forwards: 70\r\n\
             From: \"{tag} {call}\" <{from}>;tag={tag}\r\nTo: <{to}>\r\nCall-ID: {call}@one.example\r\n\
             CSeq: {seq} {method}\r\nContact: <{contact}>\r\nSubject: {}\r\nContent-Type: text/plain\r\n\
             Content-Length: {}\r\n\r\n{body}",
            subject.trim(),
            body.len(),
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rsip_and_we_read_a_careful_request_alike(text in careful()) {
        let ours = read(&text);
        let theirs = rsip::Request::try_from(text.as_bytes().to_vec()).unwrap();
        prop_assert_eq!(Some(theirs.method), known_method(&ours.method));
        prop_assert_eq!(theirs.uri.to_string(), ours.uri.to_string());
        prop_assert_eq!(&theirs.body, &ours.body);
        let lines: Vec<String> = theirs.headers.iter().map(ToString::to_string).collect();
        let own: Vec<String> = ours.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        prop_assert_eq!(lines, own);
        let (from, our_from) = (theirs.from_header().unwrap().typed().unwrap(), ours.from_header().unwrap());
        prop_assert_eq!(from.uri.to_string(), our_from.uri.to_string());
        prop_assert_eq!(from.tag().map(ToString::to_string), our_from.tag().map(str::to_owned));
        let (to, our_to) = (theirs.to_header().unwrap().typed().unwrap(), ours.to_header().unwrap());
        prop_assert_eq!(to.uri.to_string(), our_to.uri.to_string());
        let (via, our_via) = (theirs.via_header().unwrap().typed().unwrap(), ours.via().unwrap());
        prop_assert_eq!(via.branch().map(ToString::to_string), our_via.branch().map(str::to_owned));
        prop_assert_eq!(via.uri.host_with_port.to_string(), format!("{}:5061", our_via.host));
        let cseq = theirs.cseq_header().unwrap().typed().unwrap();
        prop_assert_eq!(cseq.seq, ours.cseq().unwrap().number);
        let contact = theirs.contact_header().unwrap().typed().unwrap();
        prop_assert_eq!(contact.uri.to_string(), ours.contact().unwrap().uri.to_string());
    }

    #[test]
    fn rsip_reads_what_we_write_as_we_do(text in careful()) {
        let ours = read(&text);
        let theirs = rsip::Request::try_from(ours.to_bytes()).unwrap();
        let written: Vec<u8> = theirs.into();
        let again = read(&String::from_utf8(written).unwrap());
        prop_assert_eq!(again, ours);
    }
}
