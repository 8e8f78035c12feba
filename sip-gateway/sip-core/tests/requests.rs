//! Requests inside and outside calls, keepalives and bad input.

use sip_core::{Event, message::Request};

use crate::support::{ANSWER, Bench, Net, ended, invite, peer_request, udp, uri};

#[test]
fn options_outside_a_call_goes_to_the_shell_and_its_answer_back() {
    let mut net = Net::new(1);
    let handle = net.left.request(
        net.now,
        Net::to_right(),
        Request::new("OPTIONS", uri("sip:192.0.2.2")),
    );
    net.run_with(1000, &mut |_, event, agent, now| {
        if let Event::Request { handle, .. } = event {
            agent.respond(
                now,
                *handle,
                200,
                "",
                vec![],
                Some(("text/plain".into(), b"hi".to_vec())),
            );
        }
    });
    let Event::Response {
        handle: answered,
        response,
    } = &net.left_events[0]
    else {
        panic!()
    };
    assert_eq!(
        (*answered, response.code, &response.body[..]),
        (handle, 200, &b"hi"[..])
    );
    assert!(response.header("Allow").is_some());
    net.run(100_000);
    assert_eq!(
        (net.left.poll_timeout(), net.right.poll_timeout()),
        (None, None)
    );
}

#[test]
fn a_request_nobody_answers_is_408() {
    let mut bench = Bench::new();
    bench
        .agent
        .request(bench.now, bench.flow, Request::new("OPTIONS", uri("sip:h")));
    bench.run(33_000);
    // 0, 0.5, 1.5, 3.5, 7.5 … 31.5 s.
    assert_eq!(bench.requests("OPTIONS").len(), 11);
    assert!(
        matches!(&bench.events[..], [Event::Response { response, .. }] if response.code == 408)
    );
}

#[test]
fn a_repeated_request_is_answered_from_memory() {
    let mut bench = Bench::new();
    let options = peer_request("OPTIONS", "1", 1, None);
    bench.receive(options.to_bytes());
    bench.receive(options.to_bytes());
    assert!(bench.codes().is_empty());
    let Event::Request { handle, .. } = &bench.events[0] else {
        panic!()
    };
    let handle = *handle;
    bench
        .agent
        .respond(bench.now, handle, 404, "Nobody here", vec![], None);
    bench.receive(options.to_bytes());
    assert_eq!(bench.codes(), [404, 404]);
    assert_eq!(bench.responses()[0].reason, "Nobody here");
    assert_eq!(bench.events.len(), 1);
}

#[test]
fn info_inside_a_call_goes_both_ways_and_options_is_answered_by_the_core() {
    let mut net = Net::new(2);
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
    let dtmf = Some(("application/dtmf-relay".into(), b"Signal=5\r\n".to_vec()));
    net.left.call_request(net.now, caller, "INFO", vec![], dtmf);
    net.right
        .call_request(net.now, callee, "OPTIONS", vec![], None);
    net.run_with(500, &mut |_, event, agent, now| {
        if let Event::InCallRequest {
            handle, request, ..
        } = event
        {
            assert_eq!(request.body, b"Signal=5\r\n");
            agent.respond(now, *handle, 200, "", vec![], None);
        }
    });
    for events in [&net.left_events, &net.right_events] {
        assert!(
            matches!(events.last(), Some(Event::Response { response, .. }) if response.code == 200)
        );
    }
}

#[test]
fn unknown_dialogs_are_481_and_a_stray_ack_is_dropped() {
    let mut bench = Bench::new();
    for method in ["BYE", "INVITE", "INFO", "UPDATE", "ACK"] {
        bench.receive(peer_request(method, method, 5, Some("nobody")).to_bytes());
    }
    bench.receive(peer_request("BYE", "untagged", 5, None).to_bytes());
    assert_eq!(bench.codes(), [481; 5]);
    assert!(bench.events.is_empty());
}

#[test]
fn a_bye_with_another_tag_does_not_end_the_call() {
    let mut bench = Bench::new();
    bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    bench.answer(&request, "bob");
    let ours = request.from_header().unwrap();
    let mut bye = peer_request("BYE", "1", 2, ours.tag());
    bye.set_header("Call-ID", request.call_id().unwrap());
    bench.receive(bye.to_bytes());
    assert_eq!(bench.codes(), [481]);
    assert!(ended(&bench.events).is_empty());
}

#[test]
fn pings_are_answered_and_told() {
    let mut bench = Bench::new();
    bench.agent.handle_bytes(bench.now, bench.flow, b"\r\n\r\n");
    let sip_core::Output::Transmit { bytes, .. } = bench.agent.poll_output().unwrap() else {
        panic!()
    };
    assert_eq!(bytes, b"\r\n");
    bench.receive(*b"\r\n");
    assert!(matches!(
        bench.events[..],
        [Event::Ping { .. }, Event::Pong { .. }]
    ));
    bench.receive(*b"\0\0\0\0");
    assert_eq!(bench.events.len(), 2);
}

#[test]
fn bad_requests_are_answered_400_as_far_as_they_can_be_read() {
    let mut bench = Bench::new();
    let good = String::from_utf8(peer_request("OPTIONS", "1", 1, None).to_bytes()).unwrap();
    bench.receive(good.replace("sip:alice@192.0.2.1 SIP", "nonsense SIP"));
    bench.receive(good.replace("CSeq: 1 OPTIONS", "CSeq: 1 INVITE"));
    bench.receive(good.replace("Content-Length: 0", "Content-Length: 999"));
    bench.receive(good.replace("Call-ID", "X-Call-ID"));
    bench.receive(good.replace("SIP/2.0\r\nVia", "SIP/3.0\r\nVia"));
    assert_eq!(bench.codes(), [400, 400, 400, 400, 505]);
    bench.receive("HTTP/1.1 200 OK\r\n\r\n");
    bench.receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    bench.receive(vec![0xff; 3000]);
    assert_eq!(bench.codes().len(), 5);
    assert_eq!(bench.events.len(), 8);
    assert!(
        bench
            .events
            .iter()
            .all(|event| matches!(event, Event::Malformed { .. }))
    );
}

#[test]
fn answers_note_where_a_datagram_came_from() {
    let mut bench = Bench::new();
    bench.flow = udp("203.0.113.9:33333");
    bench.receive(peer_request("BYE", "1", 5, Some("nobody")).to_bytes());
    let via = bench.responses()[0].via().unwrap();
    assert_eq!(via.seen_as(), Some("203.0.113.9:33333".parse().unwrap()));
    assert_eq!(via.param("received"), Some("203.0.113.9"));
}
