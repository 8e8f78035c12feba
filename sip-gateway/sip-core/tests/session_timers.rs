//! Session timers (RFC 4028).

use sip_core::{CallOptions, EndedBy, Event, Millis, RefreshBy, SessionTimers, UserAgent};

use crate::support::{
    ANSWER, Bench, HOLD, Net, OFFER, Script, Side, agent_allowing, ended, from_bob, invite,
    literal_response, peer_request, talking_in, uri,
};

const MINUTE: Millis = 60_000;
const NO_UPDATE: &str = "INVITE, ACK, CANCEL, BYE, OPTIONS";

fn options(expires_secs: u32, min_se_secs: u32, refresher: RefreshBy) -> CallOptions {
    CallOptions {
        timers: Some(SessionTimers {
            expires_secs,
            min_se_secs,
            refresher,
        }),
        ..CallOptions::default()
    }
}

/// Every changed session is accepted.
fn accept_offers(_: Side, event: &Event, agent: &mut UserAgent, now: Millis) {
    if let Event::ReOffer { call, .. } = event {
        agent.accept_reoffer(now, *call, ANSWER.into());
    }
}

fn lives(net: &Net) -> bool {
    ended(&net.left_events).is_empty() && ended(&net.right_events).is_empty()
}

/// 35 minutes with timers of 30; gives the UPDATEs of both sides.
fn long_call(net: &mut Net) -> (usize, usize) {
    let (caller, _) = talking_in(net);
    net.run(35 * MINUTE);
    assert!(lives(net));
    net.left.hang_up(net.now, caller, None);
    net.run(MINUTE);
    let idle = (net.left.poll_timeout(), net.right.poll_timeout());
    assert_eq!(idle, (None, None), "no timer outlives the call");
    (
        net.sent_by(Side::Left, "UPDATE"),
        net.sent_by(Side::Right, "UPDATE"),
    )
}

#[test]
fn a_35_minute_call_is_refreshed_by_its_caller() {
    assert_eq!(long_call(&mut Net::new(1)), (2, 0));
}

#[test]
fn a_35_minute_call_is_refreshed_by_its_callee() {
    let mut net = Net::new(2);
    net.right.set_call_options(options(1800, 90, RefreshBy::Us));
    assert_eq!(long_call(&mut net), (0, 2));
    let mut net = Net::new(3);
    net.left
        .set_call_options(options(1800, 90, RefreshBy::Peer));
    assert_eq!(long_call(&mut net), (0, 2));
}

#[test]
fn the_caller_who_wants_to_refresh_may() {
    let mut net = Net::new(4);
    net.left.set_call_options(options(1800, 90, RefreshBy::Us));
    net.right.set_call_options(options(600, 90, RefreshBy::Us));
    // The callee's ten minutes are shorter: every five minutes.
    assert_eq!(long_call(&mut net), (7, 0));
}

#[test]
fn without_update_the_session_is_refreshed_with_the_same_description() {
    let mut net = Net::new(5);
    net.right = agent_allowing("192.0.2.2:5060", 102, NO_UPDATE);
    talking_in(&mut net);
    net.run_with(35 * MINUTE, &mut accept_offers);
    assert!(lives(&net));
    assert_eq!(net.sent_by(Side::Left, "UPDATE"), 0);
    assert_eq!(net.sent_by(Side::Left, "INVITE"), 3);
    let offers: Vec<&Event> = net.right_events.iter().collect();
    assert!(
        matches!(offers[..], [Event::ReOffer { sdp: Some(a), .. }, Event::ReOffer { sdp: Some(b), .. }]
            if a == OFFER && b == OFFER),
        "{offers:?}"
    );
    assert!(matches!(
        net.left_events[..],
        [
            Event::Refreshed { sdp: Some(_), .. },
            Event::Refreshed { .. }
        ]
    ));
}

#[test]
fn timers_hold_over_a_network_that_loses_three_in_ten() {
    let mut survived = 0;
    for seed in 0..20 {
        let mut net = Net::new(seed);
        net.left
            .set_call_options(options(300, 90, RefreshBy::Caller));
        if seed % 2 == 0 {
            net.right.set_call_options(options(300, 90, RefreshBy::Us));
        }
        if seed % 3 == 0 {
            net.right = agent_allowing("192.0.2.2:5060", 102, NO_UPDATE);
        }
        talking_in(&mut net);
        net.loss_percent = 30;
        net.duplicate_percent = 10;
        net.delay = (5, 150);
        let script: &mut Script<'_> = &mut accept_offers;
        net.run_with(35 * MINUTE, script);
        let ends = (
            ended(&net.left_events).len(),
            ended(&net.right_events).len(),
        );
        assert!(ends == (0, 0) || ends == (1, 1), "seed {seed}: {ends:?}");
        survived += usize::from(ends == (0, 0));
    }
    // One exchange in a thousand gets nothing through in 32 s.
    assert!(survived >= 18, "{survived}");
}

