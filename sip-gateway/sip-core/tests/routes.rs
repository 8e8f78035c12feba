//! Where requests inside a call go (RFC 3261 §12.2.1.1, §16.12).

use sip_core::{CallHandle, Event, message::Request};

use crate::support::{
    ANSWER, Bench, HOLD, OFFER, addr, incoming, invite, literal_response, peer_request, uri,
};

/// We called over these record routes (whole lines).
fn called_over(routes: &str) -> (Bench, CallHandle) {
    let mut bench = Bench::new();
    let call = bench.agent.invite(bench.now, invite(bench.flow));
    bench.drain();
    let request = bench.last("INVITE");
    let fields = format!("{routes}m: \"Bob\" <sip:bob@10.0.0.7:5070;ob;transport=udp>\r\n");
    bench.receive(literal_response(&request, "200 OK", "bob", &fields, ANSWER));
    (bench, call)
}

fn path(request: &Request) -> (String, Vec<String>) {
    let routes = request.header_values("Route").map(str::to_owned);
    (request.uri.to_string(), routes.collect())
}

const CONTACT: &str = "sip:bob@10.0.0.7:5070;ob;transport=udp";

#[test]
fn several_record_routes_are_followed_backwards_by_the_caller() {
    let (mut bench, call) = called_over(
        "Record-Route: <sip:p4;lr>, <sip:p3.example:5070;lr=on;ftag=a>\r\n\
         Via: nothing\r\nRecord-Route: <sip:192.0.2.2;lr;transport=tcp>\r\n",
    );
    let routes = [
        "<sip:192.0.2.2;lr;transport=tcp>",
        "<sip:p3.example:5070;lr=on;ftag=a>",
        "<sip:p4;lr>",
    ];
    let expected = (CONTACT.to_owned(), routes.map(str::to_owned).to_vec());
    assert_eq!(path(&bench.last("ACK")), expected);
    bench.agent.reinvite(bench.now, call, HOLD.into());
    bench.drain();
    assert_eq!(path(&bench.last("INVITE")), expected);
    // The answer to a re-INVITE moves the target; the route set stays (§12.2.1.2).
    let fields = "Record-Route: <sip:else;lr>\r\nm: <sip:bob@10.9.9.9>\r\n";
    bench.receive(literal_response(
        &bench.last("INVITE"),
        "200 OK",
        "bob",
        fields,
        ANSWER,
    ));
    let moved = ("sip:bob@10.9.9.9".to_owned(), expected.1.clone());
    assert_eq!(path(&bench.last("ACK")), moved);
    bench
        .agent
        .call_request(bench.now, call, "MESSAGE", vec![], None);
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(path(&bench.last("MESSAGE")), moved);
    assert_eq!(path(&bench.last("BYE")), moved);
}

#[test]
fn a_strict_router_stands_in_the_request_line() {
    let (mut bench, call) = called_over(
        "Record-Route: <sip:p3;lr>\r\nRecord-Route: <sip:p2>\r\nRecord-Route: <sip:p1?x=y>\r\n",
    );
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    let routes = ["<sip:p2>", "<sip:p3;lr>"].map(str::to_owned);
    for request in [bench.last("ACK"), bench.last("BYE")] {
        // §19.1.1: headers may not stand there.
        let (target, followed) = path(&request);
        assert_eq!(target, "sip:p1");
        assert_eq!(followed[..2], routes);
        assert_eq!(followed[2], format!("<{CONTACT}>"));
    }
}

#[test]
fn the_callee_follows_the_record_routes_as_they_came() {
    let mut bench = Bench::new();
    let invite = peer_request("INVITE", "1", 1, None)
        .with_header("Record-Route", "<sip:p2;lr>")
        .with_header("record-route", "<sip:p1;lr>,<sip:p0;lr>")
        .with_body("application/sdp", OFFER);
    bench.receive(invite.to_bytes());
    let call = incoming(&bench.events).unwrap();
    let contact = uri("sip:alice@192.0.2.1");
    bench
        .agent
        .accept(bench.now, call, contact, ANSWER.into(), vec![]);
    bench.drain();
    let ok = bench.responses().pop().unwrap();
    let copied: Vec<&str> = ok.header_values("Record-Route").collect();
    assert_eq!(copied, ["<sip:p2;lr>", "<sip:p1;lr>", "<sip:p0;lr>"]);
    let tag = ok.to_header().unwrap();
    bench.receive(peer_request("ACK", "2", 1, tag.tag()).to_bytes());
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    let routes = ["<sip:p2;lr>", "<sip:p1;lr>", "<sip:p0;lr>"];
    let expected = (
        "sip:bob@192.0.2.2:5070".to_owned(),
        routes.map(str::to_owned).to_vec(),
    );
    assert_eq!(path(&bench.last("BYE")), expected);
}

#[test]
fn a_preloaded_strict_route_and_its_cancel_agree() {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.routes = vec![addr("<sip:strict.example>"), addr("<sip:next;lr>")];
    let call = bench.agent.invite(bench.now, request);
    bench.drain();
    let invite = bench.last("INVITE");
    let routes = ["<sip:next;lr>", "<sip:bob@192.0.2.2>"];
    let expected = (
        "sip:strict.example".to_owned(),
        routes.map(str::to_owned).to_vec(),
    );
    assert_eq!(path(&invite), expected);
    bench.respond(&invite, 180, "bob", &[]);
    bench.agent.hang_up(bench.now, call, None);
    bench.drain();
    assert_eq!(path(&bench.last("CANCEL")), expected);
}

#[test]
fn the_peers_reinvite_and_update_move_the_target() {
    let (mut bench, call) = called_over("");
    let id = bench.last("INVITE").call_id().unwrap().to_owned();
    for (seq, method) in [(5, "UPDATE"), (6, "INVITE")] {
        let mut change = crate::support::from_bob(&bench, &id, method, seq);
        change.set_header("Contact", format!("<sip:bob@192.0.2.2:70{seq}>"));
        let sdp = if method == "INVITE" { HOLD } else { "" };
        let change = match sdp {
            "" => change,
            sdp => change.with_body("application/sdp", sdp),
        };
        bench.receive(change.to_bytes());
        bench
            .agent
            .call_request(bench.now, call, "MESSAGE", vec![], None);
        bench.drain();
        let target = bench.last("MESSAGE").uri.to_string();
        assert_eq!(target, format!("sip:bob@192.0.2.2:70{seq}"));
    }
    assert!(matches!(bench.events.last(), Some(Event::ReOffer { .. })));
}
