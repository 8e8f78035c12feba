//! The messages of RFC 4475, octet for octet, and what a user agent makes of each. In the files
//! `<hex>` and `<repeat>` stand as in §2 of the RFC; lines end with CRLF when they are read.

use std::{fs, path::Path};

use sip_core::{
    Event,
    digest::{AuthError, Authenticator},
    header::{NameAddr, Via},
    message::{Message, Request, Response},
    wire::{ReadError, StreamError, StreamFramer, parse_message},
};

use crate::support::{Bench, udp, ws};

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/torture")
}

/// One message as it goes over the wire.
fn octets(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(folder().join(format!("{name}.sip")))
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut out = Vec::new();
    let text = text.replace('\n', "\r\n");
    let mut rest = text.as_str();
    while let Some(at) = rest
        .find("<hex>")
        .into_iter()
        .chain(rest.find("<repeat"))
        .min()
    {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let (mark, inner) = rest[at..].split_once('>').unwrap();
        let (inner, after) = inner.split_once("</").unwrap();
        match mark.strip_prefix("<repeat count=") {
            Some(count) => out.extend(inner.repeat(count.parse().unwrap()).bytes()),
            None => out.extend(hex(inner)),
        }
        rest = after.split_once('>').unwrap().1;
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
        .collect()
}

fn request(name: &str) -> Request {
    match parse_message(&octets(name)) {
        Ok(Message::Request(request)) => request,
        other => panic!("{name}: {other:?}"),
    }
}

fn response(name: &str) -> Response {
    match parse_message(&octets(name)) {
        Ok(Message::Response(response)) => response,
        other => panic!("{name}: {other:?}"),
    }
}

/// A user agent that has received the message.
fn received(name: &str) -> Bench {
    let mut bench = Bench::new();
    bench.receive(octets(name));
    bench
}

/// The one answer it gives at once, a 100 left aside.
fn answer(name: &str) -> Option<Response> {
    let bench = received(name);
    let mut final_ones = bench
        .responses()
        .into_iter()
        .filter(|response| response.code > 100);
    let first = final_ones.next();
    assert!(final_ones.next().is_none(), "{name}: one answer is enough");
    first
}

fn code(name: &str) -> Option<u16> {
    answer(name).map(|response| response.code)
}

/// It reached the shell: as a call, or as another request.
fn is_taken(name: &str) -> bool {
    received(name)
        .events
        .iter()
        .any(|event| matches!(event, Event::IncomingInvite(_) | Event::Request { .. }))
}

fn text(value: Option<&str>) -> &str {
    value.unwrap_or("(none)")
}

#[test]
fn no_message_harms_datagrams_or_streams_whole_or_cut_anywhere() {
    let mut count = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let bytes = octets(name.strip_suffix(".sip").unwrap());
        for cut in 0..bytes.len() {
            let _ = parse_message(&bytes[..cut]);
        }
        for flow in [udp("192.0.2.9:5060"), ws(3)] {
            let mut bench = Bench::over(flow);
            bench.receive(bytes.clone());
            bench.run(100_000);
        }
        let mut framer = StreamFramer::default();
        framer.push(0, &bytes);
        while let Ok(Some(_)) = framer.next_frame() {}
        count += 1;
    }
    assert_eq!(count, 49, "RFC 4475 has 49 messages");
}

// §3.1.1: valid messages.