#[test]
fn an_interval_that_is_too_short_is_made_longer_after_422() {
    let mut net = Net::new(6);
    net.left
        .set_call_options(options(120, 90, RefreshBy::Caller));
    net.right
        .set_call_options(options(1800, 600, RefreshBy::Caller));
    net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    assert_eq!(net.sent_by(Side::Right, "SIP/2.0 422"), 1);
    let [Event::IncomingInvite(incoming)] = &net.right_events[..] else {
        panic!("the call comes once: {:?}", net.right_events)
    };
    let request = &incoming.request;
    assert_eq!(request.header("Session-Expires"), Some("600"));
    assert_eq!(request.header("Min-SE"), Some("600"));
    assert_eq!(request.header("CSeq"), Some("2 INVITE"));
    let contact = uri("sip:bob@192.0.2.2:5060");
    net.right
        .accept(net.now, incoming.call, contact, ANSWER.into(), vec![]);
    net.run(6 * MINUTE);
    assert_eq!(net.sent_by(Side::Left, "UPDATE"), 1);
}

#[test]
fn a_422_that_asks_for_nothing_longer_is_final() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    for min_se in ["Min-SE: 90\r\n", "Min-SE: soon\r\n", ""] {
        let invite = bench.last("INVITE");
        bench.receive(literal_response(
            &invite,
            "422 Session Interval Too Small",
            "x",
            min_se,
            "",
        ));
        assert_eq!(ended(&bench.events)[0].1, 422);
    }
    assert_eq!(bench.requests("INVITE").len(), 1);
}

fn incoming(fields: &[(&str, &str)]) -> (Bench, Option<sip_core::CallHandle>) {
    let mut bench = Bench::new();
    let mut invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    fields
        .iter()
        .for_each(|(name, value)| invite.add_header(name, *value));
    bench.receive(invite.to_bytes());
    let call = crate::support::incoming(&bench.events);
    if let Some(call) = call {
        let contact = uri("sip:alice@192.0.2.1:5060");
        bench
            .agent
            .accept(bench.now, call, contact, ANSWER.into(), vec![]);
        bench.drain();
        let tag = bench.responses().pop().unwrap().to_header().unwrap();
        bench.receive(peer_request("ACK", "a", 1, tag.tag()).to_bytes());
    }
    bench.events.clear();
    (bench, call)
}

#[test]
fn ninety_seconds_is_the_floor_for_a_peer_that_knows_timers() {
    let (bench, call) = incoming(&[("Supported", "timer"), ("x", "89;refresher=uac")]);
    assert_eq!((call, bench.codes()), (None, vec![422]));
    assert_eq!(bench.responses()[0].header("Min-SE"), Some("90"));
    // No setting goes below it.
    let mut net = Net::new(1);
    net.left
        .set_call_options(options(60, 20, RefreshBy::Caller));
    net.right
        .set_call_options(options(60, 20, RefreshBy::Caller));
    talking_in(&mut net);
    net.run(44_000);
    assert_eq!(net.sent_by(Side::Left, "UPDATE"), 0);
    net.run(2000);
    assert_eq!(net.sent_by(Side::Left, "UPDATE"), 1);
    // Who does not know them would not understand the refusal (§9): a proxy put the field there.
    let (bench, call) = incoming(&[("Session-Expires", "60")]);
    assert!(call.is_some());
    let answer = bench.responses().pop().unwrap();
    assert_eq!(answer.header("Session-Expires"), Some("60;refresher=uas"));
    assert_eq!(answer.header("Require"), None);
}

#[test]
fn the_answer_names_the_refresher_as_table_2_says() {
    let answer = |fields: &[(&str, &str)]| {
        let (bench, _) = incoming(fields);
        let answer = bench.responses().pop().unwrap();
        let value = |name| answer.header(name).map(str::to_owned);
        (value("Session-Expires").unwrap(), value("Require"))
    };
    let timer = ("Supported", "100rel , timer");
    let required = Some("timer".to_owned());
    assert_eq!(answer(&[]), ("1800;refresher=uas".into(), None));
    assert_eq!(
        answer(&[timer]),
        ("1800;refresher=uac".into(), required.clone())
    );
    assert_eq!(
        answer(&[timer, ("Session-Expires", "3600;refresher=uac")]),
        ("1800;refresher=uac".into(), required)
    );
    assert_eq!(
        answer(&[
            timer,
            ("Session-Expires", "3600;refresher=uas"),
            ("Min-SE", "2400")
        ]),
        ("2400;refresher=uas".into(), None)
    );
}

