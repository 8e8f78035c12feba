//! The legs of calls: which conversation a SIP handle belongs to, and orders and events between
//! the two.

use sip_core::{
    CallHandle, EndedBy, Event, Flow, IncomingRefer, InviteRequest, Replaced, SipCause,
    dtmf::{Key, KeyStyle},
    header::{NameAddr, Replaces},
};

use super::{
    AgentTask,
    call_table::{Phone, Route},
    invitations,
    large::{self, Large},
};
use crate::{
    calls::{
        CallOrder, Destination, Input, Invitation, LegInput, LegKey, LegOrder, Purpose, Referral,
        Wanted, identity,
    },
    lines::Link,
    ports::{CallEvent, CallId, LineId, LineState},
};

/// How long a key of ours is said to be down, milliseconds.
const KEY_MS: u32 = 160;

impl AgentTask {
    pub(super) fn call_order(&mut self, call: CallId, order: CallOrder) {
        match order {
            CallOrder::Leg(number, order) => self.leg_order((call, number), order),
            CallOrder::Find(extensions) => {
                let targets = self.registrar.targets(self.clock.now(), &extensions);
                if let Some(entry) = self.calls.entries.get_mut(&call) {
                    entry.finding = extensions;
                }
                self.calls.tell(call, Input::Targets(targets));
            }
            CallOrder::FindNoMore => {
                if let Some(entry) = self.calls.entries.get_mut(&call) {
                    entry.finding.clear();
                }
            }
            CallOrder::Media(leg) => {
                self.calls.media.insert(leg, call);
            }
            CallOrder::TakeFrom {
                of: (other, leg),
                asker,
            } => {
                if self.calls.entries.contains_key(&other) {
                    self.calls.tell(other, Input::GiveAway { leg, asker });
                } else {
                    let (code, reason) = (481, "The other call is over");
                    self.calls.tell(call, Input::NotGiven { code, reason });
                }
            }
            CallOrder::HandOver { leg, to, handed } => {
                let orphan = self.calls.hand_over((call, leg), to, handed);
                if let Some((handle, media)) = orphan {
                    if let Some(handle) = handle {
                        self.ua.hang_up(self.clock.now(), handle, None);
                    }
                    self.services.engine.close(media);
                }
            }
            CallOrder::Keep { from, code, reason } => {
                self.calls.tell(from, Input::NotGiven { code, reason });
            }
            CallOrder::Park => {
                let slot = self.calls.park(call);
                self.calls.tell(call, Input::ParkedIn(slot));
            }
            CallOrder::Unpark => self.calls.unpark(call),
            CallOrder::Forward(other, input) => self.calls.tell(other, *input),
            CallOrder::Over => {
                self.forget_waiting(|waiting| waiting.0 == call);
                self.calls.over(call);
                self.show_calls();
            }
            CallOrder::Abandon => {
                for handle in self.calls.handles_of(call) {
                    self.ua.hang_up(self.clock.now(), handle, None);
                }
                for leg in self.calls.media_of(call) {
                    self.services.engine.close(leg);
                }
                self.calls.over(call);
                self.show_calls();
            }
        }
    }

    /// Invitations that wait for a connection and are not wanted any more: nobody would be there to
    /// hear who answers, nor to end it.
    fn forget_waiting(&mut self, is_it: impl Fn(&LegKey) -> bool) {
        self.attempts.retain(|key, _| !is_it(key));
        for path in self.large.values_mut() {
            if let Large::Connecting(_, waiting) = path {
                waiting.retain(|(key, _)| !is_it(key));
            }
        }
    }

    fn leg_order(&mut self, key: LegKey, order: LegOrder) {
        let order = match order {
            LegOrder::Invite(invitation) => return self.invite(key, *invitation),
            order => order,
        };
        // The leg may have ended while the order was on its way.
        let Some((handle, flow)) = self
            .calls
            .routes
            .get(&key)
            .map(|route| (route.handle, route.flow))
        else {
            if matches!(order, LegOrder::HangUp { .. } | LegOrder::Reject { .. }) {
                self.forget_waiting(|waiting| *waiting == key);
            }
            return;
        };
        let host = self.turn_to(flow);
        let now = self.clock.now();
        match order {
            LegOrder::Invite(_) => {}
            LegOrder::Ring { code, sdp } => self.ua.ring(now, handle, code, sdp),
            LegOrder::Accept { sdp } => {
                let contact = self.contact(key, flow, host);
                let headers = vec![("Session-ID".to_owned(), identity::session_id(key.0))];
                self.ua.accept(now, handle, contact, sdp, headers);
            }
            LegOrder::Reject { code, reason } => {
                self.ua.reject(now, handle, code, &reason, Vec::new())
            }
            LegOrder::HangUp { code, reason } => {
                let text: String = reason
                    .chars()
                    .filter(|c| !matches!(c, '"' | '\\'))
                    .collect();
                self.ua.hang_up(
                    now,
                    handle,
                    Some(format!("SIP;cause={code};text=\"{text}\"")),
                );
            }
            LegOrder::AcceptReoffer { sdp } => self.ua.accept_reoffer(now, handle, sdp),
            LegOrder::RejectReoffer { code, reason } => {
                self.ua.reject_reoffer(now, handle, code, reason)
            }
            LegOrder::ReOffer { sdp } => self.ua.reinvite(now, handle, sdp),
            LegOrder::Press { digit } => {
                let key = Key {
                    symbol: digit,
                    duration_ms: KEY_MS,
                };
                self.ua.send_key(now, handle, key, KeyStyle::Relay);
            }
            LegOrder::Respond {
                handle,
                code,
                reason,
            } => self
                .ua
                .respond(now, handle, code, &reason, Vec::new(), None),
            LegOrder::AcceptRefer(refer) => self.ua.accept_refer(now, handle, refer),
            LegOrder::NotifyRefer {
                handle: refer,
                code,
                reason,
            } => self.ua.notify_refer(now, handle, refer, code, &reason),
        }
    }

