//! re-INVITE and UPDATE.

use sip_core::{EndedBy, Event};

use crate::support::{
    ANSWER, Bench, HOLD, OFFER, Side, called, ended, from_bob, invite, talking, ws,
};

#[test]
fn a_reinvite_is_answered_and_acknowledged() {
    let (mut net, caller, callee) = talking(1);
    net.left.reinvite(net.now, caller, HOLD.into());
    net.run(50);
    assert!(matches!(&net.right_events[0], Event::ReOffer { sdp: Some(sdp), .. } if sdp == HOLD));
    net.right.accept_reoffer(net.now, callee, ANSWER.into());
    net.run(1000);
    assert!(
        matches!(&net.left_events[0], Event::ReOfferAnswered { sdp: Some(sdp), .. } if sdp == ANSWER)
    );
    assert_eq!(net.sent_by(Side::Left, "ACK"), 2);
    // And the other way round.
    net.right.reinvite(net.now, callee, HOLD.into());
    net.run(50);
    net.left.accept_reoffer(net.now, caller, ANSWER.into());
    net.run(1000);
    assert!(matches!(
        net.right_events.last(),
        Some(Event::ReOfferAnswered { .. })
    ));
    assert!(ended(&net.left_events).is_empty());
}

#[test]
fn a_refused_reinvite_leaves_the_call_as_it_was() {
    let (mut net, caller, callee) = talking(2);
    net.left.reinvite(net.now, caller, HOLD.into());
    net.run(50);
    net.right.reject_reoffer(net.now, callee, 488, "");
    net.run(1000);
    assert!(
        matches!(&net.left_events[..], [Event::ReOfferRefused { cause, .. }] if cause.code == 488)
    );
}

#[test]
fn when_both_offer_at_once_one_comes_through_after_the_other() {
    for seed in 0..20 {
        let (mut net, caller, callee) = talking(seed);
        net.left.reinvite(net.now, caller, HOLD.into());
        net.right.reinvite(net.now, callee, HOLD.into());
        net.run_with(20_000, &mut |_, event, agent, now| {
            if let Event::ReOffer { call, .. } = event {
                agent.accept_reoffer(now, *call, ANSWER.into());
            }
        });
        let answers = |events: &[Event]| {
            events
                .iter()
                .filter(|event| matches!(event, Event::ReOfferAnswered { .. }))
                .count()
        };
        assert_eq!(
            (answers(&net.left_events), answers(&net.right_events)),
            (1, 1)
        );
        assert!(net.sent_by(Side::Left, "SIP/2.0 491") > 0);
    }
}

#[test]
fn offers_of_the_shell_queue_and_the_last_one_counts() {
    let (mut net, caller, _) = talking(3);
    for sdp in [HOLD, OFFER, HOLD] {
        net.left.reinvite(net.now, caller, sdp.into());
    }
    net.run_with(1000, &mut |_, event, agent, now| {
        if let Event::ReOffer { call, .. } = event {
            agent.accept_reoffer(now, *call, ANSWER.into());
        }
    });
    assert_eq!(net.sent_by(Side::Left, "INVITE"), 3);
}

#[test]
fn a_peer_that_asks_for_an_offer_gets_one_and_answers_in_its_ack() {
    let (mut bench, call, call_id) = called();
    let reinvite = from_bob(&bench, &call_id, "INVITE", 10);
    bench.receive(reinvite.to_bytes());
    assert!(matches!(
        bench.events[..],
        [Event::ReOffer { sdp: None, .. }]
    ));
    bench.agent.accept_reoffer(bench.now, call, OFFER.into());
    bench.drain();
    assert_eq!(
        bench.responses().pop().unwrap().sdp().as_deref(),
        Some(OFFER)
    );
    let ack = from_bob(&bench, &call_id, "ACK", 10).with_body("application/sdp", ANSWER);
    bench.receive(ack.to_bytes());
    assert!(matches!(
        bench.events.last(),
        Some(Event::Confirmed { sdp: Some(_), .. })
    ));
}

