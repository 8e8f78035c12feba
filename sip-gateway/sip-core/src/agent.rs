//! The user agent: everything else in this crate behind one set of commands and events.

use crate::{
    CallOptions, Flow, InviteRequest, Millis, RegistrationHandle, RegistrationRequest,
    call::{Call, CallHandle, Draft},
    header::NameAddr,
    map::Map,
    message::Request,
    registration::{Binding, Registration},
    stack::Stack,
    transaction::Owner,
    uri::SipUri,
};

mod calls;
mod dispatch;
mod event;
mod extensions;
mod receive;

use calls::Calls;
pub use event::{Event, OutgoingHandle, Output, RequestHandle};

/// Fixed facts about this user agent.
#[derive(Debug, Clone)]
pub struct AgentConfig {
    /// Value of `User-Agent` and `Server`.
    pub product: String,
    /// `sent-by` of Via for datagrams, host and port as the peer should see them; browsers use a
    /// random `….invalid` name (RFC 7118 §5.1).
    pub via_host: String,
    /// Methods listed in `Allow`.
    pub allow: Vec<String>,
}

/// A SIP user agent on a virtual clock. See the crate's documentation for the rules of driving it.
pub struct UserAgent {
    stack: Stack,
    calls: Calls,
    registrations: Map<RegistrationHandle, Registration>,
}

impl UserAgent {
    /// A user agent; `seed` feeds every tag, branch, Call-ID, cnonce and jitter.
    #[must_use]
    pub fn new(config: AgentConfig, seed: [u8; 32]) -> Self {
        Self {
            stack: Stack::new(config, seed),
            calls: Calls::default(),
            registrations: Map::new(),
        }
    }

    /// One datagram or one WebSocket message arrived.
    pub fn handle_bytes(&mut self, now: Millis, flow: Flow, bytes: &[u8]) {
        self.tick(now);
        self.receive(flow, bytes);
    }

    /// A connection is gone: its transactions fail, calls stay until told otherwise.
    pub fn handle_flow_closed(&mut self, now: Millis, flow: Flow) {
        self.tick(now);
        for (owner, outcome) in self.stack.close_clients(flow) {
            self.deliver(owner, outcome);
        }
        for registration in self.registrations.values_mut() {
            registration.on_flow_closed(flow, &mut self.stack);
        }
    }

    /// The time [`Self::poll_timeout`] named has come (earlier calls do no harm).
    pub fn handle_timeout(&mut self, now: Millis) {
        self.tick(now);
        while let Some(timer) = self.stack.timers.pop_due(self.stack.now) {
            self.on_timer(timer);
        }
    }

