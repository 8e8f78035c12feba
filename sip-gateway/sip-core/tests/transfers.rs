//! REFER with its notifications, and Replaces (RFC 3515, 4488, 3892, 3891).

use sip_core::{
    CallHandle, Event, IncomingRefer, OutgoingHandle, ReferRequest, Replaced,
    header::{ReferTo, Replaces},
    message::Request,
};

use crate::support::{
    ANSWER, Bench, Net, OFFER, Side, addr, called, ended, from_bob, incoming, invite,
    literal_response, peer_request, talking, uri,
};

fn blind(notify: bool) -> ReferRequest {
    ReferRequest {
        refer_to: ReferTo::new(uri("sip:carol@192.0.2.3")),
        referred_by: Some(addr("<sip:alice@192.0.2.1>")),
        notify,
    }
}

fn refers(events: &[Event]) -> Vec<IncomingRefer> {
    let refer = |event: &Event| match event {
        Event::Refer(refer) => Some((**refer).clone()),
        _ => None,
    };
    events.iter().filter_map(refer).collect()
}

fn told(events: &[Event]) -> Vec<(OutgoingHandle, u16, bool)> {
    let progress = |event: &Event| match event {
        Event::ReferProgress {
            refer, cause, done, ..
        } => Some((*refer, cause.code, *done)),
        _ => None,
    };
    events.iter().filter_map(progress).collect()
}

fn answer_of(events: &[Event], wanted: OutgoingHandle) -> Option<u16> {
    events.iter().find_map(|event| match event {
        Event::Response { handle, response } if *handle == wanted => Some(response.code),
        _ => None,
    })
}

#[test]
fn a_blind_transfer_is_accepted_and_told_to_its_end() {
    let (mut net, caller, callee) = talking(1);
    let transfer = net.left.refer(net.now, caller, blind(true));
    net.run(50);
    let refer = refers(&net.right_events).pop().unwrap();
    assert_eq!(refer.call, callee);
    assert_eq!(refer.refer_to.target().to_string(), "sip:carol@192.0.2.3");
    assert_eq!(refer.referred_by, Some(addr("<sip:alice@192.0.2.1>")));
    assert!(refer.wants_notify);
    net.right.accept_refer(net.now, callee, refer.handle);
    net.run(50);
    for (code, reason) in [(180, ""), (200, "Picked up")] {
        net.right
            .notify_refer(net.now, callee, refer.handle, code, reason);
        net.run(50);
    }
    // What comes after the end is told to nobody.
    net.right
        .notify_refer(net.now, callee, refer.handle, 486, "");
    net.run(1000);
    assert_eq!(answer_of(&net.left_events, transfer), Some(202));
    let codes = [
        (transfer, 100, false),
        (transfer, 180, false),
        (transfer, 200, true),
    ];
    assert_eq!(told(&net.left_events), codes);
    assert!(matches!(
        net.left_events.last(),
        Some(Event::ReferProgress { cause, .. }) if cause.reason == "Picked up"
    ));
    net.left.hang_up(net.now, caller, None);
    net.run(60_000);
    assert_eq!(
        (net.left.poll_timeout(), net.right.poll_timeout()),
        (None, None)
    );
}

#[test]
fn transfers_come_through_a_network_that_loses_three_in_ten() {
    let mut through = 0;
    for seed in 0..40 {
        let (mut net, caller, _) = talking(seed);
        net.loss_percent = 30;
        net.duplicate_percent = 10;
        net.delay = (5, 150);
        net.left.refer(net.now, caller, blind(true));
        net.run_with(120_000, &mut |_, event, agent, now| match event {
            Event::Refer(refer) => {
                agent.accept_refer(now, refer.call, refer.handle);
                agent.notify_refer(now, refer.call, refer.handle, 200, "");
            }
            Event::ReferProgress { call, done, .. } if *done => agent.hang_up(now, *call, None),
            _ => {}
        });
        assert_eq!(
            refers(&net.right_events).len(),
            1,
            "seed {seed}: asked once"
        );
        through += usize::from(told(&net.left_events).last().is_some_and(|told| told.2));
    }
    assert!(through >= 38, "{through}");
}