#[test]
fn an_update_is_an_offer_or_a_plain_refresh() {
    let (mut bench, call, call_id) = called();
    let refresh =
        from_bob(&bench, &call_id, "UPDATE", 10).with_header("Session-Expires", "90;refresher=uac");
    bench.receive(refresh.to_bytes());
    assert_eq!(bench.codes(), [200]);
    assert!(bench.events.is_empty());
    let offer = from_bob(&bench, &call_id, "UPDATE", 11).with_body("application/sdp", HOLD);
    bench.receive(offer.to_bytes());
    assert!(matches!(
        bench.events[..],
        [Event::ReOffer { sdp: Some(_), .. }]
    ));
    bench.agent.accept_reoffer(bench.now, call, ANSWER.into());
    bench.drain();
    assert_eq!(
        bench.responses().pop().unwrap().sdp().as_deref(),
        Some(ANSWER)
    );
}

#[test]
fn an_offer_during_ours_is_491_and_during_theirs_500() {
    let (mut bench, call, call_id) = called();
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    let reinvite = from_bob(&bench, &call_id, "INVITE", 10).with_body("application/sdp", HOLD);
    bench.receive(reinvite.to_bytes());
    assert_eq!(bench.codes(), [491]);
    let (mut bench, _, call_id) = called();
    for seq in [10, 11] {
        let reinvite = from_bob(&bench, &call_id, "INVITE", seq).with_body("application/sdp", HOLD);
        bench.receive(reinvite.to_bytes());
    }
    assert_eq!(bench.codes(), [100, 500]);
    assert!(bench.responses()[1].header("Retry-After").is_some());
    // An old sequence number is out of order.
    bench.receive(from_bob(&bench, &call_id, "INFO", 3).to_bytes());
    assert_eq!(bench.codes(), [100, 500, 500]);
}

#[test]
fn a_challenged_reinvite_and_bye_are_sent_again_with_credentials() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    let challenge = [("Proxy-Authenticate", r#"Digest realm="p", nonce="n1""#)];
    let first = bench.last("INVITE");
    bench.respond(&first, 407, "bob", &challenge);
    let second = bench.last("INVITE");
    assert_eq!(second.header("CSeq"), Some("3 INVITE"));
    assert!(second.header("Proxy-Authorization").is_some());
    bench.answer(&second, "bob");
    assert!(matches!(bench.events[..], [Event::ReOfferAnswered { .. }]));
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    let bye = bench.last("BYE");
    bench.respond(
        &bye,
        407,
        "bob",
        &[("Proxy-Authenticate", r#"Digest realm="p", nonce="n2""#)],
    );
    assert_eq!(bench.requests("BYE").len(), 2);
    assert_eq!(bench.last("BYE").header("CSeq"), Some("5 BYE"));
}

#[test]
fn a_peer_that_forgot_the_call_ends_it() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    let request = bench.last("INVITE");
    bench.respond(&request, 481, "bob", &[]);
    assert_eq!(ended(&bench.events)[0].0, EndedBy::Failure);
    assert_eq!(ended(&bench.events)[0].1, 481);
}

#[test]
fn after_a_new_connection_the_call_goes_on_over_it() {
    let mut bench = Bench::over(ws(1));
    let call = bench.agent.invite(bench.now, invite(ws(1)));
    bench.drain();
    let request = bench.last("INVITE");
    bench.answer(&request, "bob");
    bench.events.clear();
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.agent.handle_flow_closed(bench.now, ws(1));
    bench.drain();
    assert!(
        matches!(&bench.events[..], [Event::ReOfferRefused { cause, .. }] if cause.code == 503)
    );
    bench.agent.move_call(bench.now, call, ws(2));
    bench.agent.reinvite(bench.now, call, HOLD.into());
    let mut flows = Vec::new();
    while let Some(output) = bench.agent.poll_output() {
        if let sip_core::Output::Transmit { flow, .. } = output {
            flows.push(flow);
        }
    }
    assert_eq!(flows, [ws(2)]);
}
