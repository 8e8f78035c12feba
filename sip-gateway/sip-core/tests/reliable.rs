//! Reliable provisional answers (RFC 3262) and UPDATE before the answer (RFC 3311).

use sip_core::{
    CallHandle, CallOptions, Event, Reliability, UserAgent, digest::Credentials, message::Request,
};

use crate::support::{
    ANSWER, Bench, HOLD, Net, OFFER, Side, called, ended, from_bob, invite, literal_response,
    peer_request, uri,
};

const NEW_ANSWER: &str = "v=0\r\no=- 2 3 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 50002 RTP/AVP 8\r\n";

fn wish(reliable: Reliability) -> CallOptions {
    CallOptions {
        reliable,
        ..CallOptions::default()
    }
}

/// Left calls right, which answers reliably where it can.
fn ringing(seed: u64) -> (Net, CallHandle, CallHandle) {
    let mut net = Net::new(seed);
    net.right.set_call_options(wish(Reliability::Preferred));
    let caller = net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    (net, caller, callee)
}

fn accept(agent: &mut UserAgent, now: u64, call: CallHandle) {
    let contact = uri("sip:bob@192.0.2.2:5060");
    agent.accept(now, call, contact, ANSWER.into(), vec![]);
}

fn progress(events: &[Event]) -> Vec<(u16, bool, bool)> {
    let told = |event: &Event| match event {
        Event::Progress {
            code,
            sdp,
            reliable,
            ..
        } => Some((*code, sdp.is_some(), *reliable)),
        _ => None,
    };
    events.iter().filter_map(told).collect()
}

#[test]
fn reliable_answers_come_once_in_order_and_each_is_acknowledged() {
    let (mut net, _, callee) = ringing(1);
    for (code, sdp) in [(183, Some(ANSWER.to_owned())), (180, None), (182, None)] {
        net.right.ring(net.now, callee, code, sdp);
    }
    net.run(1000);
    let told = [(183, true, true), (180, false, true), (182, false, true)];
    assert_eq!(progress(&net.left_events), told);
    assert_eq!(net.sent_by(Side::Left, "PRACK"), 3);
    accept(&mut net.right, net.now, callee);
    net.run(1000);
    // The 200 does not repeat the description; the caller is told it all the same.
    assert!(matches!(
        net.left_events.last(),
        Some(Event::Answered { sdp: Some(sdp), response, .. }) if sdp == ANSWER && response.sdp().is_none()
    ));
    assert!(matches!(
        net.right_events.last(),
        Some(Event::Confirmed { .. })
    ));
}

#[test]
fn reliable_answers_come_through_a_network_that_loses_three_in_ten() {
    let mut answered = 0;
    for seed in 0..60 {
        let mut net = Net::new(seed);
        net.right.set_call_options(wish(Reliability::Preferred));
        net.loss_percent = 30;
        net.duplicate_percent = 10;
        net.delay = (5, 150);
        net.left.invite(net.now, invite(Net::to_right()));
        net.run_with(250_000, &mut |_, event, agent, now| match event {
            Event::IncomingInvite(incoming) => {
                agent.ring(now, incoming.call, 183, Some(ANSWER.into()));
                agent.ring(now, incoming.call, 180, None);
                accept(agent, now, incoming.call);
            }
            Event::Answered { call, .. } => agent.hang_up(now, *call, None),
            _ => {}
        });
        let idle = (net.left.poll_timeout(), net.right.poll_timeout());
        assert_eq!(idle, (None, None), "seed {seed}");
        assert_eq!(ended(&net.left_events).len(), 1, "seed {seed}");
        let told = progress(&net.left_events);
        assert!(told.len() <= 2, "seed {seed}: {told:?}");
        let sdp = |event: &Event| matches!(event, Event::Answered { sdp: Some(_), .. });
        answered += usize::from(net.left_events.iter().any(sdp));
    }
    assert!(answered >= 57, "{answered}");
}

