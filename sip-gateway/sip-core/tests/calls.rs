//! Calls between two user agents, and what the wire shows of them.

use sip_core::{EndedBy, Event, digest::Credentials, message::Response};

use crate::support::{ANSWER, Bench, Net, OFFER, Side, addr, ended, invite, peer_request, uri, ws};

fn answered(net: &mut Net) -> (sip_core::CallHandle, sip_core::CallHandle) {
    let caller = net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    net.right.ring(net.now, callee, 180, None);
    net.run(100);
    net.right.accept(
        net.now,
        callee,
        uri("sip:bob@192.0.2.2:5060"),
        ANSWER.into(),
        vec![],
    );
    net.run(200);
    (caller, callee)
}

#[test]
fn a_call_is_offered_rung_answered_confirmed_and_ended() {
    let mut net = Net::new(1);
    let (caller, callee) = answered(&mut net);
    let Event::IncomingInvite(incoming) = &net.right_events[0] else {
        panic!()
    };
    assert_eq!(incoming.from.display.as_deref(), Some("Alice"));
    assert_eq!(incoming.sdp.as_deref(), Some(OFFER));
    assert_eq!(
        incoming.request.header("session-id"),
        Some("ab30317f1a784dc48ff824d0d3715d86")
    );
    assert!(matches!(
        &net.left_events[0],
        Event::Progress {
            code: 180,
            sdp: None,
            ..
        }
    ));
    assert!(matches!(&net.left_events[1], Event::Answered { sdp: Some(sdp), .. } if sdp == ANSWER));
    assert!(
        matches!(&net.right_events[1], Event::Confirmed { call, sdp: None } if *call == callee)
    );

    net.left
        .hang_up(net.now, caller, Some("SIP;cause=200;text=\"Done\"".into()));
    net.run(100);
    assert_eq!(
        ended(&net.left_events),
        [(EndedBy::Local, 200, "Done".into())]
    );
    assert_eq!(
        ended(&net.right_events),
        [(EndedBy::Remote, 200, "Done".into())]
    );
    net.run(100_000);
    assert_eq!(net.left.poll_timeout(), None, "nothing is left behind");
    assert_eq!(net.right.poll_timeout(), None);
}

#[test]
fn the_callee_can_hang_up_too() {
    let mut net = Net::new(2);
    let (_, callee) = answered(&mut net);
    net.right.hang_up(net.now, callee, None);
    net.run(100);
    assert_eq!(
        ended(&net.left_events),
        [(EndedBy::Remote, 200, "OK".into())]
    );
    assert_eq!(ended(&net.right_events).len(), 1);
}

#[test]
fn a_refusal_ends_the_call_with_its_code_and_reason_text() {
    let mut net = Net::new(3);
    net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    let headers = vec![("Reason".into(), "Q.850;cause=17;text=\"User busy\"".into())];
    net.right.reject(net.now, callee, 486, "", headers);
    net.run(100_000);
    assert_eq!(
        ended(&net.left_events),
        [(EndedBy::Remote, 486, "User busy".into())]
    );
    assert_eq!(
        ended(&net.right_events),
        [(EndedBy::Local, 486, "User busy".into())]
    );
    assert_eq!(net.sent_by(Side::Left, "ACK"), 1);
    assert_eq!(net.right.poll_timeout(), None);
}

#[test]
fn early_media_comes_with_183() {
    let mut net = Net::new(4);
    net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    net.right.ring(net.now, callee, 183, Some(ANSWER.into()));
    net.run(100);
    assert!(net.left_events.iter().any(
        |event| matches!(event, Event::Progress { code: 183, sdp: Some(sdp), .. } if sdp == ANSWER)
    ));
}

#[test]
fn no_answer_in_time_cancels_the_call() {
    let mut net = Net::new(5);
    let mut request = invite(Net::to_right());
    request.ring_timeout_ms = Some(10_000);
    net.left.invite(net.now, request);
    net.run(60_000);
    assert_eq!(
        ended(&net.left_events),
        [(EndedBy::Failure, 408, "No answer".into())]
    );
    assert_eq!(
        ended(&net.right_events),
        [(EndedBy::Remote, 408, "No answer".into())],
        "the CANCEL says that it is not the caller who gave up"
    );
}

