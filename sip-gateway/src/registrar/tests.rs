use sip_core::{StreamKind, digest::Ha1};

use super::*;
use crate::ports::HiddenHa1;

fn user() -> SipUser {
    let ha1 = HiddenHa1(Ha1::stored(String::new(), String::new()));
    SipUser {
        extension: "101".to_owned(),
        name: "Anna".to_owned(),
        ha1,
        most_calls: None,
    }
}

fn stream(id: u64) -> Origin {
    Origin {
        flow: Flow::Stream {
            kind: StreamKind::Ws,
            id,
        },
        peer: "127.0.0.1:9".parse().unwrap(),
    }
}

fn datagram() -> Origin {
    let peer = "127.0.0.1:5066".parse().unwrap();
    Origin {
        flow: Flow::Udp { remote: peer },
        peer,
    }
}

fn request(contact: &str, expires: u32, cseq: u32) -> Request {
    let mut request = Request::new("REGISTER", "sip:trubka".parse().unwrap());
    for (name, value) in [
        ("To", "<sip:101@trubka>"),
        ("Call-ID", "a"),
        ("Contact", contact),
    ] {
        request.add_header(name, value);
    }
    request.add_header("CSeq", format!("{cseq} REGISTER"));
    request.add_header("Expires", expires.to_string());
    request
}

fn all() -> Vec<String> {
    vec!["101".to_owned()]
}

const TAB: &str = "<sip:x@abc.invalid;transport=ws>;+sip.instance=\"<urn:uuid:1>\"";

#[test]
fn a_page_that_comes_back_on_a_new_connection_replaces_itself() {
    let mut registrar = Registrar::new(10);
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    registrar
        .register(0, stream(2), &request(TAB, 600, 2), &user(), "u")
        .unwrap();
    let targets = registrar.targets(1, &all());
    assert_eq!(
        targets.iter().map(|t| t.flow).collect::<Vec<_>>(),
        [stream(2).flow]
    );
    registrar.flow_closed(stream(1).flow);
    assert_eq!(registrar.targets(1, &all()).len(), 1);
    registrar.flow_closed(stream(2).flow);
    assert!(registrar.targets(1, &all()).is_empty());
}

#[test]
fn a_connection_that_stops_answering_pings_does_not_ring_until_it_answers_again() {
    let mut registrar = Registrar::new(10);
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    assert_eq!(registrar.changes(0).counts, [("101".to_owned(), 1)]);
    assert_eq!(
        registrar.targets(60_000, &all()).len(),
        1,
        "it never answered a ping, so silence says nothing"
    );
    registrar.ponged(60_000, stream(1).flow);
    assert!(registrar.targets(63_001, &all()).is_empty());
    assert_eq!(registrar.changes(63_001).counts, [("101".to_owned(), 0)]);
    registrar.ponged(64_000, stream(1).flow);
    let changes = registrar.changes(64_000);
    assert_eq!(
        (changes.counts, changes.appeared.len()),
        (vec![("101".to_owned(), 1)], 1)
    );
}

#[test]
fn a_registration_runs_out() {
    let mut registrar = Registrar::new(10);
    registrar
        .register(
            0,
            datagram(),
            &request("<sip:101@127.0.0.1:5066>", 60, 1),
            &user(),
            "101",
        )
        .unwrap();
    assert_eq!(registrar.targets(59_999, &all()).len(), 1);
    assert!(registrar.targets(60_000, &all()).is_empty());
}

#[test]
fn a_brief_registration_over_datagrams_is_refused_with_423() {
    let mut registrar = Registrar::new(10);
    let refusal = registrar
        .register(
            0,
            datagram(),
            &request("<sip:101@127.0.0.1:5066>", 5, 1),
            &user(),
            "101",
        )
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.headers),
        (423, vec![("Min-Expires".to_owned(), "30".to_owned())])
    );
}

#[test]
fn nobody_registers_for_another_extension() {
    let mut registrar = Registrar::new(10);
    let stranger = SipUser {
        extension: "102".to_owned(),
        ..user()
    };
    let refusal = registrar
        .register(0, stream(1), &request(TAB, 600, 1), &stranger, "u")
        .unwrap_err();
    assert_eq!(refusal.code, 403);
}