#[test]
fn wsinv_a_short_tortuous_invite_is_understood() {
    let invite = request("wsinv");
    assert_eq!(
        invite.uri.to_string(),
        "sip:vivekg@chair-dnrc.example.com;unknownparam"
    );
    assert_eq!(invite.to_header().unwrap().tag(), Some("1918181833n"));
    let from = invite.from_header().unwrap();
    assert_eq!(text(from.display.as_deref()), r#"J Rosenberg \""#);
    assert_eq!(
        (from.uri.host.as_str(), from.tag()),
        ("example.com", Some("98asjd8"))
    );
    assert_eq!(invite.header("Max-Forwards"), Some("0068"));
    assert_eq!(invite.cseq().unwrap().to_string(), "9 INVITE");
    let vias: Vec<Via> = invite
        .header_values("Via")
        .map(|via| via.parse().unwrap())
        .collect();
    let hops: Vec<(&str, &str)> = vias
        .iter()
        .map(|via| (via.host.as_str(), text(via.branch())))
        .collect();
    assert_eq!(
        hops,
        [
            ("192.0.2.2", "390skdjuw"),
            ("spindle.example.com", "z9hG4bK9ikj8"),
            ("192.168.255.111", "z9hG4bK30239"),
        ]
    );
    assert_eq!(invite.header("Subject"), Some(""));
    assert_eq!(
        invite.header("NewFangledHeader"),
        Some("newfangled value continued newfangled value")
    );
    assert_eq!(
        invite.header("UnknownHeaderWithUnusualValue"),
        Some(";;,,;;,;")
    );
    let route: NameAddr = invite.header("Route").unwrap().parse().unwrap();
    assert_eq!(route.uri.param("unknownwith"), Some("value"));
    let contact = invite.contact().unwrap();
    assert_eq!(text(contact.display.as_deref()), r#"Quoted string """#);
    assert_eq!(contact.param("newparam"), Some("newvalue"));
    assert_eq!(contact.param("secondparam"), Some(""));
    assert_eq!(contact.param("q"), Some("0.33"));
    assert_eq!(invite.body.len(), 150);
    // Its To has a tag of a dialog nobody knows here.
    assert_eq!(code("wsinv"), Some(481));
}

#[test]
fn intmeth_a_wide_range_of_characters_is_understood_and_the_method_is_not() {
    let request = request("intmeth");
    assert_eq!(
        request.method,
        "!INTERESTING-METHOD0123456789_*+`.%INDEED'~"
    );
    assert_eq!(request.uri.host, "example.com");
    assert_eq!(
        request.uri.user_or_empty(),
        "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"
    );
    assert_eq!(request.via().unwrap().branch(), Some("z9hG4bK-.!%66*_+`'~"));
    // Control characters are read as spaces, on purpose: they would come out of logs again.
    let to = request.to_header().unwrap();
    assert_eq!(text(to.display.as_deref()), "BEL:  NUL:  DEL: ");
    let from = request.from_header().unwrap();
    assert_eq!(
        text(from.display.as_deref()),
        "token1~` token2'+_ token3*%!.-"
    );
    assert_eq!(from.param("fromParam''~+*_!.-%"), Some("работающий"));
    assert_eq!(from.tag(), Some("_token~1'+`*%!-."));
    assert_eq!(
        request.call_id(),
        Some(r#"intmeth.word%ZK-!.*_+'@word`~)(><:\/"][?}{"#)
    );
    assert_eq!(
        request.header("extensionHeader-!.%*+_`'~"),
        Some("\u{feff}大停電")
    );
    assert_eq!(code("intmeth"), Some(501));
}

#[test]
fn esc01_percent_escapes_are_decoded_where_they_mean_something() {
    let invite = request("esc01");
    assert_eq!(invite.uri.user_or_empty(), "sips:user@example.com");
    assert_eq!(invite.uri.host, "example.net");
    assert_eq!(invite.to_header().unwrap().uri.user_or_empty(), "user");
    assert_eq!(
        invite.from_header().unwrap().uri.user_or_empty(),
        "I have spaces"
    );
    let contact = invite.contact().unwrap().uri;
    assert_eq!(contact.user_or_empty(), "caller");
    assert_eq!(contact.param("lr"), Some(""));
    assert_eq!(contact.param("name"), Some("value%2541"));
    assert!(is_taken("esc01"));
}

#[test]
fn escnull_escaped_nulls_make_three_different_users() {
    let register = request("escnull");
    assert_eq!(
        register.to_header().unwrap().uri.user_or_empty(),
        "null-\0-null"
    );
    let contacts = register.contacts();
    let users: Vec<&str> = contacts
        .iter()
        .map(|contact| contact.uri.user_or_empty())
        .collect();
    assert_eq!(users, ["\0", "\0\0"]);
    assert_eq!(contacts[1].uri.to_string(), "sip:%00%00@host5.example.com");
    assert!(is_taken("escnull"));
}

#[test]
fn esc02_a_percent_sign_is_no_escape_in_methods_names_and_display_names() {
    let request = request("esc02");
    assert_eq!(request.method, "RE%47IST%45R");
    assert_eq!(
        text(request.to_header().unwrap().display.as_deref()),
        "%Z%45"
    );
    assert_eq!(
        request.via().unwrap().branch(),
        Some("z9hG4bK209%fzsnel234")
    );
    assert_eq!(request.contacts().len(), 2);
    assert!(request.header("C%6Fntact").is_some());
    assert_eq!(code("esc02"), Some(501));
}

#[test]
fn lwsdisp_a_display_name_needs_no_space_after_it() {
    let from = request("lwsdisp").from_header().unwrap();
    assert_eq!(
        (text(from.display.as_deref()), from.tag()),
        ("caller", Some("323"))
    );
    assert!(is_taken("lwsdisp"));
}

#[test]
fn longreq_long_values_are_read_whole() {
    let invite = request("longreq");
    let hosts: Vec<String> = invite
        .header_values("Via")
        .map(|via| via.parse::<Via>().unwrap().host)
        .collect();
    assert_eq!(hosts.len(), 34);
    assert_eq!(
        (hosts[0].as_str(), hosts[33].as_str()),
        ("sip33.example.com", "host.example.com")
    );
    let to = invite.to_header().unwrap();
    assert_eq!(to.uri.port, Some(6000));
    assert_eq!(to.uri.params.len(), 3);
    let from = invite.from_header().unwrap();
    assert_eq!(from.uri.user_or_empty().len(), 115);
    assert_eq!(from.tag().unwrap().len(), 155);
    assert_eq!(from.params.len(), 3);
    assert!(is_taken("longreq"));
}

#[test]
fn dblreq_one_request_of_a_datagram_counts_and_both_of_a_stream() {
    let register = request("dblreq");
    assert_eq!(
        (register.method.as_str(), register.body.len()),
        ("REGISTER", 0)
    );
    let bench = received("dblreq");
    assert_eq!(bench.events.len(), 1);
    let mut framer = StreamFramer::default();
    framer.push(0, &octets("dblreq"));
    let mut methods = Vec::new();
    while let Ok(Some(frame)) = framer.next_frame() {
        if let Ok(Message::Request(request)) = parse_message(&frame) {
            methods.push(request.method);
        }
    }
    assert_eq!(methods, ["REGISTER", "INVITE"]);
}

#[test]
fn semiuri_a_semicolon_may_stand_in_the_user_part() {
    let options = request("semiuri");
    assert_eq!(options.uri.user_or_empty(), "user;par=u@example.net");
    assert_eq!(options.uri.host, "example.com");
    assert!(options.uri.params.is_empty());
    assert_eq!(options.header_values("Accept").count(), 6);
    assert!(is_taken("semiuri"));
}

#[test]
fn transports_known_and_unknown_ones_are_read() {
    let names: Vec<String> = request("transports")
        .header_values("Via")
        .map(|via| via.parse::<Via>().unwrap().transport)
        .collect();
    assert_eq!(names, ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"]);
    assert!(is_taken("transports"));
}

#[test]
fn mpart01_a_binary_multipart_body_stays_as_it_came() {
    let message = request("mpart01");
    assert_eq!(message.body.len(), 553);
    let octets = octets("mpart01");
    assert_eq!(message.body, octets[octets.len() - 553..]);
    assert!(
        message
            .body
            .windows(4)
            .any(|four| four == [0x30, 0x82, 0x01, 0x52])
    );
    let Ok(Message::Request(again)) = parse_message(&message.to_bytes()) else {
        panic!()
    };
    assert_eq!(again.body, message.body);
    assert_eq!(message.sdp(), None);
    assert!(is_taken("mpart01"));
}

#[test]
fn unreason_an_unusual_reason_phrase_is_kept() {
    let ok = response("unreason");
    assert_eq!(ok.code, 200);
    assert_eq!(ok.reason, "= 2**3 * 5**2 но сто девяносто девять - простое");
    assert!(ok.sdp().is_some());
}

#[test]
fn noreason_an_empty_reason_phrase_is_none() {
    let trying = response("noreason");
    assert_eq!((trying.code, trying.reason.as_str()), (100, ""));
}

// §3.1.2: invalid messages.

#[test]
fn malformed_requests_are_answered_400() {
    for name in [
        "badinv01",
        "clerr",
        "ncl",
        "scalar02",
        "quotbal",
        "lwsruri",
        "regbadct",
        "mismatch01",
        "mismatch02",
        "insuf",
        "unksm2",
        "multi01",
        "mcl01",
    ] {
        let bench = received(name);
        assert_eq!(bench.codes(), [400], "{name}");
        assert!(!is_taken(name), "{name}");
        let told = |event: &Event| matches!(event, Event::Malformed { .. });
        assert!(bench.events.iter().all(told), "{name}");
    }
}

#[test]
fn malformed_responses_are_dropped() {
    for name in ["scalarlg", "bigcode"] {
        let bench = received(name);
        assert!(bench.sent.is_empty(), "{name}");
        assert!(
            matches!(bench.events[..], [Event::Malformed { .. }]),
            "{name}"
        );
    }
}

#[test]
fn badvers_another_version_is_answered_505() {
    assert_eq!(code("badvers"), Some(505));
}

/// The RFC lets an element be liberal with these, as long as it understands what was meant.
#[test]
fn harmless_mistakes_are_forgiven() {
    for name in [
        "ltgtruri", "lwsstart", "trws", "baddate", "badaspec", "baddn",
    ] {
        assert!(is_taken(name), "{name}");
    }
    assert_eq!(request("ltgtruri").uri.to_string(), "sip:user@example.com");
    assert_eq!(request("lwsstart").uri.to_string(), "sip:user@example.com");
    let to = request("badaspec").to_header().unwrap();
    assert_eq!(to.uri.to_string(), "sip:t.watson@example.org");
    let from = request("baddn").from_header().unwrap();
    assert_eq!(
        (text(from.display.as_deref()), from.tag()),
        ("Bell, Alexander", Some("43"))
    );
}

#[test]
fn escruri_headers_in_the_request_uri_have_no_effect() {
    let invite = request("escruri");
    assert_eq!(invite.header("Route"), None);
    assert!(is_taken("escruri"));
}

#[test]
fn on_a_stream_a_length_nobody_can_trust_ends_the_connection_after_a_400() {
    for name in ["ncl", "mcl01"] {
        let mut framer = StreamFramer::default();
        framer.push(0, &octets(name));
        assert_eq!(framer.next_frame(), Err(StreamError::NoLength), "{name}");
        let mut bench = Bench::over(ws(1));
        bench.receive(framer.refused().unwrap());
        assert_eq!(bench.codes(), [400], "{name}");
    }
    let mut framer = StreamFramer::default();
    framer.push(0, &octets("clerr"));
    assert_eq!(framer.next_frame(), Ok(None), "the rest may still come");
}

// §3.2: transaction layer.

#[test]
fn badbranch_the_cookie_alone_makes_no_transaction_unique() {
    let mut bench = received("badbranch");
    bench.receive(octets("badbranch"));
    assert_eq!(bench.events.len(), 1, "a repeat is absorbed");
    let mut other = request("badbranch");
    other.set_header("Call-ID", "another");
    bench.receive(other.to_bytes());
    assert_eq!(bench.events.len(), 2, "another request is not");
}

// §3.3: application layer.

#[test]
fn unknown_schemes_in_the_request_uri_are_answered_416() {
    for name in ["unkscm", "novelsc"] {
        assert_eq!(code(name), Some(416), "{name}");
    }
}

#[test]
fn bext01_unknown_required_extensions_are_answered_420_and_named() {
    let answer = answer("bext01").unwrap();
    assert_eq!(answer.code, 420);
    assert_eq!(
        answer.header("Unsupported"),
        Some("nothingSupportsThis, nothingSupportsThisEither")
    );
}

#[test]
fn invut_an_unknown_kind_of_body_is_answered_415_with_what_is_known() {
    let answer = answer("invut").unwrap();
    assert_eq!(answer.code, 415);
    assert_eq!(answer.header("Accept"), Some("application/sdp"));
}

#[test]
fn regaut01_an_unknown_scheme_of_credentials_is_challenged() {
    let register = request("regaut01");
    let mut auth = Authenticator::new("example.com", [1; 32]);
    let outcome = auth.verify(0, &register, |_| None);
    assert_eq!(outcome, Err(AuthError::Challenge { stale: false }));
    assert!(is_taken("regaut01"));
}

#[test]
fn bcast_a_response_for_somebody_else_is_dropped() {
    let bench = received("bcast");
    assert!(bench.sent.is_empty() && bench.events.is_empty());
}

#[test]
fn zeromf_no_more_hops_is_no_matter_for_the_last_one() {
    assert!(is_taken("zeromf"));
}

#[test]
fn cparam_parameters_belong_to_the_header_without_brackets_and_to_the_uri_within() {
    let outside = request("cparam01").contact().unwrap();
    assert_eq!(
        (outside.param("unknownparam"), outside.uri.params.len()),
        (Some(""), 0)
    );
    let inside = request("cparam02").contact().unwrap();
    assert_eq!(
        (inside.uri.param("unknownparam"), inside.params.len()),
        (Some(""), 0)
    );
    assert!(is_taken("cparam01") && is_taken("cparam02"));
}

#[test]
fn regescrt_an_escaped_header_in_a_contact_is_kept_with_it() {
    let contact = request("regescrt").contact().unwrap().uri;
    assert_eq!(
        contact.headers,
        [("Route".to_owned(), "<sip:sip.example.com>".to_owned())]
    );
    assert_eq!(
        contact.to_string(),
        "sip:user@example.com?Route=%3Csip:sip.example.com%3E"
    );
    assert!(is_taken("regescrt"));
}

#[test]
fn sdp01_an_answer_in_a_format_nobody_knows_is_not_acceptable() {
    assert_eq!(code("sdp01"), Some(406));
}

// §3.4: backward compatibility.

#[test]
fn inv2543_an_invite_of_rfc_2543_rings() {
    let invite = request("inv2543");
    assert_eq!(invite.via().unwrap().branch(), None);
    assert_eq!(invite.from_header().unwrap().tag(), None);
    assert_eq!(invite.sdp().unwrap().lines().count(), 6);
    assert!(is_taken("inv2543"));
}

#[test]
fn what_is_cut_short_is_told_from_what_is_too_large() {
    let mut bytes = octets("wsinv");
    bytes.truncate(bytes.len() - 1);
    assert!(matches!(
        parse_message(&bytes),
        Err(ReadError::BadRequest { code: 400, .. })
    ));
    bytes.resize(300 * 1024, b'x');
    assert_eq!(parse_message(&bytes), Err(ReadError::TooLarge));
}