#[test]
fn a_cancel_for_want_of_an_answer_names_its_reason_and_one_of_the_caller_does_not() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.ring_timeout_ms = Some(10_000);
    bench.agent.invite(bench.now, request.clone());
    bench.drain();
    bench.respond(&bench.last("INVITE"), 180, "bob", &[]);
    bench.run(10_000);
    assert_eq!(
        bench.last("CANCEL").header("Reason"),
        Some("SIP;cause=408;text=\"No answer\"")
    );
    let second = bench.agent.invite(bench.now, request);
    bench.drain();
    bench.respond(&bench.last("INVITE"), 180, "bob", &[]);
    bench.agent.hang_up(bench.now, second, None);
    bench.drain();
    assert_eq!(bench.requests("CANCEL").len(), 2);
    assert_eq!(bench.last("CANCEL").header("Reason"), None);
}

#[test]
fn a_peer_that_never_answers_ends_the_call_after_timer_b() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.run(31_000);
    assert!(ended(&bench.events).is_empty());
    // Sent at 0, 0.5, 1.5, 3.5, 7.5, 15.5 and 31.5 s.
    assert_eq!(bench.requests("INVITE").len(), 6);
    bench.run(2000);
    assert_eq!(ended(&bench.events)[0].1, 408);
}

#[test]
fn over_a_connection_nothing_is_repeated_and_its_end_ends_the_attempt() {
    let mut bench = Bench::over(ws(3));
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.run(5000);
    assert_eq!(bench.requests("INVITE").len(), 1);
    assert!(
        bench
            .last("INVITE")
            .header("Via")
            .unwrap()
            .starts_with("SIP/2.0/WS ")
    );
    bench.agent.handle_flow_closed(bench.now, bench.flow);
    bench.drain();
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Failure, 503, "Connection closed".into())]
    );
}

#[test]
fn a_challenge_is_answered_once_and_without_credentials_it_is_final() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.credentials = Some(Credentials::new("alice", "secret"));
    bench.agent.invite(bench.now, request);
    bench.drain();
    let first = bench.last("INVITE");
    let challenge = [(
        "Proxy-Authenticate",
        r#"Digest realm="p", nonce="n1", qop="auth""#,
    )];
    bench.respond(&first, 407, "x", &challenge);
    let second = bench.last("INVITE");
    assert_eq!(second.header("CSeq"), Some("2 INVITE"));
    assert_eq!(second.call_id(), first.call_id());
    assert_eq!(second.header("From"), first.header("From"));
    assert!(second.to_header().unwrap().tag().is_none());
    assert!(
        second
            .header("Proxy-Authorization")
            .unwrap()
            .contains(r#"uri="sip:bob@192.0.2.2""#)
    );
    bench.answer(&second, "bob");
    let ack = bench.last("ACK");
    assert_eq!(
        ack.header("Proxy-Authorization"),
        second.header("Proxy-Authorization")
    );

    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let first = bench.last("INVITE");
    bench.respond(&first, 407, "x", &challenge);
    assert_eq!(ended(&bench.events)[0].1, 407);
}

#[test]
fn ack_and_bye_follow_the_route_set_and_not_the_contact() {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    let response = Response::to_request(&request, 200, "", Some("bob"))
        .with_header("Record-Route", "<sip:edge.example;lr;ftag=a=b>")
        .with_header("Record-Route", "<sip:core.example;lr>")
        .with_header("Contact", "<sip:bob@10.0.0.7:5070;ob>;expires=9")
        .with_body("application/sdp", ANSWER);
    bench.receive(response.to_bytes());
    let ack = bench.last("ACK");
    assert_eq!(ack.uri.to_string(), "sip:bob@10.0.0.7:5070;ob");
    let routes: Vec<&str> = ack.header_all("Route").collect();
    assert_eq!(
        routes,
        ["<sip:core.example;lr>", "<sip:edge.example;lr;ftag=a=b>"]
    );
    assert_ne!(ack.via().unwrap().branch(), request.via().unwrap().branch());
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    let bye = bench.last("BYE");
    assert_eq!(bye.header_all("Route").count(), 2);
    assert_eq!(bye.header("CSeq"), Some("2 BYE"));
    // A proxy on the way wants credentials we do not have: the end stays the end.
    bench.respond(&bye, 407, "bob", &[]);
    assert_eq!(ended(&bench.events).len(), 1);
}

