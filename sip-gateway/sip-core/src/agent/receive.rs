//! What to do with bytes that came in (RFC 3261 §8.2, §18.2).

use super::UserAgent;
use crate::{
    Event, Flow,
    call::{Call, CallHandle},
    header::split_list,
    message::{
        Message, Request, Response,
        check::{Refusal, refusal},
    },
    transaction::{Arrival, ServerId},
    wire::{Frame, ReadError, classify, parse_message},
};

/// Option tags that may stand in the `Require` of a request: what they ask for is done here or by
/// the shell, or does no harm undone.
const KNOWN_OPTIONS: [&str; 7] = [
    "path",
    "replaces",
    "timer",
    "norefersub",
    "histinfo",
    "outbound",
    "gruu",
];

impl UserAgent {
    pub(super) fn receive(&mut self, flow: Flow, bytes: &[u8]) {
        match classify(bytes) {
            Frame::Ping => {
                self.stack.transmit(flow, b"\r\n".to_vec());
                self.stack.emit(Event::Ping { flow });
            }
            Frame::Pong => {
                for registration in self.registrations.values_mut() {
                    registration.on_pong(flow, &mut self.stack);
                }
                self.stack.emit(Event::Pong { flow });
            }
            Frame::Keepalive => {}
            Frame::Message => match parse_message(bytes) {
                Ok(Message::Request(request)) => self.receive_request(flow, request),
                Ok(Message::Response(response)) => self.receive_response(flow, response),
                Err(error) => self.receive_garbage(flow, error),
            },
        }
    }

    fn receive_response(&mut self, flow: Flow, response: Response) {
        let unreadable = response
            .via()
            .map(|_| ())
            .and(response.cseq().map(|_| ()))
            .err();
        if let Some(error) = unreadable {
            self.stack.emit(Event::Malformed {
                flow,
                reason: error.to_string(),
            });
            return;
        }
        if let Some((owner, outcome)) = self.stack.receive_response(response) {
            self.deliver(owner, outcome);
        }
    }

    fn receive_garbage(&mut self, flow: Flow, error: ReadError) {
        let reason = error.to_string();
        if let ReadError::BadRequest { code, partial, .. } = error {
            let refusal = Refusal {
                code,
                reason: reason.clone(),
                headers: Vec::new(),
            };
            self.answer_bad(flow, *partial, refusal);
        }
        self.stack.emit(Event::Malformed { flow, reason });
    }

    /// Answers without a transaction what can be answered at all.
    fn answer_bad(&mut self, flow: Flow, mut request: Request, refusal: Refusal) {
        if request.method == "ACK" || request.header("Via").is_none() {
            return;
        }
        note_source(flow, &mut request);
        let tag = self.stack.random.tag();
        let mut response = self
            .stack
            .response(&request, refusal.code, &refusal.reason, &tag);
        response.headers.extend(refusal.headers);
        self.stack.transmit(flow, response.to_bytes());
    }

    fn receive_request(&mut self, flow: Flow, mut request: Request) {
        if let Some(refusal) = refusal(&request) {
            let is_bad = refusal.code == 400;
            let reason = refusal.reason.clone();
            self.answer_bad(flow, request, refusal);
            if is_bad {
                self.stack.emit(Event::Malformed { flow, reason });
            }
            return;
        }
        note_source(flow, &mut request);
        match self.stack.receive_request(flow, &request) {
            Arrival::Absorbed => {}
            Arrival::Ack => {
                if let Some(call) = self.calls.find(&request) {
                    self.with_call(0, call, |call, stack| call.on_ack(&request, stack));
                }
            }
            Arrival::New(server) => self.receive_new(flow, server, request),
        }
    }

