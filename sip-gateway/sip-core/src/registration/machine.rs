//! Sending REGISTER and deciding when to send the next one.
//!
//! ```text
//!  Trying ──200──► Registered ──80–85 % of the time──► (REGISTER) ──200──► Registered
//!     ├──401/407──► again with credentials, once        │
//!     ├──423──────► again with Min-Expires              ├──else──► Failed ──back-off──► Trying
//!     ├──439──────► again without outbound              └──unregister──► Removed
//!     ├──403/404──► Failed (final)
//!     └──else─────► Failed ──back-off──► Trying
//! ```

use super::{
    Binding, RegistrationFailure, RegistrationHandle, RegistrationRequest, RegistrationState,
    failure::{self, back_off, is_final, retry_after},
    keepalive::Keepalive,
    outcome::{Granted, binding, seen_as},
};
use crate::{
    Event, Flow, Millis,
    digest::{Answer, ClientAuth},
    header::NameAddr,
    message::{Request, Response},
    stack::Stack,
    timers::Timer,
    transaction::{ClientId, Outcome, Owner},
    uri::SipUri,
};

/// How often one attempt may be repeated with a longer Expires.
const MAX_TOO_BRIEF: u8 = 2;

/// One registration.
pub struct Registration {
    handle: RegistrationHandle,
    wanted: RegistrationRequest,
    state: RegistrationState,
    call_id: String,
    tag: String,
    seq: u32,
    auth: ClientAuth,
    /// Proxies on the way.
    routes: Vec<NameAddr>,
    /// Seconds to ask for; 423 raises it.
    expires: u32,
    in_flight: Option<InFlight>,
    failures: u32,
    too_brief: u8,
    /// The shell wants it gone.
    removing: bool,
    /// The first proxy cannot do RFC 5626 (439).
    without_outbound: bool,
    binding: Option<Binding>,
    keepalive: Option<Keepalive>,
}

struct InFlight {
    client: ClientId,
    request: Request,
    sent_at: Millis,
    /// It asks for removal.
    removes: bool,
}

impl Registration {
    /// Sends the first REGISTER.
    pub fn start(
        handle: RegistrationHandle,
        wanted: RegistrationRequest,
        routes: Vec<NameAddr>,
        stack: &mut Stack,
    ) -> Self {
        let mut registration = Self {
            handle,
            routes,
            state: RegistrationState::Trying,
            call_id: stack.random.word(16),
            tag: stack.random.tag(),
            seq: 0,
            auth: ClientAuth::new(wanted.credentials.clone()),
            expires: wanted.expires_secs,
            wanted,
            in_flight: None,
            failures: 0,
            too_brief: 0,
            removing: false,
            without_outbound: false,
            binding: None,
            keepalive: None,
        };
        registration.transition(RegistrationState::Trying, stack);
        registration.send(stack);
        registration
    }

    /// The only writer of `state`.
    fn transition(&mut self, state: RegistrationState, stack: &mut Stack) {
        self.state = state.clone();
        stack.emit(Event::RegistrationChanged {
            registration: self.handle,
            state,
        });
    }

    /// What the registrar said last, while registered.
    pub fn binding(&self) -> Option<&Binding> {
        let registered = matches!(self.state, RegistrationState::Registered { .. });
        self.binding.as_ref().filter(|_| registered)
    }

    /// Sends REGISTER with another Contact, perhaps over another flow. The old binding runs out, or
    /// is replaced by its instance id (RFC 5626 §4.2).
    pub fn rebind(&mut self, flow: Flow, contact: SipUri, stack: &mut Stack) {
        let same = contact == self.wanted.contact;
        self.wanted.contact = contact;
        if let Some(in_flight) = self.in_flight.take_if(|_| !same && !self.removing) {
            stack.drop_client(in_flight.client);
        }
        self.refresh(Some(flow), stack);
    }

    /// The machine slept: the binding may be gone, timers are of no use (design: `Resumed`).
    pub fn resume(&mut self, stack: &mut Stack) {
        let is_final = matches!(self.state, RegistrationState::Failed { retry_at: None, .. });
        if !is_final {
            self.refresh(None, stack);
        }
    }

    /// Sends REGISTER now, perhaps over another flow.
    pub fn refresh(&mut self, flow: Option<Flow>, stack: &mut Stack) {
        if self.removing {
            return;
        }
        let moved = flow.is_some_and(|flow| flow != self.wanted.flow);
        self.wanted.flow = flow.unwrap_or(self.wanted.flow);
        if moved {
            self.without_outbound = false;
            self.stop_keepalive(stack);
        }
        // §10.2: no second REGISTER before the first is answered, except where the first cannot be.
        match self.in_flight.take() {
            Some(in_flight) if moved => stack.drop_client(in_flight.client),
            Some(in_flight) => {
                self.in_flight = Some(in_flight);
                return;
            }
            None => {}
        }
        self.failures = 0;
        if moved || !matches!(self.state, RegistrationState::Registered { .. }) {
            self.transition(RegistrationState::Trying, stack);
        }
        self.send(stack);
    }