    /// When [`Self::handle_timeout`] wants to be called next.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Millis> {
        self.stack.timers.next()
    }

    /// The next thing to send or to know.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.stack.poll_output()
    }

    /// Registers, and keeps registered until [`Self::unregister`].
    pub fn register(&mut self, now: Millis, request: RegistrationRequest) -> RegistrationHandle {
        self.register_through(now, request, Vec::new())
    }

    /// Like [`Self::register`], with these proxies in Route (RFC 3261 §8.1.2, §10.2).
    pub fn register_through(
        &mut self,
        now: Millis,
        request: RegistrationRequest,
        routes: Vec<NameAddr>,
    ) -> RegistrationHandle {
        self.tick(now);
        let handle = RegistrationHandle(self.stack.next_id());
        let registration = Registration::start(handle, request, routes, &mut self.stack);
        self.registrations.insert(handle, registration);
        handle
    }

    /// Sends the REGISTER again now; on another flow if one is given (a new connection, an address
    /// change, wake-up from sleep).
    pub fn refresh_registration(
        &mut self,
        now: Millis,
        registration: RegistrationHandle,
        flow: Option<Flow>,
    ) {
        self.tick(now);
        if let Some(found) = self.registrations.get_mut(&registration) {
            found.refresh(flow, &mut self.stack);
        }
    }

    /// The same with another Contact: our address changed, or differs from what the registrar saw.
    pub fn rebind_registration(
        &mut self,
        now: Millis,
        registration: RegistrationHandle,
        flow: Flow,
        contact: SipUri,
    ) {
        self.tick(now);
        if let Some(found) = self.registrations.get_mut(&registration) {
            found.rebind(flow, contact, &mut self.stack);
        }
    }

    /// Routes and keepalives the registrar asked for with its last 200; `None` while not registered.
    /// Requests over the line outside dialogs take its `service_route` (RFC 3608 §6.1).
    #[must_use]
    pub fn binding(&self, registration: RegistrationHandle) -> Option<&Binding> {
        self.registrations.get(&registration)?.binding()
    }

    /// The machine slept, or the shell finds its clock jumped: what was due is done, and every
    /// registration is made afresh (unless the registrar refused it for good).
    pub fn handle_resumed(&mut self, now: Millis) {
        self.handle_timeout(now);
        for registration in self.registrations.values_mut() {
            registration.resume(&mut self.stack);
        }
    }

    /// REGISTER with expires 0.
    pub fn unregister(&mut self, now: Millis, registration: RegistrationHandle) {
        self.tick(now);
        if let Some(found) = self.registrations.get_mut(&registration) {
            found.remove(&mut self.stack);
        }
    }

    /// Sends an INVITE.
    pub fn invite(&mut self, now: Millis, request: InviteRequest) -> CallHandle {
        let options = self.stack.call_options;
        self.invite_with(now, request, options)
    }

    /// Sends an INVITE whose call is run otherwise than the others.
    pub fn invite_with(
        &mut self,
        now: Millis,
        request: InviteRequest,
        options: CallOptions,
    ) -> CallHandle {
        self.tick(now);
        let handle = CallHandle(self.stack.next_id());
        let call = Call::start(handle, request, options, &mut self.stack);
        self.calls.insert(call);
        handle
    }

    /// Answers an INVITE provisionally (180, 183 with `sdp` for early media, 182), reliably where
    /// the caller demands it or [`CallOptions::reliable`] says so.
    pub fn ring(&mut self, now: Millis, call: CallHandle, code: u16, sdp: Option<String>) {
        self.with_call(now, call, |call, stack| call.ring(code, sdp, stack));
    }

    /// Answers an INVITE with 200; the 2xx is repeated until ACK.
    /// `headers` are added to the response.
    pub fn accept(
        &mut self,
        now: Millis,
        call: CallHandle,
        contact: SipUri,
        sdp: String,
        headers: Vec<(String, String)>,
    ) {
        self.with_call(now, call, |call, stack| {
            call.accept(contact, sdp, headers, stack)
        });
    }

    /// Answers an INVITE with a final code of 300 or above. `headers` for example WWW-Authenticate.
    pub fn reject(
        &mut self,
        now: Millis,
        call: CallHandle,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
    ) {
        self.with_call(now, call, |call, stack| {
            call.reject(code, reason, headers, stack)
        });
    }

    /// Ends the call whatever its state: CANCEL (or BYE if the 200 was faster), 603/487, or BYE.
    /// `reason` goes into a `Reason` header (RFC 3326), for example `SIP;cause=200;text="…"`.
    pub fn hang_up(&mut self, now: Millis, call: CallHandle, reason: Option<String>) {
        self.with_call(now, call, |call, stack| call.hang_up(reason, stack));
    }

    /// Sends the ACK to a 2xx that held the offer, with our answer, when the INVITE had no SDP.
    /// Call it after [`Event::Answered`]; until then the ACK is held back.
    pub fn answer_late_offer(&mut self, now: Millis, call: CallHandle, sdp: String) {
        self.with_call(now, call, |call, stack| call.answer_late_offer(sdp, stack));
    }

    /// Offers a changed session with re-INVITE. 491 is retried as RFC 3261 §14.1 says. An offer
    /// made while another is under way waits; of several that wait the last counts.
    pub fn reinvite(&mut self, now: Millis, call: CallHandle, sdp: String) {
        self.with_call(now, call, |call, stack| call.reinvite(sdp, stack));
    }

    /// Answers [`Event::ReOffer`] (with our offer if the peer asked for one).
    pub fn accept_reoffer(&mut self, now: Millis, call: CallHandle, sdp: String) {
        self.with_call(now, call, |call, stack| call.accept_reoffer(&sdp, stack));
    }

    /// Refuses [`Event::ReOffer`], usually with 488; the session stays as it was.
    pub fn reject_reoffer(&mut self, now: Millis, call: CallHandle, code: u16, reason: &str) {
        self.with_call(now, call, |call, stack| {
            call.reject_reoffer(code, reason, stack)
        });
    }

    /// Sends a request inside the call (INFO, …); the answer comes as [`Event::Response`].
    pub fn call_request(
        &mut self,
        now: Millis,
        call: CallHandle,
        method: &str,
        headers: Vec<(String, String)>,
        body: Option<(String, Vec<u8>)>,
    ) -> OutgoingHandle {
        self.tick(now);
        let handle = OutgoingHandle(self.stack.next_id());
        self.with_call_or_481(handle, call, |call, stack| {
            let method = method.to_owned();
            let draft = Draft {
                method,
                headers,
                body,
            };
            call.send_for_shell(handle, draft, stack);
        });
        handle
    }

    /// In-dialog requests of this call go over `flow` from now on (a new connection of the same
    /// client instance).
    pub fn move_call(&mut self, now: Millis, call: CallHandle, flow: Flow) {
        self.with_call(now, call, |call, stack| call.move_to(flow, stack));
    }

    /// Sends a request outside any call (OPTIONS, …). Via, From tag, Call-ID, CSeq and
    /// Max-Forwards are added where missing.
    pub fn request(&mut self, now: Millis, flow: Flow, request: Request) -> OutgoingHandle {
        self.tick(now);
        let handle = OutgoingHandle(self.stack.next_id());
        let request = self.stack.complete_request(request);
        self.stack
            .send_request(flow, request, Owner::Request(handle));
        handle
    }

    /// Answers [`Event::Request`] or [`Event::InCallRequest`]. `headers` and `body` are added to
    /// what RFC 3261 §8.2.6 copies from the request.
    pub fn respond(
        &mut self,
        now: Millis,
        handle: RequestHandle,
        code: u16,
        reason: &str,
        headers: Vec<(String, String)>,
        body: Option<(String, Vec<u8>)>,
    ) {
        self.tick(now);
        self.stack
            .answer_waiting(handle, code, reason, headers, body);
    }

    /// Requests over datagrams that begin from now on name `host` (and port) in their Via: the
    /// shell's address changed, or differs from network to network.
    pub fn set_via_host(&mut self, host: &str) {
        if self.stack.config.via_host != host {
            host.clone_into(&mut self.stack.config.via_host);
        }
    }

    /// Sends CRLF CRLF (RFC 5626 §4.4.1).
    pub fn ping(&mut self, now: Millis, flow: Flow) {
        self.tick(now);
        self.stack.transmit(flow, b"\r\n\r\n".to_vec());
    }
}