/// We called; the peer answers provisionally in its own words.
fn calling(sdp: Option<&str>) -> (Bench, CallHandle, Request) {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.sdp = sdp.map(str::to_owned);
    let call = bench.agent.invite(bench.now, request);
    bench.drain();
    let request = bench.last("INVITE");
    let supported = request.header("Supported").unwrap();
    assert!(supported.contains("100rel"));
    (bench, call, request)
}

fn reliable(bench: &mut Bench, invite: &Request, status: &str, tag: &str, rseq: u32, sdp: &str) {
    let fields = format!(
        "REQUIRE: 100rel\r\nRSeq : {rseq}\r\nAllow: UPDATE\r\nm: <sip:{tag}@192.0.2.2:5070>\r\n\
         Record-Route: <sip:p1;lr>\r\n"
    );
    bench.receive(literal_response(invite, status, tag, &fields, sdp));
}

#[test]
fn prack_names_the_answer_and_follows_the_early_route_set() {
    let (mut bench, _, invite) = calling(Some(OFFER));
    reliable(&mut bench, &invite, "180 Ringing", "bob", 776_656, "");
    let prack = bench.last("PRACK");
    assert_eq!(prack.header("RAck"), Some("776656 1 INVITE"));
    assert_eq!(prack.header("CSeq"), Some("2 PRACK"));
    assert_eq!(prack.header("Route"), Some("<sip:p1;lr>"));
    assert_eq!(prack.uri.to_string(), "sip:bob@192.0.2.2:5070");
    assert_eq!(prack.to_header().unwrap().tag(), Some("bob"));
    bench.receive(literal_response(&prack, "200 OK", "bob", "", ""));
    // The branch moves its Contact; its route set stays.
    let moved = "Require: 100rel\r\nRSeq: 776657\r\nm: <sip:bob@192.0.2.2:5099>\r\n";
    bench.receive(literal_response(&invite, "180 Ringing", "bob", moved, ""));
    let prack = bench.last("PRACK");
    assert_eq!(prack.uri.to_string(), "sip:bob@192.0.2.2:5099");
    assert_eq!(prack.header("Route"), Some("<sip:p1;lr>"));
    bench.answer(&invite, "bob");
    assert_eq!(bench.last("ACK").header("CSeq"), Some("1 ACK"));
}

#[test]
fn a_challenged_prack_is_sent_again_with_credentials() {
    let mut bench = Bench::new();
    let mut wanted = invite(bench.flow);
    wanted.credentials = Some(Credentials::new("alice", "secret"));
    bench.agent.invite(bench.now, wanted);
    bench.drain();
    let request = bench.last("INVITE");
    reliable(&mut bench, &request, "180 Ringing", "bob", 9, "");
    let challenge = "Proxy-Authenticate: Digest realm=\"p\", nonce=\"n1\"\r\n";
    let first = bench.last("PRACK");
    bench.receive(literal_response(&first, "407 Who", "bob", challenge, ""));
    let again = bench.last("PRACK");
    assert_eq!(again.header("CSeq"), Some("3 PRACK"));
    assert_eq!(again.header("RAck"), Some("9 1 INVITE"));
    assert!(again.header("Proxy-Authorization").is_some());
    bench.receive(literal_response(&again, "407 Who", "bob", challenge, ""));
    assert_eq!(bench.requests("PRACK").len(), 2, "the password is wrong");
    assert!(matches!(bench.events[..], [Event::Progress { .. }]));
}

#[test]
fn who_demands_reliable_answers_demands_them_of_the_first_invite_only() {
    let mut bench = Bench::new();
    let options = CallOptions {
        timers: None,
        ..wish(Reliability::Required)
    };
    let wanted = invite(bench.flow);
    let call = bench.agent.invite_with(bench.now, wanted, options);
    bench.drain();
    let request = bench.last("INVITE");
    assert_eq!(request.header("Require"), Some("100rel"));
    assert_eq!(request.header("Session-Expires"), None);
    bench.answer(&request, "bob");
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    assert_eq!(bench.last("INVITE").header("Require"), None);
}