    /// Makes messages on `flow` name the address its peer sees of us, and tells that address.
    pub(super) fn turn_to(&mut self, flow: Flow) -> crate::config::SipAddress {
        let peer = self
            .transports
            .peer(flow)
            .map_or(std::net::Ipv4Addr::LOCALHOST.into(), |peer| peer.ip());
        let address = self.locals.over(flow, peer);
        self.ua.set_via_host(&address.to_string());
        address
    }

    fn contact(
        &self,
        key: LegKey,
        flow: Flow,
        host: crate::config::SipAddress,
    ) -> sip_core::uri::SipUri {
        let contact =
            sip_core::uri::SipUri::new(key.0.simple().to_string(), host.host).with_port(host.port);
        match invitations::transport_param(flow) {
            Some(word) => contact.with_param("transport", Some(word)),
            None => contact,
        }
    }

    pub(super) fn invite(&mut self, key: LegKey, invitation: Invitation) {
        let request = match &invitation.to {
            Destination::Phone(target) => {
                let host = self.turn_to(target.flow);
                let phone = Some(Phone {
                    extension: target.extension.clone(),
                    identity: target.identity(),
                    boot: Some(target.boot.clone()),
                });
                let request = invitations::to_phone(key.0, target, &invitation, host);
                Ok((request, phone, None))
            }
            Destination::Line(attempt) => {
                match self.invite_over_line(key, attempt.clone(), &invitation) {
                    Ok(Some(request)) => Ok((request, None, Some(attempt.line))),
                    Ok(None) => return, // it waits for a connection
                    Err(reason) => Err(SipCause { code: 503, reason }),
                }
            }
        };
        match request {
            Ok((request, phone, line)) => {
                let flow = request.flow;
                let handle = self.ua.invite(self.clock.now(), request);
                let route = Route {
                    handle,
                    flow,
                    owner: phone.as_ref().map(|phone| phone.extension.clone()),
                    phone,
                    line,
                };
                self.calls.route(key, route);
                self.tell_usage(line);
                if let Some(line) = line {
                    self.target_tried(key, line, flow, &invitation);
                }
            }
            Err(cause) => {
                self.target_settled(key);
                let ended = LegInput::Ended {
                    by: EndedBy::Failure,
                    cause,
                };
                self.calls.tell(key.0, Input::Leg(key.1, ended));
            }
        }
    }

    /// The INVITE over a line; `None` when it waits for a connection that takes its size.
    fn invite_over_line(
        &mut self,
        key: LegKey,
        attempt: crate::ports::LineAttempt,
        invitation: &Invitation,
    ) -> Result<Option<InviteRequest>, String> {
        let usual = self.usable_line(attempt.line, invitation.emergency)?;
        let usual = self.target_of(key).unwrap_or(usual);
        let host = self.turn_to(usual);
        let worded = |task: &Self, flow, host| {
            let line = task.lines.get(attempt.line);
            let line = line.ok_or("The line was removed")?;
            let mut request = invitations::to_network(line, flow, &attempt, invitation, host);
            // RFC 3608 §6.1: the registrar's routes come after a proxy of our own.
            let binding = line.registration.and_then(|handle| task.ua.binding(handle));
            let told = binding.map_or(&[][..], |binding| &binding.service_route);
            let named = |own: &NameAddr| told.iter().any(|route| route.uri.same_address(&own.uri));
            request.routes.retain(|own| !named(own));
            request.routes.extend_from_slice(told);
            Ok::<_, String>(request)
        };
        let request = worded(self, usual, host)?;
        if usual.is_reliable() || !large::is_large(&request) {
            return Ok(Some(request));
        }
        let Some(flow) = self.large_flow(attempt.line, usual, key, invitation) else {
            return Ok(None);
        };
        let host = self.turn_to(flow);
        worded(self, flow, host).map(Some)
    }

