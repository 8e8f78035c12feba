//! Late offers, offerless re-INVITEs, every form of hold, keys in INFO, MESSAGE.

use sip_core::{
    Event,
    dtmf::{Key, KeyStyle},
    message::Request,
};

use crate::support::{
    ANSWER, Bench, HOLD, Net, OFFER, Side, called, ended, from_bob, invite, literal_response,
    talking, uri,
};

#[test]
fn we_ask_for_an_offer_and_answer_it_in_the_ack() {
    let (mut net, caller, callee) = talking(1);
    net.left.reinvite_for_offer(net.now, caller);
    net.run(50);
    assert!(matches!(
        net.right_events[..],
        [Event::ReOffer { sdp: None, .. }]
    ));
    net.right.accept_reoffer(net.now, callee, HOLD.into());
    net.run(300);
    assert!(matches!(&net.left_events[..], [Event::LateOffer { sdp, .. }] if sdp == HOLD));
    assert_eq!(net.sent_by(Side::Left, "ACK"), 1, "the first call's");
    net.left.answer_late_offer(net.now, caller, ANSWER.into());
    net.run(300);
    assert!(matches!(
        net.right_events.last(),
        Some(Event::Confirmed { sdp: Some(sdp), .. }) if sdp == ANSWER
    ));
    // The way is free again, both ways.
    net.right.reinvite(net.now, callee, OFFER.into());
    net.run(50);
    net.left.accept_reoffer(net.now, caller, ANSWER.into());
    net.run(300);
    assert!(matches!(
        net.right_events.last(),
        Some(Event::ReOfferAnswered { .. })
    ));
    assert!(ended(&net.left_events).is_empty());
}

#[test]
fn an_offer_that_does_not_come_is_acknowledged_all_the_same() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite_for_offer(bench.now, call);
    bench.drain();
    let reinvite = bench.last("INVITE");
    assert!(reinvite.body.is_empty() && reinvite.header("Content-Type").is_none());
    bench.receive(literal_response(&reinvite, "200 OK", "bob", "", ""));
    assert_eq!(bench.requests("ACK").len(), 2);
    assert!(matches!(bench.events[..], [Event::ReOfferRefused { .. }]));
    // While the shell thinks about an offer the peer repeats its 200: no ACK yet, and one event.
    bench.agent.reinvite_for_offer(bench.now, call);
    bench.drain();
    let reinvite = bench.last("INVITE");
    let ok = literal_response(&reinvite, "200 OK", "bob", "", OFFER);
    bench.receive(ok.clone());
    bench.receive(ok.clone());
    assert_eq!(bench.requests("ACK").len(), 2);
    bench
        .agent
        .answer_late_offer(bench.now, call, ANSWER.into());
    bench.drain();
    bench.receive(ok);
    let acks = bench.requests("ACK");
    assert_eq!(acks.len(), 4);
    assert!(
        acks[2..]
            .iter()
            .all(|ack| ack.sdp().as_deref() == Some(ANSWER))
    );
    let late = |event: &&Event| matches!(event, Event::LateOffer { .. });
    assert_eq!(bench.events.iter().filter(late).count(), 1);
}

#[test]
fn a_repeated_200_waits_with_the_shell_for_the_answer() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.sdp = None;
    let call = bench.agent.invite(bench.now, request);
    bench.drain();
    let request = bench.last("INVITE");
    let ok = literal_response(&request, "200 OK", "bob", "m: <sip:bob@h>\r\n", OFFER);
    bench.receive(ok.clone());
    bench.receive(ok);
    assert!(bench.requests("ACK").is_empty() && bench.requests("BYE").is_empty());
    bench
        .agent
        .answer_late_offer(bench.now, call, ANSWER.into());
    bench.drain();
    assert_eq!(bench.requests("ACK").len(), 1);
    assert!(bench.requests("BYE").is_empty() && ended(&bench.events).is_empty());
}

#[test]
fn hanging_up_with_an_offer_unanswered_acknowledges_and_ends() {
    let (mut bench, call, _) = called();
    bench.agent.reinvite_for_offer(bench.now, call);
    bench.drain();
    bench.receive(literal_response(
        &bench.last("INVITE"),
        "200 OK",
        "bob",
        "",
        OFFER,
    ));
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(
        (bench.requests("ACK").len(), bench.requests("BYE").len()),
        (2, 1)
    );
}

#[test]
fn late_offers_come_through_a_network_that_loses_three_in_ten() {
    let mut settled = 0;
    for seed in 0..40 {
        let mut net = Net::new(seed);
        net.loss_percent = 30;
        net.duplicate_percent = 10;
        net.delay = (5, 150);
        let mut request = invite(Net::to_right());
        request.sdp = None;
        net.left.invite(net.now, request);
        net.run_with(250_000, &mut |_, event, agent, now| match event {
            Event::IncomingInvite(incoming) => {
                let contact = uri("sip:bob@192.0.2.2:5060");
                agent.accept(now, incoming.call, contact, OFFER.into(), vec![]);
            }
            Event::Answered { call, .. } => agent.answer_late_offer(now, *call, ANSWER.into()),
            Event::Confirmed { call, sdp } => {
                assert_eq!(sdp.as_deref(), Some(ANSWER));
                agent.hang_up(now, *call, None);
            }
            _ => {}
        });
        let idle = (net.left.poll_timeout(), net.right.poll_timeout());
        assert_eq!(idle, (None, None), "seed {seed}");
        let confirmed = |event: &&Event| matches!(event, Event::Confirmed { .. });
        settled += net.right_events.iter().filter(confirmed).count();
    }
    assert!(settled >= 38, "{settled}");
}

