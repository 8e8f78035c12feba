//! Messages that cross each other.

use sip_core::{EndedBy, Event};

use crate::support::{ANSWER, Bench, Net, OFFER, ended, invite, peer_request, uri, ws};

fn ring(bench: &mut Bench) -> sip_core::CallHandle {
    let invite = peer_request("INVITE", "1", 1, None).with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    let Some(Event::IncomingInvite(incoming)) = bench.events.last() else {
        panic!()
    };
    incoming.call
}

#[test]
fn cancel_before_ringing_waits_for_a_provisional_answer() {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.agent.hang_up(
        bench.now,
        call,
        Some("SIP;cause=487;text=\"Gave up\"".into()),
    );
    bench.drain();
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Local, 487, "Gave up".into())]
    );
    assert!(bench.requests("CANCEL").is_empty());
    let request = bench.last("INVITE");
    bench.respond(&request, 180, "bob", &[]);
    let cancel = bench.last("CANCEL");
    assert_eq!(cancel.header("Via"), request.header("Via"));
    assert_eq!(cancel.header("CSeq"), Some("1 CANCEL"));
    assert_eq!(
        cancel.header("Reason"),
        Some("SIP;cause=487;text=\"Gave up\"")
    );
    bench.respond(&cancel, 200, "bob", &[]);
    bench.respond(&request, 487, "bob", &[]);
    assert_eq!(bench.requests("ACK").len(), 1);
    bench.run(100_000);
    assert_eq!(ended(&bench.events).len(), 1);
    assert_eq!(bench.agent.poll_timeout(), None);
}

#[test]
fn a_200_that_overtakes_cancel_is_acknowledged_and_ended() {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.respond(&request, 180, "bob", &[]);
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    bench.answer(&request, "bob");
    assert_eq!(bench.requests("CANCEL").len(), 1);
    assert_eq!(bench.requests("ACK").len(), 1);
    let bye = bench.last("BYE");
    bench.respond(&bye, 200, "bob", &[]);
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Local, 487, "Request Terminated".into())]
    );
    assert!(
        !bench
            .events
            .iter()
            .any(|event| matches!(event, Event::Answered { .. }))
    );
}

#[test]
fn a_cancelled_invite_nobody_finishes_is_forgotten() {
    let mut bench = Bench::over(ws(1));
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.respond(&request, 180, "bob", &[]);
    bench.agent.hang_up(bench.now, call, None);
    bench.run(100_000);
    assert_eq!(bench.agent.poll_timeout(), None);
}

#[test]
fn cancel_from_the_caller_ends_ringing_with_487() {
    let mut bench = Bench::new();
    ring(&mut bench);
    let reason = "SIP;cause=200;text=\"Call completed elsewhere\"";
    let cancel = peer_request("CANCEL", "1", 1, None).with_header("Reason", reason);
    bench.receive(cancel.to_bytes());
    assert_eq!(bench.codes(), [100, 200, 487]);
    assert_eq!(
        ended(&bench.events),
        [(EndedBy::Remote, 200, "Call completed elsewhere".into())]
    );
    bench.receive(peer_request("ACK", "1", 1, Some("x")).to_bytes());
    bench.run(100_000);
    assert_eq!(bench.codes().len(), 3, "the ACK stopped the repeats");
    assert_eq!(bench.agent.poll_timeout(), None);
}

#[test]
fn cancel_after_the_answer_changes_nothing() {
    let mut bench = Bench::new();
    let call = ring(&mut bench);
    bench.agent.accept(
        bench.now,
        call,
        uri("sip:alice@192.0.2.1"),
        ANSWER.into(),
        vec![],
    );
    bench.drain();
    bench.receive(peer_request("CANCEL", "1", 1, None).to_bytes());
    assert_eq!(bench.codes(), [100, 200, 200]);
    assert!(ended(&bench.events).is_empty());
}

#[test]
fn cancel_for_nothing_is_481() {
    let mut bench = Bench::new();
    bench.receive(peer_request("CANCEL", "77", 1, None).to_bytes());
    assert_eq!(bench.codes(), [481]);
}

#[test]
fn hanging_up_before_the_ack_sends_bye_after_it() {
    let mut bench = Bench::new();
    let call = ring(&mut bench);
    bench.agent.accept(
        bench.now,
        call,
        uri("sip:alice@192.0.2.1"),
        ANSWER.into(),
        vec![],
    );
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(ended(&bench.events), [(EndedBy::Local, 200, "OK".into())]);
    assert!(bench.requests("BYE").is_empty());
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    bench.receive(peer_request("ACK", "2", 1, tag.tag()).to_bytes());
    assert_eq!(bench.requests("BYE").len(), 1);
    assert!(
        !bench
            .events
            .iter()
            .any(|event| matches!(event, Event::Confirmed { .. }))
    );
}

#[test]
fn both_hang_up_at_once() {
    let mut net = Net::new(3);
    let caller = net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    net.right.accept(
        net.now,
        callee,
        uri("sip:bob@192.0.2.2:5060"),
        ANSWER.into(),
        vec![],
    );
    net.run(200);
    net.left.hang_up(net.now, caller, None);
    net.right.hang_up(net.now, callee, None);
    net.run(100_000);
    assert_eq!(ended(&net.left_events).len(), 1);
    assert_eq!(ended(&net.right_events).len(), 1);
    assert_eq!(
        (net.left.poll_timeout(), net.right.poll_timeout()),
        (None, None)
    );
}

#[test]
fn the_ack_may_come_with_the_branch_of_its_invite() {
    let mut bench = Bench::new();
    let call = ring(&mut bench);
    bench.agent.accept(
        bench.now,
        call,
        uri("sip:alice@192.0.2.1"),
        ANSWER.into(),
        vec![],
    );
    bench.drain();
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    bench.receive(peer_request("ACK", "1", 1, tag.tag()).to_bytes());
    assert!(matches!(bench.events.last(), Some(Event::Confirmed { .. })));
}

#[test]
fn a_bye_from_the_caller_in_the_early_dialog_ends_the_ringing() {
    let mut bench = Bench::new();
    let call = ring(&mut bench);
    bench.agent.ring(bench.now, call, 180, None);
    bench.drain();
    let tag = bench.responses().pop().unwrap().to_header().unwrap();
    bench.receive(peer_request("BYE", "2", 2, tag.tag()).to_bytes());
    assert_eq!(bench.codes(), [100, 180, 200, 487]);
    assert_eq!(ended(&bench.events).len(), 1);
}
