//! What is fed.

use media_core::{dtmf, g711, rtcp, rtp};
use sip_core::{
    AgentConfig, Flow, RegistrationRequest, StreamKind, UserAgent,
    digest::{Authenticator, Credentials, Ha1},
    header::{AuthValue, NameAddr, SessionId, Via},
    message::{Message, Request, Response},
    uri::SipUri,
    wire::{StreamFramer, parse_message},
};

/// A named reader.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// As on the command line and in `corpus/`.
    pub name: &'static str,
    /// Must return, soon.
    pub feed: fn(&[u8]),
}

/// Every target.
#[must_use]
pub fn all() -> Vec<Target> {
    let target = |name, feed| Target { name, feed };
    let mut list = vec![
        target("wire", wire as fn(&[u8])),
        target("stream", stream),
        target("uri", uri),
        target("digest", digest),
        target("rtp", rtp_packet),
        target("rtcp", rtcp_packet),
    ];
    if cfg!(feature = "media") {
        list.push(target("sdp", sdp));
        list.push(target("stun", stun));
        list.push(target("framing", framing));
    }
    list
}

fn agent() -> UserAgent {
    let config = AgentConfig {
        product: "fuzz".into(),
        via_host: "192.0.2.1:5060".into(),
        allow: vec!["INVITE".into(), "ACK".into(), "BYE".into()],
    };
    UserAgent::new(config, [7; 32])
}

fn udp() -> Option<Flow> {
    let remote = "192.0.2.2:5060".parse().ok()?;
    Some(Flow::Udp { remote })
}

const CONNECTION: Flow = Flow::Stream {
    kind: StreamKind::Tcp,
    id: 1,
};

fn run(agent: &mut UserAgent, mut now: u64) {
    for _ in 0..64 {
        while agent.poll_output().is_some() {}
        let Some(at) = agent.poll_timeout() else {
            return;
        };
        now = now.max(at);
        agent.handle_timeout(now);
    }
}

/// What is read prints as something that reads the same; a user agent survives it.
fn wire(bytes: &[u8]) {
    match parse_message(bytes) {
        Ok(Message::Request(request)) => {
            if let Ok(Message::Request(again)) = parse_message(&request.to_bytes()) {
                assert_eq!(
                    (&again.method, &again.body),
                    (&request.method, &request.body)
                );
            }
            let _ = (request.contacts(), request.sdp(), request.reason_header());
        }
        Ok(Message::Response(response)) => {
            let again = parse_message(&response.to_bytes());
            assert!(matches!(again, Ok(Message::Response(again)) if again.body == response.body));
        }
        Err(_) => {}
    }
    for flow in udp().into_iter().chain([CONNECTION]) {
        let mut agent = agent();
        agent.handle_bytes(0, flow, bytes);
        agent.handle_bytes(1, flow, bytes);
        run(&mut agent, 1);
    }
}

/// A stream gives the same messages however it is cut.
fn stream(bytes: &[u8]) {
    let whole = frames(&[bytes]);
    let cut = bytes
        .first()
        .map_or(0, |first| usize::from(*first) % bytes.len());
    let (left, right) = bytes.split_at(cut);
    assert_eq!(whole, frames(&[left, right]));
}

/// The messages of a stream; keepalives may be grouped differently, they are left out.
fn frames(chunks: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut framer = StreamFramer::default();
    let mut found = Vec::new();
    for chunk in chunks {
        framer.push(0, chunk);
        loop {
            match framer.next_frame() {
                Ok(Some(frame)) if frame.len() > 4 => found.push(frame),
                Ok(Some(_)) => {}
                Ok(None) => break,
                Err(_) => return found,
            }
        }
    }
    found
}

fn uri(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(uri) = text.parse::<SipUri>() {
        let printed = uri.to_string();
        let again = printed.parse::<SipUri>().map(|uri| uri.to_string());
        assert_eq!(again.as_deref(), Ok(printed.as_str()));
    }
    if let Ok(addr) = text.parse::<NameAddr>() {
        assert!(addr.to_string().parse::<NameAddr>().is_ok());
    }
    if let Ok(via) = text.parse::<Via>() {
        let _ = (via.seen_as(), via.to_string());
    }
    let _ = text.parse::<SessionId>();
}