#[test]
fn expires_zero_and_star_remove() {
    let mut registrar = Registrar::new(10);
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    registrar
        .register(0, stream(1), &request(TAB, 0, 2), &user(), "u")
        .unwrap();
    assert!(registrar.targets(1, &all()).is_empty());
    registrar
        .register(0, stream(1), &request(TAB, 600, 3), &user(), "u")
        .unwrap();
    assert_eq!(
        registrar
            .register(0, stream(1), &request("*", 600, 4), &user(), "u")
            .unwrap_err()
            .code,
        400
    );
    registrar
        .register(0, stream(1), &request("*", 0, 4), &user(), "u")
        .unwrap();
    assert!(registrar.targets(1, &all()).is_empty());
}

#[test]
fn too_many_phones_are_refused() {
    let mut registrar = Registrar::new(1);
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    let other = "<sip:y@def.invalid;transport=ws>;+sip.instance=\"<urn:uuid:2>\"";
    assert_eq!(
        registrar
            .register(0, stream(2), &request(other, 600, 1), &user(), "u")
            .unwrap_err()
            .code,
        403
    );
}

#[test]
fn a_datagram_that_looks_like_a_pong_leaves_no_trace() {
    let mut registrar = Registrar::new(10);
    assert!(!registrar.ponged(0, datagram().flow));
    assert!(!registrar.ponged(0, stream(1).flow), "nobody registered");
    assert!(registrar.pongs.is_empty());
    registrar
        .register(
            0,
            datagram(),
            &request("<sip:101@127.0.0.1:5066>", 60, 1),
            &user(),
            "101",
        )
        .unwrap();
    registrar.ponged(0, datagram().flow);
    assert_eq!(
        registrar.targets(10_000, &all()).len(),
        1,
        "telephones on datagrams are not pinged, so their silence says nothing"
    );
}

#[test]
fn a_withdrawn_user_does_not_ring_and_its_colleague_does() {
    let mut registrar = Registrar::new(10);
    let other = "<sip:y@def.invalid;transport=ws>;+sip.instance=\"<urn:uuid:2>\"";
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    registrar
        .register(0, stream(2), &request(other, 600, 1), &user(), "v")
        .unwrap();
    registrar.drop_user("u");
    let left = registrar.targets(1, &all());
    assert_eq!(
        left.iter().map(|t| t.flow).collect::<Vec<_>>(),
        [stream(2).flow]
    );
}

#[test]
fn a_desk_phone_that_answers_no_options_rings_no_more_until_it_does() {
    let mut registrar = Registrar::new(10);
    let contact = "<sip:101@127.0.0.1:5066>";
    registrar
        .register(0, datagram(), &request(contact, 600, 1), &user(), "u")
        .unwrap();
    assert!(
        registrar.due_for_probe(PROBE - 1).is_empty(),
        "it was here a moment ago"
    );
    let due = registrar.due_for_probe(PROBE);
    assert_eq!(due.len(), 1);
    registrar.probing(&due[0], OutgoingHandle(1));
    // Long before the transaction gives up (32 s) it is not rung any more, and that is told.
    assert_eq!(registrar.targets(PROBE + 3_000, &all()).len(), 1);
    assert_eq!(registrar.changes(PROBE).counts, [("101".to_owned(), 1)]);
    assert!(registrar.targets(PROBE + 5_000, &all()).is_empty());
    let told = registrar.changes(PROBE + 5_000).counts;
    assert_eq!(told, [("101".to_owned(), 0)]);
    assert!(registrar.probed(OutgoingHandle(1), 408));
    assert!(registrar.targets(PROBE, &all()).is_empty());
    let again = registrar.due_for_probe(PROBE + 1);
    registrar.probing(&again[0], OutgoingHandle(2));
    // RFC 3261 §11: any answer is a sign of life.
    assert!(registrar.probed(OutgoingHandle(2), 405));
    assert_eq!(registrar.targets(PROBE + 1, &all()).len(), 1);
}

#[test]
fn pages_that_answer_pings_are_not_asked_with_options() {
    let mut registrar = Registrar::new(10);
    registrar
        .register(0, stream(1), &request(TAB, 600, 1), &user(), "u")
        .unwrap();
    registrar.ponged(1, stream(1).flow);
    assert!(registrar.due_for_probe(PROBE * 2).is_empty());
}