    /// Sends REGISTER with expires 0, after the one under way.
    pub fn remove(&mut self, stack: &mut Stack) {
        self.removing = true;
        self.stop_keepalive(stack);
        if self.in_flight.is_none() {
            self.send(stack);
        }
    }

    /// The refresh or the next attempt is due.
    pub fn on_timer(&mut self, stack: &mut Stack) {
        if self.in_flight.is_some() || self.removing {
            return;
        }
        if matches!(self.state, RegistrationState::Failed { .. }) {
            self.transition(RegistrationState::Trying, stack);
        }
        self.send(stack);
    }

    fn send(&mut self, stack: &mut Stack) {
        stack.timers.cancel(Timer::Registration(self.handle));
        let mut request = self.build(stack);
        self.auth.begin(&mut request, &mut stack.random);
        self.transmit(request, stack);
    }

    fn transmit(&mut self, mut request: Request, stack: &mut Stack) {
        self.seq += 1;
        request.set_header("CSeq", format!("{} REGISTER", self.seq));
        let owner = Owner::Registration(self.handle);
        let client = stack.send_request(self.wanted.flow, request.clone(), owner);
        let removes = request.expires() == Some(0);
        self.in_flight = Some(InFlight {
            client,
            request,
            sent_at: stack.now,
            removes,
        });
    }

    fn build(&self, stack: &Stack) -> Request {
        let expires = if self.removing { 0 } else { self.expires };
        let aor = NameAddr::new(self.wanted.aor.clone());
        let mut request = Request::new("REGISTER", self.wanted.registrar.clone());
        for route in &self.routes {
            request.add_header("Route", route.to_string());
        }
        request.add_header("From", aor.clone().with_tag(&self.tag).to_string());
        request.add_header("To", aor.to_string());
        request.add_header("Call-ID", &self.call_id);
        request.add_header("CSeq", "0 REGISTER");
        request.add_header("Contact", self.contact(expires).to_string());
        request.add_header("Expires", expires.to_string());
        request.headers.extend(stack.allow_field());
        // RFC 3327 §5.1, RFC 5626 §4.2.1.
        let supported = match self.asks_outbound() {
            true => "path, outbound",
            false => "path",
        };
        request.add_header("Supported", supported);
        request
    }