#[test]
fn repeats_and_gaps_are_not_acknowledged() {
    let (mut bench, _, invite) = calling(Some(OFFER));
    for rseq in [5, 5, 7, 4, 6, 6] {
        reliable(&mut bench, &invite, "180 Ringing", "bob", rseq, "");
    }
    let racks = |bench: &Bench| -> Vec<String> {
        let pracks = bench.requests("PRACK");
        let rack = |prack: &Request| prack.header("RAck").unwrap().to_owned();
        pracks.iter().map(rack).collect()
    };
    assert_eq!(racks(&bench), ["5 1 INVITE", "6 1 INVITE"]);
    assert_eq!(progress(&bench.events).len(), 2);
    // Another branch counts for itself.
    reliable(&mut bench, &invite, "180 Ringing", "carol", 1, "");
    assert_eq!(racks(&bench).last().unwrap(), "1 1 INVITE");
}

#[test]
fn the_offer_of_a_reliable_answer_is_answered_in_its_prack() {
    let (mut bench, call, invite) = calling(None);
    reliable(&mut bench, &invite, "183 Session Progress", "bob", 1, OFFER);
    assert!(
        bench.requests("PRACK").is_empty(),
        "it waits for our answer"
    );
    assert!(matches!(
        &bench.events[..],
        [Event::Progress { sdp: None, .. }, Event::EarlyOffer { sdp, .. }] if sdp == OFFER
    ));
    bench
        .agent
        .answer_early_offer(bench.now, call, ANSWER.into());
    bench.drain();
    assert_eq!(bench.last("PRACK").sdp().as_deref(), Some(ANSWER));
    bench.receive(literal_response(
        &bench.last("PRACK"),
        "200 OK",
        "bob",
        "",
        "",
    ));
    let fields = "m: <sip:bob@192.0.2.2:5070>\r\n";
    bench.receive(literal_response(&invite, "200 OK", "bob", fields, ""));
    let ack = bench.last("ACK");
    assert_eq!(ack.sdp(), None, "there is no offer left to answer");
}

#[test]
fn the_answer_to_an_offer_of_ours_comes_in_prack() {
    let mut net = Net::new(4);
    net.right.set_call_options(wish(Reliability::Preferred));
    let mut request = invite(Net::to_right());
    request.sdp = None;
    net.left.invite(net.now, request);
    let mut answered_early = false;
    net.run_with(2000, &mut |_, event, agent, now| match event {
        Event::IncomingInvite(incoming) => {
            agent.ring(now, incoming.call, 183, Some(OFFER.into()));
        }
        Event::EarlyOffer { call, sdp } => {
            assert_eq!(sdp, OFFER);
            agent.answer_early_offer(now, *call, ANSWER.into());
        }
        Event::EarlyAnswer { call, sdp } => {
            assert_eq!(sdp, ANSWER);
            answered_early = true;
            accept(agent, now, *call);
        }
        _ => {}
    });
    assert!(answered_early);
    assert_eq!(
        net.sent_by(Side::Left, "ACK"),
        1,
        "at once, without an answer"
    );
    assert!(matches!(
        net.right_events.last(),
        Some(Event::Confirmed { sdp: None, .. })
    ));
}

/// A caller in its own words calls us.
fn called_by(extra: &str, sdp: &str) -> (Bench, CallHandle) {
    let mut bench = Bench::new();
    bench.receive(format!(
        "INVITE sip:alice@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK1\r\n\
         From: <sip:bob@192.0.2.2>;tag=peer\r\nTo: <sip:alice@192.0.2.1>\r\nCall-ID: peer-call\r\n\
         CSeq: 1 INVITE\r\nMax-Forwards: 70\r\nContact: <sip:bob@192.0.2.2:5070>\r\n{extra}\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
        sdp.len()
    ));
    let call = crate::support::incoming(&bench.events).unwrap();
    (bench, call)
}

fn prack(bench: &Bench, seq: u32, rack: &str) -> Request {
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    peer_request("PRACK", &format!("p{seq}"), seq, tag.tag()).with_header("RAck", rack)
}