#[test]
fn a_session_nobody_refreshes_ends_with_bye_before_the_interval_does() {
    let (mut bench, _) = incoming(&[
        ("Supported", "timer"),
        ("Session-Expires", "90;refresher=uac"),
    ]);
    bench.run(59_000);
    assert!(bench.events.is_empty() && bench.requests("BYE").is_empty());
    bench.run(2000);
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Failure, 408, "Session timer expired".into())]
    );
    assert_eq!(
        bench.last("BYE").header("Reason"),
        Some("SIP;cause=408;text=\"Session timer expired\"")
    );
}

#[test]
fn the_peers_refresh_keeps_the_session() {
    let (mut bench, _) = incoming(&[
        ("Supported", "timer"),
        ("Session-Expires", "90;refresher=uac"),
    ]);
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    for round in 0..47 {
        bench.run(45_000);
        let update = peer_request("UPDATE", &format!("u{round}"), 2 + round, tag.tag())
            .with_header("Supported", "timer")
            .with_header("Session-Expires", "90;refresher=uac");
        bench.receive(update.to_bytes());
        let answer = bench.responses().pop().unwrap();
        assert_eq!(answer.header("Session-Expires"), Some("90;refresher=uac"));
    }
    assert!(bench.events.is_empty());
    bench.run(60_200);
    assert_eq!(bench.requests("BYE").len(), 1);
}

/// We called; the 200 has these lines.
fn answered_with(fields: &str) -> (Bench, sip_core::CallHandle, String) {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    assert_eq!(request.header("Session-Expires"), Some("1800"));
    let fields = format!("m: <sip:bob@192.0.2.2:5070>\r\n{fields}");
    bench.receive(literal_response(&request, "200 OK", "bob", &fields, ANSWER));
    bench.events.clear();
    let call_id = request.call_id().unwrap().to_owned();
    (bench, call, call_id)
}

fn refuse(bench: &mut Bench, method: &str, status: &str) {
    let request = bench.last(method);
    bench.receive(literal_response(&request, status, "bob", "", ""));
}

#[test]
fn with_a_peer_that_knows_no_timers_we_refresh_and_nothing_expires() {
    let (mut bench, ..) = answered_with("");
    for round in 1..=4 {
        bench.run(15 * MINUTE);
        assert_eq!(bench.requests("INVITE").len(), 1 + round);
        let refresh = bench.last("INVITE");
        assert_eq!(refresh.sdp().as_deref(), Some(OFFER));
        assert_eq!(
            refresh.header("Session-Expires"),
            Some("1800;refresher=uac")
        );
        match round {
            // It takes the first and refuses all others: it is there, that is enough.
            1 => bench.answer(&refresh, "bob"),
            _ => refuse(&mut bench, "INVITE", "488 Not Acceptable Here"),
        }
    }
    assert!(ended(&bench.events).is_empty());
    assert!(bench.requests("BYE").is_empty());
    // Silence is another thing.
    bench.run(16 * MINUTE);
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Failure, 408, "Request Timeout".into())]
    );
    assert!(!bench.requests("BYE").is_empty());
}

#[test]
fn called_by_a_peer_that_knows_no_timers_we_refresh_and_nothing_expires() {
    let (mut bench, _) = incoming(&[("Allow", "INVITE, ACK, BYE")]);
    for round in 1..=4 {
        bench.run(15 * MINUTE);
        assert_eq!(bench.last("INVITE").cseq().unwrap().number, round);
        refuse(&mut bench, "INVITE", "500 Server Internal Error");
    }
    assert!(bench.events.is_empty() && bench.requests("BYE").is_empty());
}

#[test]
fn after_a_late_offer_our_answer_is_what_refreshes() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.sdp = None;
    let call = bench.agent.invite(bench.now, request);
    bench.drain();
    let request = bench.last("INVITE");
    let fields = "m: <sip:bob@192.0.2.2:5070>\r\n";
    bench.receive(literal_response(&request, "200 OK", "bob", fields, OFFER));
    bench
        .agent
        .answer_late_offer(bench.now, call, ANSWER.into());
    bench.run(15 * MINUTE);
    assert_eq!(bench.last("INVITE").sdp().as_deref(), Some(ANSWER));
}