#[test]
fn a_repeated_2xx_is_acknowledged_again() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.answer(&request, "bob");
    bench.answer(&request, "bob");
    let acks = bench.requests("ACK");
    assert_eq!(acks.len(), 2);
    assert_eq!(acks[0], acks[1]);
    let answers = bench
        .events
        .iter()
        .filter(|e| matches!(e, Event::Answered { .. }))
        .count();
    assert_eq!(answers, 1);
}

#[test]
fn a_second_fork_that_answers_is_acknowledged_and_ended() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.respond(&request, 180, "one", &[]);
    bench.respond(&request, 180, "two", &[]);
    bench.answer(&request, "one");
    bench.answer(&request, "two");
    bench.answer(&request, "two");
    let to_two =
        |request: &&sip_core::message::Request| request.to_header().unwrap().tag() == Some("two");
    assert_eq!(bench.requests("ACK").iter().filter(to_two).count(), 2);
    assert_eq!(bench.requests("BYE").iter().filter(to_two).count(), 1);
    assert_eq!(bench.requests("BYE").len(), 1);
    assert!(ended(&bench.events).is_empty());
}

#[test]
fn without_an_offer_the_answer_goes_into_the_ack() {
    let mut net = Net::new(6);
    let mut request = invite(Net::to_right());
    request.sdp = None;
    let caller = net.left.invite(net.now, request);
    net.run(100);
    let callee = net.incoming_call();
    net.right.accept(
        net.now,
        callee,
        uri("sip:bob@192.0.2.2:5060"),
        OFFER.into(),
        vec![],
    );
    net.run(300);
    assert_eq!(net.sent_by(Side::Left, "ACK"), 0);
    net.left.answer_late_offer(net.now, caller, ANSWER.into());
    net.run(100);
    assert!(matches!(
        net.right_events.last(),
        Some(Event::Confirmed { sdp: Some(sdp), .. }) if sdp == ANSWER
    ));
}

#[test]
fn a_repeated_invite_makes_no_second_call() {
    let mut bench = Bench::new();
    let invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    bench.receive(invite.to_bytes());
    assert_eq!(bench.events.len(), 1);
    assert_eq!(bench.codes(), [100, 100]);
    // The same call over another branch of a fork (§8.2.2.2).
    let merged = peer_request("INVITE", "2", 1, None).with_body("application/sdp", OFFER);
    bench.receive(merged.to_bytes());
    assert_eq!(bench.events.len(), 1);
    assert_eq!(bench.codes().last(), Some(&482));
}

#[test]
fn our_2xx_is_repeated_until_ack_and_given_up_with_bye() {
    let mut bench = Bench::over(ws(1));
    let invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    let Event::IncomingInvite(incoming) = &bench.events[0] else {
        panic!()
    };
    let call = incoming.call;
    bench.agent.accept(
        bench.now,
        call,
        uri("sip:alice@192.0.2.1"),
        ANSWER.into(),
        vec![],
    );
    bench.run(33_000);
    // 0, 0.5, 1.5, 3.5, 7.5, 11.5 … 31.5 s.
    assert_eq!(
        bench.codes().iter().filter(|code| **code == 200).count(),
        11
    );
    assert_eq!(bench.requests("BYE").len(), 1);
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Failure, 408, "No ACK".into())]
    );
}

#[test]
fn preloaded_routes_and_an_unsupported_require() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.routes = vec![addr("<sip:proxy.example;lr>")];
    bench.agent.invite(bench.now, request);
    bench.drain();
    assert_eq!(
        bench.last("INVITE").header("Route"),
        Some("<sip:proxy.example;lr>")
    );

    let invite = peer_request("INVITE", "9", 1, None).with_header("Require", "timer, gruff");
    bench.receive(invite.to_bytes());
    let refusal = bench.responses().pop().unwrap();
    assert_eq!(
        (refusal.code, refusal.header("Unsupported")),
        (420, Some("gruff"))
    );
}

#[test]
fn long_ringing_is_told_again_every_minute() {
    let mut bench = Bench::new();
    bench.receive(peer_request("INVITE", "1", 1, None).to_bytes());
    let Event::IncomingInvite(incoming) = &bench.events[0] else {
        panic!()
    };
    let call = incoming.call;
    bench.agent.ring(bench.now, call, 180, None);
    bench.run(130_000);
    assert_eq!(bench.codes(), [100, 180, 180, 180]);
}