#[test]
fn a_transfer_can_be_refused_and_can_be_silent() {
    let (mut net, caller, callee) = talking(2);
    let refused = net.left.refer(net.now, caller, blind(true));
    net.run(50);
    let refer = refers(&net.right_events).pop().unwrap();
    net.right
        .respond(net.now, refer.handle, 603, "", vec![], None);
    let silent = net.left.refer(net.now, caller, blind(false));
    net.run(50);
    let refer = refers(&net.right_events).pop().unwrap();
    assert_eq!(refer.request.header("Refer-Sub"), Some("false"));
    assert!(!refer.wants_notify);
    net.right.accept_refer(net.now, callee, refer.handle);
    net.right
        .notify_refer(net.now, callee, refer.handle, 200, "");
    net.run(1000);
    assert_eq!(answer_of(&net.left_events, refused), Some(603));
    assert_eq!(answer_of(&net.left_events, silent), Some(202));
    assert_eq!(net.sent_by(Side::Right, "NOTIFY"), 0);
    assert!(told(&net.left_events).is_empty());
}

/// A NOTIFY as a stranger writes it.
fn notify(bench: &mut Bench, call_id: &str, seq: u32, event: &str, state: &str, body: &str) {
    let mut notify = from_bob(bench, call_id, "NOTIFY", seq);
    notify.add_header("o", event);
    notify.add_header("Subscription-State", state);
    let notify = notify.with_body("message/sipfrag ;version=2.0", body);
    bench.receive(notify.to_bytes());
}

#[test]
fn notifications_of_strangers_are_understood() {
    let (mut bench, call, call_id) = called();
    let first = bench.agent.refer(bench.now, call, blind(true));
    bench.drain();
    let refer = bench.last("REFER");
    assert!(refer.header("Contact").is_some());
    assert_eq!(refer.header("Refer-To"), Some("<sip:carol@192.0.2.3>"));
    // The first notification overtakes the answer.
    notify(
        &mut bench,
        &call_id,
        10,
        "refer",
        "active;expires=60",
        "SIP/2.0 100 Trying\r\n",
    );
    bench.receive(literal_response(&refer, "202 Accepted", "bob", "", ""));
    let second = bench.agent.refer(bench.now, call, blind(true));
    bench.drain();
    let id = bench.last("REFER").cseq().unwrap().number;
    let event = format!("refer ; id={id}");
    notify(
        &mut bench,
        &call_id,
        11,
        &event,
        "active",
        "SIP/2.0 180 Ringing\r\n\r\n",
    );
    notify(
        &mut bench,
        &call_id,
        12,
        "refer;id=2",
        "terminated;reason=noresource",
        "SIP/2.0 486 Busy",
    );
    // Ended without a word.
    notify(&mut bench, &call_id, 13, &event, "Terminated", "");
    assert_eq!(
        told(&bench.events),
        [
            (first, 100, false),
            (second, 180, false),
            (first, 486, true),
            (second, 100, true)
        ]
    );
    assert_eq!(bench.codes(), [200; 4]);
    // What belongs to no transfer is the shell's business.
    notify(
        &mut bench,
        &call_id,
        14,
        "refer",
        "active",
        "SIP/2.0 100 Trying",
    );
    notify(&mut bench, &call_id, 15, "message-summary", "active", "");
    let asked = |event: &&Event| matches!(event, Event::InCallRequest { .. });
    assert_eq!(bench.events.iter().filter(asked).count(), 2);
}

#[test]
fn a_notification_after_the_end_is_answered_and_not_told() {
    let (mut bench, call, call_id) = called();
    bench.agent.refer(bench.now, call, blind(true));
    bench.drain();
    bench.receive(literal_response(
        &bench.last("REFER"),
        "202 Accepted",
        "bob",
        "",
        "",
    ));
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    notify(
        &mut bench,
        &call_id,
        10,
        "refer",
        "terminated",
        "SIP/2.0 200 OK",
    );
    notify(
        &mut bench,
        &call_id,
        11,
        "refer",
        "terminated",
        "SIP/2.0 200 OK",
    );
    assert_eq!(bench.codes(), [200, 481]);
    assert!(matches!(bench.events.last(), Some(Event::Ended { .. })));
}

