//! Calls that several tests begin with.

use sip_core::{CallHandle, digest::Credentials, message::Request};

use super::{ANSWER, Bench, Net, invite, peer_request, uri};

pub const HOLD: &str = "v=0\r\no=- 1 2 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\na=sendonly\r\n";

/// An answered call between two user agents: left called right.
pub fn talking(seed: u64) -> (Net, CallHandle, CallHandle) {
    let mut net = Net::new(seed);
    let (caller, callee) = talking_in(&mut net);
    (net, caller, callee)
}

/// The same in a network made before.
pub fn talking_in(net: &mut Net) -> (CallHandle, CallHandle) {
    let caller = net.left.invite(net.now, invite(Net::to_right()));
    net.run(100);
    let callee = net.incoming_call();
    let contact = uri("sip:bob@192.0.2.2:5060");
    net.right
        .accept(net.now, callee, contact, ANSWER.into(), vec![]);
    net.run(200);
    net.left_events.clear();
    net.right_events.clear();
    (caller, callee)
}

/// We called, with a password; the peer is the test. Gives the Call-ID too.
pub fn called() -> (Bench, CallHandle, String) {
    let mut bench = Bench::new();
    let mut request = invite(bench.flow);
    request.credentials = Some(Credentials::new("alice", "secret"));
    let call = bench.agent.invite(bench.now, request);
    bench.drain();
    let request = bench.last("INVITE");
    bench.answer(&request, "bob");
    bench.events.clear();
    let call_id = request.call_id().unwrap().to_owned();
    (bench, call, call_id)
}

/// A request of the peer in the call of [`called`].
pub fn from_bob(bench: &Bench, call_id: &str, method: &str, seq: u32) -> Request {
    let from = bench.requests("INVITE")[0].from_header().unwrap();
    let mut request = peer_request(method, &format!("b{method}{seq}"), seq, from.tag());
    request.set_header("From", "<sip:bob@192.0.2.2>;tag=bob");
    request.set_header("Call-ID", call_id);
    request
}

/// A response as a stranger would write it: compact names, odd spacing, its own order. `fields`
/// are whole lines.
pub fn literal_response(
    request: &Request,
    status: &str,
    tag: &str,
    fields: &str,
    sdp: &str,
) -> String {
    let copied = |name: &str| request.header(name).unwrap().to_owned();
    let to = if copied("To").contains(";tag=") {
        copied("To")
    } else {
        format!("{};tag={tag}", copied("To"))
    };
    let kind = if sdp.is_empty() {
        ""
    } else {
        "c:application/sdp\r\n"
    };
    format!(
        "SIP/2.0 {status}\r\nv : {}\r\nCSEQ: {}\r\ni:{}\r\nt: {to}\r\nf: {}\r\n\
         {fields}{kind}l: {}\r\n\r\n{sdp}",
        copied("Via"),
        copied("CSeq"),
        copied("Call-ID"),
        copied("From"),
        sdp.len(),
    )
}
