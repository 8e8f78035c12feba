//! Two user agents on one virtual clock, with a network between them that delays, reorders and
//! loses what it is told to; and a hand-made peer for everything a user agent would not send.

use std::collections::BTreeMap;

use sip_core::{
    AgentConfig, CallHandle, Event, Flow, InviteRequest, Millis, Output, RegistrationRequest,
    StreamKind, UserAgent,
    digest::{Authenticator, Credentials, Ha1},
    header::NameAddr,
    message::{Message, Request, Response},
    uri::SipUri,
    wire::parse_message,
};

mod scenes;

pub use scenes::{HOLD, called, from_bob, literal_response, talking, talking_in};

pub const OFFER: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
pub const ANSWER: &str = "v=0\r\no=- 2 2 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 50000 RTP/AVP 8\r\n";

pub fn uri(text: &str) -> SipUri {
    text.parse().unwrap()
}

pub fn addr(text: &str) -> NameAddr {
    text.parse().unwrap()
}

pub fn udp(address: &str) -> Flow {
    Flow::Udp {
        remote: address.parse().unwrap(),
    }
}

pub fn ws(id: u64) -> Flow {
    Flow::Stream {
        kind: StreamKind::Ws,
        id,
    }
}

pub fn agent(host: &str, seed: u8) -> UserAgent {
    let allow = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, PRACK, REFER, NOTIFY";
    agent_allowing(host, seed, allow)
}

pub fn agent_allowing(host: &str, seed: u8, allow: &str) -> UserAgent {
    let config = AgentConfig {
        product: "Trubka test".into(),
        via_host: host.into(),
        allow: allow.split(", ").map(str::to_owned).collect(),
    };
    UserAgent::new(config, [seed; 32])
}

pub fn invite(flow: Flow) -> InviteRequest {
    InviteRequest {
        flow,
        target: uri("sip:bob@192.0.2.2"),
        from: addr("\"Alice\" <sip:alice@192.0.2.1>"),
        to: addr("<sip:bob@192.0.2.2>"),
        contact: uri("sip:alice@192.0.2.1:5060"),
        routes: Vec::new(),
        headers: vec![(
            "Session-ID".into(),
            "ab30317f1a784dc48ff824d0d3715d86".into(),
        )],
        sdp: Some(OFFER.into()),
        credentials: None,
        ring_timeout_ms: None,
    }
}

pub fn registration(flow: Flow, password: &str) -> RegistrationRequest {
    RegistrationRequest {
        flow,
        registrar: uri("sip:192.0.2.2"),
        aor: uri("sip:alice@192.0.2.2"),
        contact: uri("sip:alice@192.0.2.1:5060"),
        contact_params: vec![("+sip.instance".into(), Some("<urn:uuid:1>".into()))],
        credentials: Credentials::new("alice", password),
        expires_secs: 600,
    }
}