    fn receive_new(&mut self, flow: Flow, server: ServerId, request: Request) {
        let in_dialog = request.to_header().is_ok_and(|to| to.tag().is_some());
        let unsupported = unsupported_options(&request);
        if !unsupported.is_empty() && !["CANCEL", "INVITE"].contains(&request.method.as_str()) {
            self.refuse_options(server, &request, &unsupported);
            return;
        }
        match request.method.as_str() {
            "CANCEL" => self.receive_cancel(server, &request),
            "REGISTER" => self.receive_for_shell(flow, server, request),
            _ if in_dialog => self.receive_in_dialog(server, request),
            "INVITE" => self.receive_invite(flow, server, request),
            // These make sense inside a dialog only.
            "BYE" | "UPDATE" | "PRACK" | "INFO" => self.stack.reply(server, &request, 481),
            _ => self.receive_for_shell(flow, server, request),
        }
    }

    fn receive_for_shell(&mut self, flow: Flow, server: ServerId, request: Request) {
        let handle = self.stack.wait_for_shell(server, request.clone());
        self.stack.emit(Event::Request {
            handle,
            flow,
            request: Box::new(request),
        });
    }

    fn receive_in_dialog(&mut self, server: ServerId, request: Request) {
        match self.calls.find(&request) {
            Some(call) => {
                self.with_call(0, call, |call, stack| {
                    call.on_request(server, request, stack)
                });
            }
            None => self.stack.reply(server, &request, 481),
        }
    }

    /// §9.2.
    fn receive_cancel(&mut self, server: ServerId, cancel: &Request) {
        let Some((invite, call)) = self.stack.cancelled_invite(cancel) else {
            self.stack.reply(server, cancel, 481);
            return;
        };
        self.stack.reply(server, cancel, 200);
        if let Some(call) = call {
            self.with_call(0, call, |call, stack| call.on_cancel(invite, cancel, stack));
        }
    }

    fn receive_invite(&mut self, flow: Flow, server: ServerId, request: Request) {
        if self.calls.has_merged(&request) {
            self.stack.reply(server, &request, 482);
            return;
        }
        let unsupported = unsupported_options(&request);
        if !unsupported.is_empty() {
            self.refuse_options(server, &request, &unsupported);
            return;
        }
        let timers = self.stack.call_options.timers;
        if let Some(least) = timers.and_then(|timers| timers.too_brief(&request)) {
            let tag = self.stack.random.tag();
            let response = self.stack.response(&request, 422, "", &tag);
            let response = response.with_header("Min-SE", least.to_string());
            self.stack.respond(server, &response);
            return;
        }
        let handle = CallHandle(self.stack.next_id());
        let replaces = self.calls.replaced_by(&request);
        let copy = request.clone();
        match Call::receive(handle, flow, server, copy, replaces, &mut self.stack) {
            Some(call) => self.calls.insert(call),
            None => self.stack.reply(server, &request, 400),
        }
    }

    /// §8.2.2.3.
    fn refuse_options(&mut self, server: ServerId, request: &Request, unsupported: &str) {
        let tag = self.stack.random.tag();
        let response = self.stack.response(request, 420, "", &tag);
        self.stack
            .respond(server, &response.with_header("Unsupported", unsupported));
    }
}

fn unsupported_options(request: &Request) -> String {
    let is_unknown = |option: &&str| {
        let known = |known: &&str| known.eq_ignore_ascii_case(option);
        let reliable = cfg!(feature = "gateway") && known(&"100rel");
        !reliable && !KNOWN_OPTIONS.iter().any(known)
    };
    request
        .header_values("Require")
        .filter(is_unknown)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Notes in the topmost Via where a datagram came from (§18.2.1, RFC 3581). On a connection the
/// answer goes back over it, whatever Via says.
fn note_source(flow: Flow, request: &mut Request) {
    let (Flow::Udp { remote }, Ok(mut via)) = (flow, request.via()) else {
        return;
    };
    via.note_source(remote);
    let Some((_, field)) = request
        .headers
        .iter_mut()
        .find(|(name, _)| name.eq_ignore_ascii_case("Via"))
    else {
        return;
    };
    let mut hops: Vec<String> = split_list(field).map(str::to_owned).collect();
    if let Some(top) = hops.first_mut() {
        *top = via.to_string();
    }
    *field = hops.join(", ");
}
