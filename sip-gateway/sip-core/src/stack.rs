//! What calls and registrations stand on: clock, randomness, timers, transactions and the outputs.

use std::collections::VecDeque;

use crate::{
    AgentConfig, CallOptions, Event, Flow, Millis, Output, RequestHandle,
    header::NameAddr,
    map::Map,
    message::{Request, Response},
    random::Random,
    timers::{PATIENCE, Timer, Timers},
    transaction::{ServerId, Transactions},
    uri::SipUri,
};

pub struct Stack {
    pub config: AgentConfig,
    /// For calls that begin from now on.
    pub call_options: CallOptions,
    pub random: Random,
    /// The latest time the shell has told.
    pub now: Millis,
    pub timers: Timers,
    pub transactions: Transactions,
    waiting: Map<RequestHandle, Waiting>,
    outputs: VecDeque<Output>,
    last_id: u64,
}

/// A request that waits for the shell's answer.
struct Waiting {
    server: ServerId,
    request: Request,
}

impl Stack {
    pub fn new(config: AgentConfig, seed: [u8; 32]) -> Self {
        Self {
            config,
            call_options: CallOptions::default(),
            random: Random::new(seed),
            now: 0,
            timers: Timers::default(),
            transactions: Transactions::default(),
            waiting: Map::new(),
            outputs: VecDeque::new(),
            last_id: 0,
        }
    }

    /// A number never given out before.
    pub fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub fn emit(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    pub fn transmit(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.outputs.push_back(Output::Transmit { flow, bytes });
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn set_timer(&mut self, timer: Timer, after: Millis) {
        self.timers.set(timer, self.now.saturating_add(after));
    }

    /// Fields every request of ours carries. `Max-Forwards` comes first: proxies look for it.
    pub fn dress_request(&self, request: &mut Request) {
        if request.header("Max-Forwards").is_none() {
            request
                .headers
                .insert(0, ("Max-Forwards".into(), "70".into()));
        }
        if request.header("User-Agent").is_none() && !self.config.product.is_empty() {
            request.add_header("User-Agent", &self.config.product);
        }
    }

    /// Adds what RFC 3261 §8.1.1 demands of a request outside any dialog, where it is missing.
    pub fn complete_request(&mut self, mut request: Request) -> Request {
        let tag = self.random.tag();
        let from = match request.from_header() {
            Ok(from) if from.tag().is_some() => from,
            Ok(from) => from.with_tag(&tag),
            Err(_) => NameAddr::new(SipUri::new("anonymous", "anonymous.invalid")).with_tag(&tag),
        };
        request.set_header("From", from.to_string());
        if request.header("To").is_none() {
            request.add_header("To", NameAddr::new(request.uri.clone()).to_string());
        }
        if request.call_id().is_none() {
            request.set_header("Call-ID", self.random.word(16));
        }
        if request.cseq().map(|cseq| cseq.method).ok().as_deref() != Some(&request.method) {
            request.set_header("CSeq", format!("1 {}", request.method));
        }
        request
    }

    /// `Allow`, where it belongs and is not there yet.
    pub fn allow_field(&self) -> Option<(String, String)> {
        let list = self.config.allow.join(", ");
        (!list.is_empty()).then(|| ("Allow".into(), list))
    }

    /// A response to `request` with our `Server`.
    pub fn response(&self, request: &Request, code: u16, reason: &str, tag: &str) -> Response {
        let tag = (code > 100).then_some(tag);
        let mut response = Response::to_request(request, code, reason, tag);
        if code > 100 && !self.config.product.is_empty() {
            response.add_header("Server", &self.config.product);
        }
        response
    }

    /// Answers a request without a body.
    pub fn reply(&mut self, server: ServerId, request: &Request, code: u16) {
        let tag = self.random.tag();
        let response = self.response(request, code, "", &tag);
        self.respond(server, &response);
    }

    /// Keeps a request until the shell answers it.
    pub fn wait_for_shell(&mut self, server: ServerId, request: Request) -> RequestHandle {
        let handle = RequestHandle(self.next_id());
        self.waiting.insert(handle, Waiting { server, request });
        self.set_timer(Timer::Waiting(handle), PATIENCE);
        handle
    }

    /// The shell took too long; the peer has given up by now (RFC 4320 §4.1: no 408).
    pub fn forget_waiting(&mut self, handle: RequestHandle) {
        if let Some(waiting) = self.waiting.remove(&handle) {
            self.drop_server(waiting.server);
        }
    }

    /// Answers what [`Self::wait_for_shell`] kept.
    pub fn answer_waiting(
        &mut self,
        handle: RequestHandle,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
        body: Option<(String, Vec<u8>)>,
    ) {
        let Some(waiting) = self.waiting.get(&handle) else {
            return;
        };
        let tag = self.random.tag();
        let mut response = self.response(&waiting.request, code, reason, &tag);
        let wants_allow = code == 405 || (waiting.request.method == "OPTIONS" && code == 200);
        let server = waiting.server;
        response.headers.extend(headers);
        if wants_allow && response.header("Allow").is_none() {
            response.headers.extend(self.allow_field());
        }
        if let Some((content_type, body)) = body {
            response = response.with_body(&content_type, body);
        }
        if code >= 200 {
            self.waiting.remove(&handle);
            self.timers.cancel(Timer::Waiting(handle));
        }
        self.respond(server, &response);
    }
}
