//! Several branches of one INVITE, and answers that cross our CANCEL (RFC 3261 §13.2.2.4, §9.1).

use sip_core::{EndedBy, Event, message::Request};

use crate::support::{
    ANSWER, Bench, OFFER, called, ended, from_bob, incoming, invite, literal_response,
    peer_request, uri,
};

/// INVITEs sent, repeats left out.
fn tries(bench: &Bench) -> usize {
    let invites = bench.requests("INVITE");
    let numbers = invites.iter().map(|invite| invite.cseq().unwrap().number);
    numbers.collect::<std::collections::BTreeSet<u32>>().len()
}

fn contact(tag: &str) -> String {
    format!("m: <sip:{tag}@192.0.2.2:5070>\r\nRecord-Route: <sip:{tag}.example;lr>\r\n")
}

fn answer(bench: &mut Bench, invite: &Request, status: &str, tag: &str, sdp: &str) {
    bench.receive(literal_response(invite, status, tag, &contact(tag), sdp));
}

fn to_tag<'a>(tag: &'a str) -> impl Fn(&&Request) -> bool + 'a {
    move |request| request.to_header().unwrap().tag() == Some(tag)
}

#[test]
fn every_branch_has_its_own_early_dialog_and_the_first_200_wins() {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    answer(&mut bench, &request, "180 Ringing", "one", "");
    answer(&mut bench, &request, "183 Progress", "two", ANSWER);
    answer(&mut bench, &request, "180 Ringing", "three", "");
    let tags: Vec<(u16, String)> = bench
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Progress { code, to_tag, .. } => Some((*code, to_tag.clone())),
            _ => None,
        })
        .collect();
    let expected = [(180, "one"), (183, "two"), (180, "three")];
    assert!(
        tags.iter()
            .map(|(code, tag)| (*code, tag.as_str()))
            .eq(expected)
    );
    // Each branch may ask in its own dialog; a stranger to them may not.
    let id = request.call_id().unwrap().to_owned();
    for (seq, tag) in [(1, "two"), (7, "one"), (1, "four")] {
        let mut info = from_bob(&bench, &id, "OPTIONS", seq);
        info.set_header("Via", format!("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK{tag}"));
        info.set_header("From", format!("<sip:bob@192.0.2.2>;tag={tag}"));
        bench.receive(info.to_bytes());
    }
    assert_eq!(bench.codes(), [200, 200, 481]);
    for tag in ["two", "three", "one", "one", "three"] {
        answer(&mut bench, &request, "200 OK", tag, ANSWER);
    }
    let answered = |event: &&Event| matches!(event, Event::Answered { .. });
    assert_eq!(bench.events.iter().filter(answered).count(), 1);
    let (acks, byes) = (bench.requests("ACK"), bench.requests("BYE"));
    let count = |list: &[Request], tag| list.iter().filter(to_tag(tag)).count();
    assert_eq!(
        ["one", "two", "three"].map(|tag| count(&acks, tag)),
        [2, 1, 2]
    );
    assert_eq!(
        ["one", "two", "three"].map(|tag| count(&byes, tag)),
        [1, 0, 1]
    );
    // Each went its own way.
    let ack = acks.iter().find(to_tag("three")).unwrap();
    assert_eq!(ack.header("Route"), Some("<sip:three.example;lr>"));
    assert_eq!(ack.uri.to_string(), "sip:three@192.0.2.2:5070");
    let bye = byes.iter().find(to_tag("three")).unwrap();
    assert_eq!(bye.header("CSeq"), Some("2 BYE"));
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(
        bench.requests("BYE").iter().filter(to_tag("two")).count(),
        1
    );
}

#[test]
fn late_200s_after_our_cancel_are_all_acknowledged_and_ended() {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    answer(&mut bench, &request, "180 Ringing", "one", "");
    answer(&mut bench, &request, "180 Ringing", "two", "");
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    let cancel = bench.last("CANCEL");
    bench.receive(literal_response(&cancel, "200 OK", "x", "", ""));
    bench.run(3000);
    answer(&mut bench, &request, "200 OK", "two", ANSWER);
    answer(&mut bench, &request, "200 OK", "one", ANSWER);
    for tag in ["one", "two"] {
        assert_eq!(bench.requests("ACK").iter().filter(to_tag(tag)).count(), 1);
        assert_eq!(bench.requests("BYE").iter().filter(to_tag(tag)).count(), 1);
    }
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Local, 487, "Request Terminated".into())]
    );
    for bye in bench.requests("BYE") {
        bench.receive(literal_response(&bye, "200 OK", "x", "", ""));
    }
    bench.run(100_000);
    assert_eq!(bench.agent.poll_timeout(), None);
}

#[test]
fn a_redirection_is_told_with_its_contacts() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    let fields = "m: <sip:a@192.0.2.7>;q=0.5, <sip:b@192.0.2.8>\r\n";
    bench.receive(literal_response(
        &request,
        "302 Moved Temporarily",
        "x",
        fields,
        "",
    ));
    let [Event::Refused { response, .. }, Event::Ended { cause, .. }] = &bench.events[..] else {
        panic!("{:?}", bench.events)
    };
    assert_eq!((cause.code, response.contacts().len()), (302, 2));
    assert_eq!(bench.requests("ACK").len(), 1);
    assert_eq!(
        bench.requests("INVITE").len(),
        1,
        "where to call is not ours to decide"
    );
}