    fn asks_outbound(&self) -> bool {
        !self.without_outbound
            && self
                .wanted
                .contact_params
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("reg-id"))
    }

    fn contact(&self, expires: u32) -> NameAddr {
        let mut contact = NameAddr::new(self.wanted.contact.clone());
        contact.params = self.wanted.contact_params.clone();
        if self.without_outbound {
            contact
                .params
                .retain(|(name, _)| !name.eq_ignore_ascii_case("reg-id"));
        }
        contact.with_param("expires", Some(&expires.to_string()))
    }

    /// What became of the REGISTER; `false` when this registration is no more.
    pub fn on_outcome(&mut self, outcome: Outcome, stack: &mut Stack) -> bool {
        let closed = matches!(outcome, Outcome::FlowClosed);
        let response = match outcome {
            Outcome::Response(response) if response.is_provisional() => return true,
            Outcome::Response(response) => response,
            Outcome::Timeout => Box::new(Response::new(408, "")),
            Outcome::FlowClosed => Box::new(Response::new(503, "Connection closed")),
        };
        let Some(in_flight) = self.in_flight.take() else {
            return true;
        };
        let (removes, sent_at) = (in_flight.removes, in_flight.sent_at);
        if self.retried(&response, in_flight.request, stack) {
            return true;
        }
        if self.removing {
            return self.after_removal(removes || !response.is_success(), stack);
        }
        match response.code {
            200..=299 => self.succeeded(&response, sent_at, stack),
            _ if closed => self.failed(&response, RegistrationFailure::ConnectionLost, None, stack),
            code => {
                let failure = failure::failure(code, self.auth.understands(&response));
                self.refused(&response, failure, stack);
            }
        }
        true
    }

    /// The connection is gone: the binding it carried is worth nothing until the shell names another
    /// flow. A REGISTER under way hears of it by itself.
    pub fn on_flow_closed(&mut self, flow: Flow, stack: &mut Stack) {
        let waits = matches!(
            self.state,
            RegistrationState::Registered { .. }
                | RegistrationState::Failed {
                    retry_at: Some(_),
                    ..
                }
        );
        if self.wanted.flow == flow && self.in_flight.is_none() && waits {
            stack.timers.cancel(Timer::Registration(self.handle));
            self.connection_lost("Connection closed", stack);
        }
    }

    fn connection_lost(&mut self, reason: &str, stack: &mut Stack) {
        let response = Response::new(503, reason);
        self.failed(&response, RegistrationFailure::ConnectionLost, None, stack);
    }

    /// A pong came, or any other sign of life of the registrar.
    pub fn on_pong(&mut self, flow: Flow, stack: &mut Stack) {
        if let Some(keepalive) = self.keepalive.as_mut().filter(|_| self.wanted.flow == flow) {
            keepalive.answered(self.handle, stack);
        }
    }

    /// The next ping is due, or the pong to the last one did not come (RFC 5626 §4.4.1).
    pub fn on_keepalive(&mut self, stack: &mut Stack) {
        let Some(keepalive) = self.keepalive.as_mut() else {
            return;
        };
        if keepalive.ping(self.handle, self.wanted.flow, stack) {
            return;
        }
        stack.timers.cancel(Timer::Registration(self.handle));
        self.connection_lost("No answer to keepalives", stack);
    }

    fn stop_keepalive(&mut self, stack: &mut Stack) {
        self.keepalive = None;
        stack.timers.cancel(Timer::Keepalive(self.handle));
    }

    /// Sends the same REGISTER again where the answer says how to.
    fn retried(&mut self, response: &Response, mut request: Request, stack: &mut Stack) -> bool {
        match response.code {
            401 | 407 => {
                let answer = self
                    .auth
                    .challenged(response, &mut request, &mut stack.random);
                if answer == Answer::GiveUp {
                    return false;
                }
                self.transmit(request, stack);
                true
            }
            // §10.2.8.
            423 if self.too_brief < MAX_TOO_BRIEF && !self.removing => {
                let Some(least) = failure::longer(response, self.expires) else {
                    return false;
                };
                self.too_brief += 1;
                self.expires = least;
                self.send(stack);
                true
            }
            // RFC 5626 §11.6.
            439 if self.asks_outbound() => {
                self.without_outbound = true;
                self.send(stack);
                true
            }
            _ => false,
        }
    }

    /// `remove` may have come while another REGISTER was under way: then its own is still to be sent.
    fn after_removal(&mut self, done: bool, stack: &mut Stack) -> bool {
        if done {
            self.transition(RegistrationState::Removed, stack);
        } else {
            self.send(stack);
        }
        !done
    }

    fn succeeded(&mut self, response: &Response, sent_at: Millis, stack: &mut Stack) {
        self.auth.accepted(response);
        let granted = Granted::read(response, &self.wanted).map_or(self.expires, |g| g.secs);
        if granted == 0 {
            self.refused(response, RegistrationFailure::NotBound, stack);
            return;
        }
        self.failures = 0;
        self.too_brief = 0;
        let time = Millis::from(granted) * 1000;
        let after = stack
            .random
            .between(time * 80 / 100, time * 85 / 100)
            .max(1);
        stack.set_timer(Timer::Registration(self.handle), after);
        self.keep_alive(response, stack);
        let round_trip = stack.now.saturating_sub(sent_at);
        let state = RegistrationState::Registered {
            expires_secs: granted,
            round_trip_ms: u32::try_from(round_trip).unwrap_or(u32::MAX),
            seen_as: seen_as(response),
        };
        self.transition(state, stack);
    }

    fn keep_alive(&mut self, response: &Response, stack: &mut Stack) {
        let binding = binding(response);
        self.stop_keepalive(stack);
        self.keepalive = binding
            .flow_timer_secs
            .map(|seconds| Keepalive::start(seconds, self.handle, stack));
        self.binding = Some(binding);
    }

    /// An answer that says no: tried again unless that is of no use.
    fn refused(&mut self, response: &Response, failure: RegistrationFailure, stack: &mut Stack) {
        let told = retry_after(response);
        if is_final(failure) && told.is_none() {
            self.failed(response, failure, None, stack);
            return;
        }
        let after = told.unwrap_or_else(|| back_off(self.failures, &mut stack.random));
        self.failures += 1;
        stack.set_timer(Timer::Registration(self.handle), after);
        let retry_at = stack.now.saturating_add(after);
        self.failed(response, failure, Some(retry_at), stack);
    }

    fn failed(
        &mut self,
        response: &Response,
        failure: RegistrationFailure,
        retry_at: Option<Millis>,
        stack: &mut Stack,
    ) {
        self.stop_keepalive(stack);
        let state = RegistrationState::Failed {
            code: response.code,
            reason: response.reason.clone(),
            failure,
            detail: failure::detail(response),
            retry_at,
        };
        self.transition(state, stack);
    }
}