#[test]
fn a_refer_that_names_nobody_or_two_is_400() {
    let (mut bench, _, call_id) = called();
    let refer = |bench: &Bench, seq| from_bob(bench, &call_id, "REFER", seq);
    bench.receive(refer(&bench, 10).to_bytes());
    let two = refer(&bench, 11)
        .with_header("r", "<sip:a@b>")
        .with_header("Refer-To", "<sip:c@d>");
    bench.receive(two.to_bytes());
    bench.receive(refer(&bench, 12).with_header("Refer-To", "::").to_bytes());
    assert_eq!(bench.codes(), [400, 400, 400]);
    assert!(bench.events.is_empty());
}

#[test]
fn the_second_refer_of_a_dialog_is_named_in_its_notifications() {
    let (mut bench, call, call_id) = called();
    for seq in [10, 11] {
        let refer = from_bob(&bench, &call_id, "REFER", seq)
            .with_header("Refer-To", "<sip:carol@192.0.2.3;method=INVITE>")
            .with_header("b", "\"Bob\" <sip:bob@192.0.2.2>;cid=x");
        bench.receive(refer.to_bytes());
        let refer = refers(&bench.events).pop().unwrap();
        assert_eq!(refer.referred_by.unwrap().display.as_deref(), Some("Bob"));
        bench.agent.accept_refer(bench.now, call, refer.handle);
        bench.drain();
    }
    let notifies = bench.requests("NOTIFY");
    let events: Vec<_> = notifies
        .iter()
        .map(|notify| notify.header("Event"))
        .collect();
    assert_eq!(events, [Some("refer"), Some("refer;id=11")]);
    let first = &notifies[0];
    assert_eq!(
        first.header("Subscription-State"),
        Some("active;expires=180")
    );
    assert_eq!(
        first.header("Content-Type"),
        Some("message/sipfrag;version=2.0")
    );
    assert_eq!(first.body, b"SIP/2.0 100 Trying\r\n");
    assert_eq!(bench.codes(), [202, 202]);
    // The transfer goes on being told when the one who asked has hung up.
    bench.receive(from_bob(&bench, &call_id, "BYE", 12).to_bytes());
    let refer = refers(&bench.events).pop().unwrap();
    bench
        .agent
        .notify_refer(bench.now, call, refer.handle, 200, "");
    bench.drain();
    assert_eq!(bench.last("NOTIFY").body, b"SIP/2.0 200 OK\r\n");
    assert_eq!(
        bench.last("NOTIFY").header("Subscription-State"),
        Some("terminated;reason=noresource")
    );
}

#[test]
fn a_challenged_refer_is_sent_again_and_its_new_number_counts() {
    let (mut bench, call, call_id) = called();
    let handle = bench.agent.refer(bench.now, call, blind(true));
    bench.drain();
    let challenge = "WWW-Authenticate: Digest realm=\"p\", nonce=\"n1\"\r\n";
    bench.receive(literal_response(
        &bench.last("REFER"),
        "401 Who",
        "bob",
        challenge,
        "",
    ));
    let again = bench.last("REFER");
    assert_eq!(again.header("CSeq"), Some("3 REFER"));
    let other = bench.agent.refer(bench.now, call, blind(true));
    bench.drain();
    bench.receive(literal_response(&again, "202 Accepted", "bob", "", ""));
    notify(
        &mut bench,
        &call_id,
        10,
        "refer;id=3",
        "terminated",
        "SIP/2.0 200 OK",
    );
    assert_eq!(told(&bench.events), [(handle, 200, true)]);
    assert_ne!(handle, other);
}

/// An INVITE of somebody else with this `Replaces`.
fn replacing(replaces: &str) -> Request {
    let mut invite = peer_request("INVITE", "r", 1, None).with_body("application/sdp", OFFER);
    invite.set_header("Call-ID", "new-call");
    invite.set_header("From", "<sip:carol@192.0.2.3>;tag=carol");
    invite.with_header("Replaces", replaces)
}