#[test]
fn a_refused_refresh_is_tried_again_until_an_agreed_session_is_over() {
    let (mut bench, ..) = answered_with("x: 96;refresher=uac\r\nAllow: UPDATE\r\n");
    bench.run(48_000);
    let mut rounds = 0;
    while ended(&bench.events).is_empty() && rounds < 100 {
        rounds = bench.requests("UPDATE").len();
        refuse(&mut bench, "UPDATE", "500 Server Internal Error");
        bench.run(1000);
    }
    // At 48, 54 and 60 s; over at 64 s.
    assert_eq!(bench.requests("UPDATE").len(), 3);
    assert_eq!(ended(&bench.events)[0].2, "Session timer expired");
}

#[test]
fn a_refresh_for_an_unknown_dialog_ends_the_call() {
    let (mut bench, ..) = answered_with("x: 90;refresher=uac\r\nAllow: UPDATE\r\n");
    bench.run(45_000);
    refuse(&mut bench, "UPDATE", "481 Gone");
    assert_eq!(ended(&bench.events)[0].1, 481);
}

#[test]
fn a_peer_that_announces_update_and_refuses_it_is_refreshed_with_reinvite() {
    let (mut bench, ..) = answered_with("x: 90;refresher=uac\r\nAllow: INVITE, UPDATE\r\n");
    bench.run(45_000);
    refuse(&mut bench, "UPDATE", "501 Not Implemented");
    bench.run(10);
    let refresh = bench.last("INVITE");
    assert_eq!(refresh.header("CSeq"), Some("3 INVITE"));
    bench.answer(&refresh, "bob");
    assert!(matches!(bench.events[..], [Event::Refreshed { .. }]));
}

#[test]
fn a_refresh_answered_422_is_sent_again_with_more() {
    let (mut bench, ..) = answered_with("x: 90;refresher=uac\r\nAllow: UPDATE\r\n");
    bench.run(45_000);
    let update = bench.last("UPDATE");
    bench.receive(literal_response(
        &update,
        "422 Too Small",
        "bob",
        "Min-SE: 400\r\n",
        "",
    ));
    bench.run(10);
    let update = bench.last("UPDATE");
    assert_eq!(update.header("Session-Expires"), Some("400;refresher=uac"));
    assert_eq!(update.header("Min-SE"), Some("400"));
    bench.receive(literal_response(
        &update,
        "200 OK",
        "bob",
        "x: 400;refresher=uac\r\n",
        "",
    ));
    bench.run(199_000);
    assert_eq!(bench.requests("UPDATE").len(), 2);
    bench.run(1200);
    assert_eq!(bench.requests("UPDATE").len(), 3);
    assert!(bench.events.is_empty());
}

#[test]
fn hold_moves_the_timer_and_leaves_the_refresher() {
    let (mut bench, call, call_id) = answered_with("x: 90;refresher=uas\r\nAllow: UPDATE\r\n");
    bench.run(40_000);
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    let hold = bench.last("INVITE");
    assert_eq!(hold.header("Session-Expires"), Some("90;refresher=uas"));
    let fields = "m: <sip:bob@192.0.2.2:5070>\r\nx: 90;refresher=uas\r\n";
    bench.receive(literal_response(&hold, "200 OK", "bob", fields, ANSWER));
    bench.run(50_000);
    assert!(
        ended(&bench.events).is_empty(),
        "the hold counts as a refresh"
    );
    // The peer, which refreshes, holds without a word about timers: it stays the refresher.
    let theirs = from_bob(&bench, &call_id, "INVITE", 9)
        .with_header("Supported", "timer")
        .with_body("application/sdp", HOLD);
    bench.receive(theirs.to_bytes());
    bench.agent.accept_reoffer(bench.now, call, ANSWER.into());
    bench.drain();
    let answer = bench.responses().pop().unwrap();
    assert_eq!(answer.header("Session-Expires"), Some("90;refresher=uac"));
    bench.receive(from_bob(&bench, &call_id, "ACK", 9).to_bytes());
    bench.run(59_000);
    assert!(ended(&bench.events).is_empty());
    bench.run(2000);
    assert_eq!(ended(&bench.events).len(), 1);
    assert!(bench.requests("UPDATE").is_empty());
}

#[test]
fn without_timers_nothing_is_said_and_nothing_runs() {
    let mut net = Net::new(9);
    let off = CallOptions {
        timers: None,
        ..CallOptions::default()
    };
    net.left.set_call_options(off);
    net.right.set_call_options(off);
    let (caller, _) = talking_in(&mut net);
    net.run(MINUTE);
    assert_eq!(
        (net.left.poll_timeout(), net.right.poll_timeout()),
        (None, None)
    );
    net.run(65 * MINUTE);
    assert!(lives(&net));
    net.left.hang_up(net.now, caller, None);
    net.run(MINUTE);
    assert!(!lives(&net));
}