#[test]
fn every_form_of_hold_reaches_the_shell_as_it_was_written() {
    let forms = [
        "c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=sendonly\r\n",
        "c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=recvonly\r\n",
        "c=IN IP4 192.0.2.9\r\nt=0 0\r\na=inactive\r\nm=audio 4000 RTP/AVP 8\r\n",
        "c=IN IP4 0.0.0.0\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n",
        "c=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 0 RTP/AVP 8\r\n",
    ];
    let (mut bench, call, call_id) = called();
    for (round, form) in forms.into_iter().enumerate() {
        let seq = 10 + u32::try_from(round).unwrap();
        let sdp = format!("v=0\r\no=- 1 {seq} IN IP4 192.0.2.9\r\ns=-\r\n{form}");
        let by_update = round % 2 == 1;
        let method = if by_update { "UPDATE" } else { "INVITE" };
        let hold = from_bob(&bench, &call_id, method, seq).with_body("application/sdp", &*sdp);
        bench.receive(hold.to_bytes());
        assert!(matches!(
            bench.events.last(),
            Some(Event::ReOffer { sdp: Some(seen), .. }) if *seen == sdp
        ));
        bench.agent.accept_reoffer(bench.now, call, ANSWER.into());
        bench.drain();
        assert_eq!(
            bench.responses().pop().unwrap().sdp().as_deref(),
            Some(ANSWER)
        );
        if !by_update {
            bench.receive(from_bob(&bench, &call_id, "ACK", seq).to_bytes());
        }
        bench.run(16 * 60_000 / 5);
    }
    assert!(ended(&bench.events).is_empty());
}

#[test]
fn keys_go_both_ways_in_info() {
    let (mut net, caller, _) = talking(3);
    let key = |symbol| Key {
        symbol,
        duration_ms: 120,
    };
    net.left
        .send_key(net.now, caller, key('5'), KeyStyle::Relay);
    net.left
        .send_key(net.now, caller, key('#'), KeyStyle::Plain);
    let mut pressed = Vec::new();
    net.run_with(500, &mut |_, event, agent, now| {
        if let Event::InCallRequest {
            handle, request, ..
        } = event
        {
            pressed.push(Key::of_info(request).unwrap().symbol);
            agent.respond(now, *handle, 200, "", vec![], None);
        }
    });
    assert_eq!(pressed, ['5', '#']);
    let ok =
        |event: &&Event| matches!(event, Event::Response { response, .. } if response.code == 200);
    assert_eq!(net.left_events.iter().filter(ok).count(), 2);
}

#[test]
fn a_key_waits_for_the_answer_to_the_one_before() {
    let (mut net, caller, _) = talking(3);
    for symbol in ['1', '2', '3'] {
        let duration_ms = 120;
        let key = Key {
            symbol,
            duration_ms,
        };
        net.left.send_key(net.now, caller, key, KeyStyle::Relay);
    }
    let mut waiting = Vec::new();
    net.run_with(500, &mut |_, event, _, _| {
        if let Event::InCallRequest { handle, .. } = event {
            waiting.push(*handle);
        }
    });
    assert_eq!(waiting.len(), 1, "the others are not sent yet");
    net.right
        .respond(net.now, waiting[0], 200, "", vec![], None);
    let mut pressed = Vec::new();
    net.run_with(500, &mut |_, event, agent, now| {
        if let Event::InCallRequest {
            handle, request, ..
        } = event
        {
            pressed.push(Key::of_info(request).unwrap().symbol);
            agent.respond(now, *handle, 486, "", vec![], None);
        }
    });
    assert_eq!(pressed, ['2', '3'], "whatever the answers say");
}

#[test]
fn a_message_inside_and_outside_a_call_is_answered_as_the_shell_says() {
    let (mut bench, _, call_id) = called();
    let inside = from_bob(&bench, &call_id, "MESSAGE", 10).with_body("text/plain", "hello");
    bench.receive(inside.to_bytes());
    let Some(Event::InCallRequest { handle, .. }) = bench.events.last() else {
        panic!()
    };
    bench
        .agent
        .respond(bench.now, *handle, 405, "", vec![], None);
    bench.drain();
    let refusal = bench.responses().pop().unwrap();
    assert_eq!(refusal.code, 405);
    assert!(refusal.header("Allow").unwrap().contains("INVITE"));
    let outside: Request = crate::support::peer_request("MESSAGE", "m", 1, None);
    bench.receive(outside.to_bytes());
    let Some(Event::Request { handle, .. }) = bench.events.last() else {
        panic!()
    };
    bench
        .agent
        .respond(bench.now, *handle, 200, "", vec![], None);
    bench.drain();
    assert_eq!(bench.codes(), [405, 200]);
}