/// A small seeded generator for the network; the user agents have their own.
pub struct Dice(u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

/// Answers events as they come; returns nothing the network has to know.
pub type Script<'a> = dyn FnMut(Side, &Event, &mut UserAgent, Millis) + 'a;

pub struct Net {
    pub now: Millis,
    pub left: UserAgent,
    pub right: UserAgent,
    pub left_events: Vec<Event>,
    pub right_events: Vec<Event>,
    /// First lines of everything sent, with the sender.
    pub sent: Vec<(Side, String)>,
    pub loss_percent: u64,
    pub duplicate_percent: u64,
    /// Delay of a message in milliseconds, from and to.
    pub delay: (u64, u64),
    queue: BTreeMap<(Millis, u64), (Side, Flow, Vec<u8>)>,
    dice: Dice,
    order: u64,
}

impl Net {
    pub fn new(seed: u64) -> Self {
        Self {
            now: 1000,
            left: agent("192.0.2.1:5060", 1 + (seed % 100) as u8),
            right: agent("192.0.2.2:5060", 101 + (seed % 100) as u8),
            left_events: Vec::new(),
            right_events: Vec::new(),
            sent: Vec::new(),
            loss_percent: 0,
            duplicate_percent: 0,
            delay: (10, 10),
            queue: BTreeMap::new(),
            dice: Dice(seed.wrapping_mul(0x9e37_79b9).wrapping_add(7)),
            order: 0,
        }
    }

    pub fn to_right() -> Flow {
        udp("192.0.2.2:5060")
    }

    pub fn to_left() -> Flow {
        udp("192.0.2.1:5060")
    }

    /// Runs until nothing is due before `now + time`.
    pub fn run(&mut self, time: Millis) {
        self.run_with(time, &mut |_, _, _, _| {});
    }

    pub fn run_with(&mut self, time: Millis, script: &mut Script<'_>) {
        let end = self.now + time;
        self.drain(script);
        while let Some(next) = self.next().filter(|next| *next <= end) {
            self.now = self.now.max(next);
            self.deliver_due();
            let now = self.now;
            self.drain(script);
            if self.left.poll_timeout().is_some_and(|at| at <= now) {
                self.left.handle_timeout(now);
            }
            if self.right.poll_timeout().is_some_and(|at| at <= now) {
                self.right.handle_timeout(now);
            }
            self.drain(script);
        }
        self.now = end;
    }

    fn next(&self) -> Option<Millis> {
        let arrival = self.queue.keys().next().map(|(at, _)| *at);
        [arrival, self.left.poll_timeout(), self.right.poll_timeout()]
            .into_iter()
            .flatten()
            .min()
    }

    fn deliver_due(&mut self) {
        while let Some(entry) = self
            .queue
            .first_entry()
            .filter(|entry| entry.key().0 <= self.now)
        {
            let (to, flow, bytes) = entry.remove();
            match to {
                Side::Left => self.left.handle_bytes(self.now, flow, &bytes),
                Side::Right => self.right.handle_bytes(self.now, flow, &bytes),
            }
        }
    }

    fn drain(&mut self, script: &mut Script<'_>) {
        loop {
            let (side, output) = match self.left.poll_output() {
                Some(output) => (Side::Left, output),
                None => match self.right.poll_output() {
                    Some(output) => (Side::Right, output),
                    None => return,
                },
            };
            match output {
                Output::Transmit { flow, bytes } => self.post(side, flow, bytes),
                Output::Event(event) => {
                    let agent = match side {
                        Side::Left => &mut self.left,
                        Side::Right => &mut self.right,
                    };
                    script(side, &event, agent, self.now);
                    match side {
                        Side::Left => self.left_events.push(event),
                        Side::Right => self.right_events.push(event),
                    }
                }
            }
        }
    }

    fn post(&mut self, from: Side, flow: Flow, bytes: Vec<u8>) {
        let text = String::from_utf8_lossy(&bytes);
        self.sent
            .push((from, text.lines().next().unwrap_or_default().to_owned()));
        let lossy = !flow.is_reliable();
        if lossy && self.dice.below(100) < self.loss_percent {
            return;
        }
        let copies = if lossy && self.dice.below(100) < self.duplicate_percent {
            2
        } else {
            1
        };
        for _ in 0..copies {
            self.enqueue(from, flow, bytes.clone());
        }
    }

    fn enqueue(&mut self, from: Side, flow: Flow, bytes: Vec<u8>) {
        let lossy = !flow.is_reliable();
        let (to, seen) = match from {
            Side::Left => (Side::Right, Self::to_left()),
            Side::Right => (Side::Left, Self::to_right()),
        };
        let seen = if lossy { seen } else { flow };
        let spread = if lossy {
            self.dice.below(self.delay.1 - self.delay.0 + 1)
        } else {
            0
        };
        self.order += 1;
        self.queue.insert(
            (self.now + self.delay.0 + spread, self.order),
            (to, seen, bytes),
        );
    }

    pub fn sent_by(&self, side: Side, start: &str) -> usize {
        self.sent
            .iter()
            .filter(|(from, line)| *from == side && line.starts_with(start))
            .count()
    }

    pub fn incoming_call(&self) -> CallHandle {
        incoming(&self.right_events).unwrap()
    }
}

pub fn incoming(events: &[Event]) -> Option<CallHandle> {
    events.iter().find_map(|event| match event {
        Event::IncomingInvite(invite) => Some(invite.call),
        _ => None,
    })
}

pub fn ended(events: &[Event]) -> Vec<(sip_core::EndedBy, u16, String)> {
    events
        .iter()
        .filter_map(|event| match event {
            Event::Ended { by, cause, .. } => Some((*by, cause.code, cause.reason.clone())),
            _ => None,
        })
        .collect()
}

/// A registrar that challenges; answers every REGISTER event.
pub struct Registrar {
    pub auth: Authenticator,
    pub granted: u32,
}

impl Registrar {
    pub fn new() -> Self {
        Self {
            auth: Authenticator::new("test", [9; 32]),
            granted: 600,
        }
    }

    pub fn answer(&mut self, event: &Event, agent: &mut UserAgent, now: Millis) {
        let Event::Request {
            handle, request, ..
        } = event
        else {
            return;
        };
        let lookup = |user: &str| (user == "alice").then(|| Ha1::new("alice", "test", "secret"));
        match self.auth.verify(now, request, lookup) {
            Ok(_) => {
                let headers = self.bindings(request);
                agent.respond(now, *handle, 200, "", headers, None);
            }
            Err(sip_core::digest::AuthError::Challenge { stale }) => {
                let headers = self.auth.challenges(now, stale);
                agent.respond(now, *handle, 401, "", headers, None);
            }
            Err(_) => agent.respond(now, *handle, 403, "", Vec::new(), None),
        }
    }

    fn bindings(&self, request: &Request) -> Vec<(String, String)> {
        if request.expires() == Some(0) {
            return Vec::new();
        }
        let contact = request.contact().unwrap();
        let ours = contact.with_param("expires", Some(&self.granted.to_string()));
        vec![(
            "Contact".into(),
            format!("<sip:other@192.0.2.9>;expires=3600, {ours}"),
        )]
    }
}

/// A user agent whose peer is the test itself.
pub struct Bench {
    pub now: Millis,
    pub agent: UserAgent,
    pub events: Vec<Event>,
    pub sent: Vec<Message>,
    /// CRLF CRLF sent.
    pub pings: usize,
    pub flow: Flow,
}

impl Bench {
    pub fn new() -> Self {
        Self::over(udp("192.0.2.2:5060"))
    }

    pub fn over(flow: Flow) -> Self {
        let agent = agent("192.0.2.1:5060", 5);
        Self {
            now: 1000,
            agent,
            events: Vec::new(),
            sent: Vec::new(),
            pings: 0,
            flow,
        }
    }

    pub fn drain(&mut self) {
        while let Some(output) = self.agent.poll_output() {
            match output {
                Output::Event(event) => self.events.push(event),
                Output::Transmit { bytes, .. } => {
                    self.pings += usize::from(bytes == b"\r\n\r\n");
                    if let Ok(message) = parse_message(&bytes) {
                        self.sent.push(message);
                    }
                }
            }
        }
    }

    pub fn run(&mut self, time: Millis) {
        let end = self.now + time;
        self.drain();
        while let Some(at) = self.agent.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.agent.handle_timeout(self.now);
            self.drain();
        }
        self.now = end;
    }

    pub fn receive(&mut self, message: impl Into<Vec<u8>>) {
        self.agent
            .handle_bytes(self.now, self.flow, &message.into());
        self.drain();
    }

    pub fn respond(&mut self, request: &Request, code: u16, tag: &str, fields: &[(&str, &str)]) {
        let mut response = Response::to_request(request, code, "", Some(tag));
        for (name, value) in fields {
            response.add_header(name, *value);
        }
        self.receive(response.to_bytes());
    }

    /// A 200 with Contact and answer.
    pub fn answer(&mut self, request: &Request, tag: &str) {
        let response = Response::to_request(request, 200, "", Some(tag))
            .with_header("Contact", "<sip:bob@192.0.2.2:5070>")
            .with_body("application/sdp", ANSWER);
        self.receive(response.to_bytes());
    }

    pub fn requests(&self, method: &str) -> Vec<Request> {
        self.sent
            .iter()
            .filter_map(|message| match message {
                Message::Request(request) if request.method == method => Some(request.clone()),
                _ => None,
            })
            .collect()
    }

    pub fn last(&self, method: &str) -> Request {
        self.requests(method)
            .pop()
            .unwrap_or_else(|| panic!("no {method} was sent"))
    }

    pub fn codes(&self) -> Vec<u16> {
        self.responses()
            .iter()
            .map(|response| response.code)
            .collect()
    }

    pub fn responses(&self) -> Vec<Response> {
        self.sent
            .iter()
            .filter_map(|message| match message {
                Message::Response(response) => Some(response.clone()),
                Message::Request(_) => None,
            })
            .collect()
    }
}

/// A request of a hand-made peer.
pub fn peer_request(method: &str, branch: &str, seq: u32, to_tag: Option<&str>) -> Request {
    let mut request = Request::new(method, uri("sip:alice@192.0.2.1"));
    let to = to_tag.map_or(String::new(), |tag| format!(";tag={tag}"));
    for (name, value) in [
        (
            "Via",
            format!("SIP/2.0/UDP 192.0.2.2:5060;branch=z9hG4bK{branch};rport"),
        ),
        ("Max-Forwards", "70".into()),
        ("From", "<sip:bob@192.0.2.2>;tag=peer".into()),
        ("To", format!("<sip:alice@192.0.2.1>{to}")),
        ("Call-ID", "peer-call".into()),
        ("CSeq", format!("{seq} {method}")),
        ("Contact", "<sip:bob@192.0.2.2:5070>".into()),
    ] {
        request.add_header(name, value);
    }
    request
}