/// As a challenge, as credentials, and as what comes with a 200.
fn digest(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = AuthValue::parse_all(&text);
    let mut server = Authenticator::new("trubka", [1; 32]);
    let mut request = Request::new("REGISTER", SipUri::from_host("h"));
    request.add_header("Authorization", text.as_ref());
    let known = |_: &str| Some(Ha1::new("a", "trubka", "p"));
    assert!(
        server.verify(0, &request, known).is_err(),
        "nobody knows the password"
    );
    let Some(mut agent) = registering() else {
        return;
    };
    for (code, name) in [
        (401, "WWW-Authenticate"),
        (407, "Proxy-Authenticate"),
        (401, "WWW-Authenticate"),
        (200, "Authentication-Info"),
    ] {
        answer(&mut agent, code, name, &text);
    }
    run(&mut agent, 1);
}

fn registering() -> Option<UserAgent> {
    let mut agent = agent();
    let request = RegistrationRequest {
        flow: udp()?,
        registrar: SipUri::from_host("h"),
        aor: SipUri::new("a", "h"),
        contact: SipUri::new("a", "192.0.2.1"),
        contact_params: Vec::new(),
        credentials: Credentials::new("a", "p"),
        expires_secs: 600,
    };
    agent.register(0, request);
    Some(agent)
}

/// Answers the last request the agent has sent.
fn answer(agent: &mut UserAgent, code: u16, name: &str, value: &str) {
    let mut last = None;
    while let Some(output) = agent.poll_output() {
        if let sip_core::Output::Transmit { flow, bytes } = output {
            last = Some((flow, bytes));
        }
    }
    if let Some((flow, bytes)) = last
        && let Ok(Message::Request(request)) = parse_message(&bytes)
    {
        let response = Response::to_request(&request, code, "", Some("t")).with_header(name, value);
        agent.handle_bytes(0, flow, &response.to_bytes());
    }
}

fn rtp_packet(bytes: &[u8]) {
    let Some(packet) = rtp::Packet::parse(bytes) else {
        return;
    };
    assert!(packet.header_len + packet.payload.len() <= bytes.len());
    let mut out = Vec::new();
    packet.header().encode(packet.payload, &mut out);
    let again = rtp::Packet::parse(&out);
    assert_eq!(again.map(|again| again.payload), Some(packet.payload));
    let _ = dtmf::Event::parse(packet.payload);
    let mut samples = [0; 4096];
    let _ = g711::decode(packet.payload_type, packet.payload, &mut samples);
}

fn rtcp_packet(bytes: &[u8]) {
    for part in rtcp::parts(bytes) {
        if let rtcp::Part::Report(report) = part {
            report.blocks().for_each(drop);
        }
    }
}

#[cfg(feature = "media")]
fn sdp(bytes: &[u8]) {
    sip_gateway::media::fuzzing::sdp(&String::from_utf8_lossy(bytes));
}

#[cfg(feature = "media")]
fn stun(bytes: &[u8]) {
    sip_gateway::media::fuzzing::stun(bytes);
}

/// A connection gives the same packets however it is cut.
#[cfg(feature = "media")]
fn framing(bytes: &[u8]) {
    use sip_gateway::media::fuzzing::framing;
    let cut = bytes
        .first()
        .map_or(0, |first| usize::from(*first) % bytes.len());
    let (left, right) = bytes.split_at(cut);
    assert_eq!(framing(&[bytes]), framing(&[left, right]));
}

#[cfg(not(feature = "media"))]
fn framing(_: &[u8]) {}

#[cfg(not(feature = "media"))]
fn sdp(_: &[u8]) {}

#[cfg(not(feature = "media"))]
fn stun(_: &[u8]) {}