#[test]
fn a_caller_that_demands_reliable_answers_gets_them_until_prack() {
    let (mut bench, call) = called_by("Require: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 180, None);
    bench.run(4000);
    // At 0, 0.5, 1.5 and 3.5 s.
    assert_eq!(bench.codes(), [100, 180, 180, 180, 180]);
    let answer = bench.responses().pop().unwrap();
    assert_eq!(answer.header("RSeq"), Some("1"));
    assert_eq!(answer.header("Require"), Some("100rel"));
    bench.receive(prack(&bench, 2, "2 1 INVITE").to_bytes());
    bench.receive(prack(&bench, 3, "1 1 INVITE").to_bytes());
    bench.receive(prack(&bench, 4, "1 1 INVITE").to_bytes());
    assert_eq!(bench.codes()[5..], [481, 200, 481]);
    bench.receive(prack(&bench, 5, "one").to_bytes());
    assert_eq!(bench.codes().pop(), Some(400));
    bench.run(30_000);
    assert_eq!(bench.codes().len(), 9, "nothing is repeated after PRACK");
}

#[test]
fn a_caller_that_only_supports_them_gets_plain_ones_unless_we_prefer_others() {
    let (mut bench, call) = called_by("Supported: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 180, None);
    bench.drain();
    assert_eq!(bench.responses().pop().unwrap().header("RSeq"), None);
    let (mut bench, call) = called_by("", OFFER);
    let options = wish(Reliability::Required);
    bench.agent.set_options_of(bench.now, call, options);
    bench.agent.ring(bench.now, call, 180, None);
    bench.drain();
    assert_eq!(bench.responses().pop().unwrap().header("RSeq"), None);
}

#[test]
fn the_200_waits_for_the_prack_of_a_description_but_not_of_a_bare_180() {
    let (mut bench, call) = called_by("Require: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 180, None);
    accept(&mut bench.agent, bench.now, call);
    bench.drain();
    assert_eq!(bench.codes(), [100, 180, 200]);
    bench.receive(prack(&bench, 2, "1 1 INVITE").to_bytes());
    assert_eq!(bench.codes().pop(), Some(200), "the PRACK was under way");

    let (mut bench, call) = called_by("Require: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 183, Some(ANSWER.into()));
    accept(&mut bench.agent, bench.now, call);
    bench.drain();
    assert_eq!(bench.codes(), [100, 183]);
    bench.receive(prack(&bench, 2, "1 1 INVITE").to_bytes());
    assert_eq!(bench.codes(), [100, 183, 200, 200]);
    let ok = bench.responses().pop().unwrap();
    assert_eq!((ok.header("CSeq"), ok.sdp()), (Some("1 INVITE"), None));
}

#[test]
fn a_caller_that_never_acknowledges_is_refused() {
    let (mut bench, call) = called_by("Require: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 180, None);
    bench.run(32_200);
    assert_eq!(bench.codes(), [100, 180, 180, 180, 180, 180, 180, 180, 504]);
    assert_eq!(ended(&bench.events)[0].1, 504);
    bench.run(100_000);
    assert_eq!(bench.agent.poll_timeout(), None);
}

#[test]
fn an_offer_in_prack_is_answered_in_its_200() {
    let (mut bench, call) = called_by("Require: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 183, Some(ANSWER.into()));
    accept(&mut bench.agent, bench.now, call);
    bench.drain();
    let offer = prack(&bench, 2, "1 1 INVITE").with_body("application/sdp", HOLD);
    bench.receive(offer.to_bytes());
    assert!(
        matches!(bench.events.last(), Some(Event::ReOffer { sdp: Some(sdp), .. }) if sdp == HOLD)
    );
    assert_eq!(bench.codes(), [100, 183]);
    bench
        .agent
        .accept_reoffer(bench.now, call, NEW_ANSWER.into());
    bench.drain();
    assert_eq!(bench.codes(), [100, 183, 200, 200]);
    let answers = bench.responses();
    assert_eq!(answers[2].sdp().as_deref(), Some(NEW_ANSWER));
    assert_eq!(answers[3].header("CSeq"), Some("1 INVITE"));
}

#[test]
fn update_changes_a_session_before_it_is_answered_both_ways() {
    let (mut net, caller, callee) = ringing(8);
    net.right.ring(net.now, callee, 183, Some(ANSWER.into()));
    net.run(100);
    net.left.update(net.now, caller, HOLD.into());
    net.run(50);
    assert!(
        matches!(net.right_events.last(), Some(Event::ReOffer { sdp: Some(sdp), .. }) if sdp == HOLD)
    );
    net.right.accept_reoffer(net.now, callee, NEW_ANSWER.into());
    net.run(50);
    assert!(
        matches!(net.left_events.last(), Some(Event::ReOfferAnswered { sdp: Some(sdp), .. }) if sdp == NEW_ANSWER)
    );
    net.right.update(net.now, callee, ANSWER.into());
    net.run(50);
    assert!(matches!(
        net.left_events.last(),
        Some(Event::ReOffer { .. })
    ));
    net.left.reject_reoffer(net.now, caller, 488, "");
    net.run(50);
    assert!(
        matches!(net.right_events.last(), Some(Event::ReOfferRefused { cause, .. }) if cause.code == 488)
    );
    accept(&mut net.right, net.now, callee);
    net.run(1000);
    assert!(matches!(
        net.left_events.last(),
        Some(Event::Answered { .. })
    ));
    net.left.hang_up(net.now, caller, None);
    net.run(100);
    assert_eq!(ended(&net.right_events).len(), 1);
}

#[test]
fn an_update_at_the_wrong_time_is_refused_as_rfc_3311_says() {
    // The caller's first offer is not answered: §5.2, 500 with Retry-After.
    let (mut bench, call) = called_by("Supported: 100rel\r\n", OFFER);
    bench.agent.ring(bench.now, call, 180, None);
    bench.drain();
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    let update = peer_request("UPDATE", "u", 2, tag.tag()).with_body("application/sdp", HOLD);
    bench.receive(update.to_bytes());
    let refusal = bench.responses().pop().unwrap();
    assert_eq!(refusal.code, 500);
    assert!(refusal.header("Retry-After").is_some());
    // Ours is not answered: 491. Without an offer it only refreshes.
    let (mut bench, _, invite) = calling(Some(OFFER));
    reliable(&mut bench, &invite, "180 Ringing", "bob", 1, "");
    let id = invite.call_id().unwrap().to_owned();
    let update = from_bob(&bench, &id, "UPDATE", 10).with_body("application/sdp", HOLD);
    bench.receive(update.to_bytes());
    bench.receive(from_bob(&bench, &id, "UPDATE", 11).to_bytes());
    assert_eq!(bench.codes(), [491, 200]);
    // A shell that asks too early is told.
    let (mut bench, call, _) = calling(Some(OFFER));
    bench.agent.update(bench.now, call, HOLD.into());
    bench.drain();
    assert!(matches!(bench.events[..], [Event::ReOfferRefused { .. }]));
}

#[test]
fn in_an_answered_call_update_falls_back_to_reinvite() {
    let (mut bench, call, call_id) = called();
    bench.agent.update(bench.now, call, HOLD.into());
    bench.drain();
    let reinvite = bench.last("INVITE");
    assert_eq!(reinvite.header("CSeq"), Some("2 INVITE"));
    bench.answer(&reinvite, "bob");
    let options = from_bob(&bench, &call_id, "UPDATE", 9).with_header("Allow", "INVITE, UPDATE");
    bench.receive(options.to_bytes());
    bench.agent.update(bench.now, call, HOLD.into());
    bench.drain();
    let update = bench.last("UPDATE");
    assert_eq!(update.sdp().as_deref(), Some(HOLD));
    bench.receive(literal_response(&update, "200 OK", "bob", "", ANSWER));
    assert!(matches!(
        bench.events.last(),
        Some(Event::ReOfferAnswered { sdp: Some(_), .. })
    ));
    assert_eq!(bench.requests("ACK").len(), 2, "UPDATE has none");
}