fn meaning(bench: &mut Bench, invite: &Request) -> Option<Replaced> {
    bench.receive(invite.to_bytes());
    match bench.events.last() {
        Some(Event::IncomingInvite(incoming)) => incoming.replaces,
        other => panic!("{other:?}"),
    }
}

fn meant(bench: &mut Bench, replaces: &str) -> Option<Replaced> {
    let mut invite = replacing(replaces);
    let round = bench.events.len();
    invite.set_header(
        "Via",
        format!("SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKr{round}"),
    );
    invite.set_header("Call-ID", format!("new-call-{round}"));
    meaning(bench, &invite)
}

#[test]
fn an_attended_transfer_takes_over_the_answered_call() {
    // Carol talks to right. Left, who talks to right too, is asked to take that call over.
    let (mut net, caller, callee) = talking(5);
    let dialog = net.left.dialog_id(caller).unwrap();
    let refer_to = ReferTo::replacing(uri("sip:bob@192.0.2.2"), &dialog);
    let mut taking = invite(Net::to_right());
    taking
        .headers
        .push(("Replaces".into(), refer_to.replaces().unwrap().to_string()));
    let second = net.left.invite(net.now, taking);
    net.run(50);
    let Some(Event::IncomingInvite(incoming)) = net.right_events.last() else {
        panic!()
    };
    assert_eq!(incoming.replaces, Some(Replaced::Call(callee)));
    let new = incoming.call;
    let contact = uri("sip:bob@192.0.2.2:5060");
    net.right
        .accept(net.now, new, contact, ANSWER.into(), vec![]);
    net.right.hang_up(net.now, callee, None);
    net.run(1000);
    assert_eq!(ended(&net.left_events).len(), 1);
    assert!(net.left.dialog_id(second).is_some() && net.left.dialog_id(caller).is_none());
}

#[test]
fn every_rule_of_rfc_3891_has_its_answer() {
    let (mut bench, call, call_id) = called();
    let ours = bench.last("INVITE").from_header().unwrap();
    let ours = ours.tag().unwrap().to_owned();
    let dialog = Replaces {
        call_id: call_id.clone(),
        to_tag: ours.clone(),
        from_tag: "bob".into(),
        early_only: false,
    };
    let text = dialog.to_string();
    assert_eq!(meant(&mut bench, &text), Some(Replaced::Call(call)));
    let refused = |code| Some(Replaced::Refuse(code));
    assert_eq!(
        meant(&mut bench, &format!("{text};early-only")),
        refused(486)
    );
    assert_eq!(meant(&mut bench, &text.replace("bob", "eve")), refused(481));
    assert_eq!(
        meant(&mut bench, "no-such-call;to-tag=1;from-tag=2"),
        refused(481)
    );
    assert_eq!(meant(&mut bench, "nonsense"), refused(400));
    let twice = replacing(&text).with_header("Replaces", text.clone());
    assert_eq!(meaning(&mut bench, &twice), refused(400));
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(meant(&mut bench, &text), refused(603));
}

#[test]
fn an_early_dialog_is_replaced_only_by_who_began_it() {
    // We ring somebody: that call may be taken over (by a phone that picks it up).
    let mut bench = Bench::new();
    let call: CallHandle = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.respond(&request, 180, "bob", &[]);
    let from = request.from_header().unwrap();
    let text = format!(
        "{};to-tag={};from-tag=bob;early-only",
        request.call_id().unwrap(),
        from.tag().unwrap()
    );
    assert_eq!(meant(&mut bench, &text), Some(Replaced::Call(call)));
    // We are rung: it may not.
    let mut bench = Bench::new();
    bench.receive(peer_request("INVITE", "1", 1, None).to_bytes());
    let ringing = incoming(&bench.events).unwrap();
    bench.agent.ring(bench.now, ringing, 180, None);
    bench.drain();
    let to = bench.responses().pop().unwrap().to_header().unwrap();
    let text = format!("peer-call;to-tag={};from-tag=peer", to.tag().unwrap());
    assert_eq!(meant(&mut bench, &text), Some(Replaced::Refuse(481)));
    let dialog = bench.agent.dialog_id(ringing).unwrap();
    assert!(dialog.early_only && dialog.to_tag == "peer");
}