#[test]
fn a_503_tells_when_to_come_back() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.receive(literal_response(
        &request,
        "503 Full",
        "x",
        "Retry-After: 18\r\n",
        "",
    ));
    assert!(matches!(
        &bench.events[0],
        Event::Refused { response, .. } if response.header("Retry-After") == Some("18")
    ));
}

/// A call to us, answered.
fn taken() -> (Bench, sip_core::CallHandle, Request) {
    let mut bench = Bench::new();
    let invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    let call = incoming(&bench.events).unwrap();
    let contact = uri("sip:alice@192.0.2.1");
    bench
        .agent
        .accept(bench.now, call, contact, ANSWER.into(), vec![]);
    bench.drain();
    (bench, call, invite)
}

#[test]
fn another_copy_of_an_answered_invite_is_merged_and_a_new_one_is_a_call() {
    let (mut bench, _, invite) = taken();
    let mut copy = invite.clone();
    copy.set_header("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother");
    bench.receive(copy.to_bytes());
    assert_eq!(bench.codes(), [100, 200, 482]);
    // With credentials it is another request.
    copy.set_header("Via", "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKnext");
    copy.set_header("CSeq", "2 INVITE");
    bench.receive(copy.to_bytes());
    assert_eq!(bench.codes(), [100, 200, 482, 100]);
}

#[test]
fn a_reinvite_before_the_first_answer_is_500_with_retry_after() {
    let mut bench = Bench::new();
    let invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    let call = incoming(&bench.events).unwrap();
    bench.agent.ring(bench.now, call, 180, None);
    bench.drain();
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    let second = peer_request("INVITE", "2", 2, tag.tag()).with_body("application/sdp", OFFER);
    bench.receive(second.to_bytes());
    let refusal = bench.responses().pop().unwrap();
    assert_eq!(refusal.code, 500);
    let secs: u32 = refusal.header("Retry-After").unwrap().parse().unwrap();
    assert!(secs <= 10);
}

#[test]
fn a_number_below_the_last_is_500_with_retry_after() {
    let (mut bench, _, call_id) = called();
    bench.receive(from_bob(&bench, &call_id, "OPTIONS", 10).to_bytes());
    bench.receive(from_bob(&bench, &call_id, "OPTIONS", 9).to_bytes());
    assert_eq!(bench.codes(), [200, 500]);
    assert!(bench.responses()[1].header("Retry-After").is_some());
}

#[test]
fn a_500_with_retry_after_is_waited_out() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite(bench.now, call, OFFER.into());
    bench.drain();
    let first = bench.last("INVITE");
    let busy = "Retry-After: 4 (overlap)\r\n";
    bench.receive(literal_response(&first, "500 Overlap", "bob", busy, ""));
    bench.run(3900);
    assert_eq!(bench.requests("INVITE").len(), 2);
    bench.run(200);
    let second = bench.last("INVITE");
    assert_eq!(second.header("CSeq"), Some("3 INVITE"));
    // An hour is a refusal.
    bench.receive(literal_response(
        &second,
        "500 No",
        "bob",
        "Retry-After: 3600\r\n",
        "",
    ));
    assert!(matches!(bench.events[..], [Event::ReOfferRefused { .. }]));
}

#[test]
fn who_made_the_call_waits_two_to_four_seconds_after_491_and_the_other_up_to_two() {
    for seed in 0..10 {
        let (mut bench, call, _) = called();
        bench.run(seed * 100);
        bench.agent.reinvite(bench.now, call, OFFER.into());
        bench.drain();
        bench.receive(literal_response(
            &bench.last("INVITE"),
            "491 Pending",
            "bob",
            "",
            "",
        ));
        bench.run(2090);
        assert_eq!(tries(&bench), 2);
        bench.run(1920);
        assert_eq!(tries(&bench), 3);

        let (mut bench, call, _) = taken();
        let tag = bench.responses().pop().unwrap().to_header().unwrap();
        bench.receive(peer_request("ACK", "a", 1, tag.tag()).to_bytes());
        bench.agent.reinvite(bench.now, call, OFFER.into());
        bench.drain();
        bench.receive(literal_response(
            &bench.last("INVITE"),
            "491 Pending",
            "x",
            "",
            "",
        ));
        bench.run(2000);
        assert_eq!(tries(&bench), 2);
    }
}

#[test]
fn who_answers_491_for_ever_is_given_up() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite(bench.now, call, OFFER.into());
    bench.drain();
    for round in 3..23 {
        bench.receive(literal_response(
            &bench.last("INVITE"),
            "491 Pending",
            "bob",
            "",
            "",
        ));
        bench.run(2090);
        assert_eq!(tries(&bench), (round - 1).min(12), "too soon");
        bench.run(2010);
        assert_eq!(tries(&bench), round.min(12));
    }
    assert!(matches!(bench.events[..], [Event::ReOfferRefused { .. }]));
    assert_eq!(tries(&bench), 12);
}