    fn usable_line(&self, id: LineId, emergency: bool) -> Result<Flow, String> {
        let line = self.lines.get(id).ok_or("There is no such line")?;
        let label = &line.config.label;
        let flow = match (&line.state, line.link) {
            // Some trunks answer no OPTIONS and take calls; an emergency call is always tried.
            (LineState::Failed { code, reason, .. }, _) if !line.is_trunk() && !emergency => {
                return Err(format!(
                    "The line {label} is not registered: {code} {reason}"
                ));
            }
            (_, Link::Up(flow)) => flow,
            (LineState::Failed { reason, .. }, _) => {
                return Err(format!("The line {label} is not connected: {reason}"));
            }
            (_, Link::Down | Link::Connecting(_)) => {
                return Err(format!("The line {label} is not ready yet"));
            }
        };
        let in_use = self.calls.in_use(id);
        match line.config.channels {
            Some(channels) if in_use >= channels && !emergency => Err(format!(
                "All {channels} channels of the line {label} are in use"
            )),
            _ => Ok(flow),
        }
    }

    /// Tells how many channels of a line are in use.
    pub(super) fn tell_usage(&self, line: Option<LineId>) {
        if let Some(line) = line {
            let in_use = self.calls.in_use(line);
            self.services
                .events
                .emit(CallEvent::LineUsage { line, in_use });
        }
    }

    /// An event about one leg.
    pub(super) fn leg_event(&mut self, event: Event) {
        let (handle, input) = match event {
            Event::Progress {
                call, code, sdp, ..
            } => (call, LegInput::Progress { code, sdp }),
            Event::Answered { call, sdp, .. } => (call, LegInput::Answered { sdp }),
            Event::Confirmed { call, sdp } => (call, LegInput::Confirmed { sdp }),
            Event::ReOffer { call, sdp } => (call, LegInput::ReOffer { sdp }),
            Event::InCallRequest {
                call,
                handle,
                request,
            } => (call, LegInput::Request { handle, request }),
            Event::Ended { call, by, cause } => (call, LegInput::Ended { by, cause }),
            Event::Refer(refer) => (refer.call, LegInput::Refer(self.referral(&refer))),
            Event::ReOfferAnswered { call, sdp } => (call, LegInput::ReOfferAnswered { sdp }),
            Event::ReOfferRefused { call, .. } => (call, LegInput::ReOfferRefused),
            // The rest is handled before it comes here.
            Event::Refreshed { .. }
            | Event::LateOffer { .. }
            | Event::EarlyOffer { .. }
            | Event::EarlyAnswer { .. }
            | Event::Refused { .. }
            | Event::ReferProgress { .. }
            | Event::RegistrationChanged { .. }
            | Event::IncomingInvite(_)
            | Event::Request { .. }
            | Event::Response { .. }
            | Event::Ping { .. }
            | Event::Pong { .. }
            | Event::Malformed { .. } => return,
        };
        let ended = matches!(input, LegInput::Ended { .. });
        if let Some((call, number)) = self.calls.keys.get(&handle).copied() {
            if let LegInput::Ended { by, cause } = &input
                && *by != EndedBy::Local
                && self.next_target(handle, (call, number), cause)
            {
                return;
            }
            self.target_settled((call, number));
            self.calls.tell(call, Input::Leg(number, input));
        }
        if ended {
            let line = self.calls.unroute(handle);
            self.tell_usage(line);
            self.waiting.forget_call(handle);
        }
    }

    fn referral(&self, refer: &IncomingRefer) -> Referral {
        let to = &refer.refer_to;
        let party = |dialog: &Replaces, purpose| match self.other_leg(refer.call, dialog) {
            Ok(leg) => Wanted::Party(leg, purpose),
            Err((code, reason)) => Wanted::Nothing(code, reason),
        };
        let wanted = match (to.replaces(), to.joins()) {
            _ if to.method() != "INVITE" => Wanted::Nothing(501, "Only a call can be asked for"),
            (Some(dialog), None) => party(&dialog, Purpose::Transfer),
            (None, Some(dialog)) => party(&dialog, Purpose::Conference),
            // RFC 3911 §4: never both.
            (Some(_), Some(_)) => Wanted::Nothing(400, "Replaces and Join exclude each other"),
            (None, None) if to.target().user.as_deref() == Some("park") => Wanted::Park,
            (None, None) => Wanted::Call(to.target().user.clone().unwrap_or_default()),
        };
        Referral {
            handle: refer.handle,
            wanted,
        }
    }

    /// The leg that is named by its dialog, of another conversation than `of`.
    fn other_leg(&self, of: CallHandle, dialog: &Replaces) -> Result<LegKey, (u16, &'static str)> {
        // Not 481: that would end the call it is said in (RFC 3261 §12.2.1.2).
        let gone = (404, "There is no such call");
        let handle = match self.ua.dialog_named(dialog) {
            Replaced::Call(handle) => handle,
            Replaced::Refuse(_) => return Err(gone),
        };
        let key = |handle| self.calls.keys.get(&handle).copied().ok_or(gone);
        let (own, other) = (key(of)?, key(handle)?);
        if own.0 == other.0 {
            return Err((400, "A call cannot be joined with itself"));
        }
        Ok(other)
    }
}
