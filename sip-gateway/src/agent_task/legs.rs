//! The legs of calls: which conversation a SIP handle belongs to, and orders and events between
//! the two.

use std::time::SystemTime;

use sip_core::{EndedBy, Event, Flow, IncomingInvite, SipCause, header::NameAddr};
use uuid::Uuid;

use super::{
    AgentTask,
    admission::Asked,
    call_table::{Entry, Route},
    invitations,
};
use crate::{
    calls::{
        Beginning, CallOrder, Conversation, Destination, FromLine, FromPhone, Input, Invitation,
        LegInput, LegKey, LegOrder, identity,
    },
    gateway::ActiveCall,
    lines::Line,
    media::LegKind,
    ports::{CallId, Direction, LineState, SipUser},
};

impl AgentTask {
    pub(super) fn incoming_invite(&mut self, invite: Box<IncomingInvite>) {
        let full = self.calls.entries.len() >= self.limits.calls;
        if full || self.ending.is_some() {
            let headers = vec![("Retry-After".to_owned(), "10".to_owned())];
            return self.ua.reject(
                self.clock.now(),
                invite.call,
                503,
                "All channels are in use",
                headers,
            );
        }
        let line = match invite.flow {
            Flow::Udp { remote } if !self.registrar.knows(invite.flow) => {
                self.lines.of_invite(remote, &invite.target, &invite.to)
            }
            Flow::Udp { .. } | Flow::Stream { .. } => None,
        };
        match line.map(|line| from_line(line, &invite)) {
            Some(beginning) => self.begin(
                Uuid::now_v7(),
                &invite,
                beginning,
                Direction::Incoming,
                None,
            ),
            // Nobody calls at the company's cost who may not: everyone else proves who he is.
            None => self.admit(invite.flow, invite.request.clone(), Asked::Call(invite)),
        }
    }

    /// An INVITE of one of our phones, whose user has been proved.
    pub(super) fn call_from_phone(&mut self, invite: IncomingInvite, user: SipUser) {
        if self.calls.begun_by(&user.extension) >= self.limits.calls_per_extension {
            return self.ua.reject(
                self.clock.now(),
                invite.call,
                503,
                "Too many calls of one extension",
                Vec::new(),
            );
        }
        let id = identity::proposed_id(&invite.request)
            .filter(|id| !self.calls.is_used(*id))
            .unwrap_or_else(Uuid::now_v7);
        let instance = instance_of(&invite).or_else(|| self.registrar.instance_at(invite.flow));
        let phone = instance.map(|instance| (user.extension.clone(), instance));
        let beginning = Beginning::FromPhone(FromPhone {
            extension: user.extension,
            name: user.name,
            kind: kind_of(&invite),
            dialled: invite.target.user.clone().unwrap_or_default(),
            sdp: invite.sdp.clone(),
        });
        self.begin(id, &invite, beginning, Direction::Outgoing, phone);
    }

    fn begin(
        &mut self,
        id: CallId,
        invite: &IncomingInvite,
        beginning: Beginning,
        direction: Direction,
        phone: Option<(String, String)>,
    ) {
        let extension = match &beginning {
            Beginning::FromPhone(call) => Some(call.extension.clone()),
            Beginning::FromLine(_) => None,
        };
        let mailbox = Conversation::spawn(id, beginning, self.services.clone());
        let entry = Entry {
            mailbox,
            direction,
            started: SystemTime::now(),
            extension,
            finding: Vec::new(),
        };
        self.calls.begin(
            id,
            entry,
            Route {
                handle: invite.call,
                flow: invite.flow,
                phone,
            },
        );
        self.show_calls();
    }

    fn show_calls(&self) {
        let call = |(id, entry): (&CallId, &Entry)| ActiveCall {
            id: *id,
            direction: entry.direction,
            started: entry.started,
        };
        self.shown
            .calls
            .send_replace(self.calls.entries.iter().map(call).collect());
    }

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
            CallOrder::Over => {
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
            LegOrder::Reoffer { sdp } => self.ua.reinvite(now, handle, sdp),
            LegOrder::Respond {
                handle,
                code,
                reason,
            } => self.ua.respond(now, handle, code, reason, Vec::new(), None),
        }
    }

    /// Makes messages on `flow` name the address its peer sees of us, and tells that address.
    fn turn_to(&mut self, flow: Flow) -> crate::config::SipAddress {
        let peer = self
            .transports
            .peer(flow)
            .map_or(std::net::Ipv4Addr::LOCALHOST.into(), |peer| peer.ip());
        if matches!(flow, Flow::Udp { .. }) {
            self.face(peer);
        }
        self.locals.towards(peer)
    }

    fn contact(
        &self,
        key: LegKey,
        flow: Flow,
        host: crate::config::SipAddress,
    ) -> sip_core::uri::SipUri {
        let contact =
            sip_core::uri::SipUri::new(key.0.simple().to_string(), host.host).with_port(host.port);
        if flow.is_reliable() {
            contact.with_param("transport", Some("ws"))
        } else {
            contact
        }
    }

    fn invite(&mut self, key: LegKey, invitation: Invitation) {
        let request = match &invitation.to {
            Destination::Phone(target) => {
                let host = self.turn_to(target.flow);
                let phone = target
                    .instance
                    .clone()
                    .map(|instance| (target.extension.clone(), instance));
                Ok((
                    invitations::to_phone(key.0, target, &invitation, host),
                    phone,
                ))
            }
            Destination::Line { line, number } => match self.usable_line(*line) {
                Ok(address) => {
                    let host = self.turn_to(Flow::Udp { remote: address });
                    self.lines
                        .get(*line)
                        .map(|line| {
                            (
                                invitations::to_network(line, address, number, &invitation, host),
                                None,
                            )
                        })
                        .ok_or_else(|| SipCause {
                            code: 503,
                            reason: "The line was removed".to_owned(),
                        })
                }
                Err(reason) => Err(SipCause { code: 503, reason }),
            },
        };
        match request {
            Ok((request, phone)) => {
                let flow = request.flow;
                let handle = self.ua.invite(self.clock.now(), request);
                self.calls.route(
                    key,
                    Route {
                        handle,
                        flow,
                        phone,
                    },
                );
            }
            Err(cause) => {
                let ended = LegInput::Ended {
                    by: EndedBy::Failure,
                    cause,
                };
                self.calls.tell(key.0, Input::Leg(key.1, ended));
            }
        }
    }

    fn usable_line(&self, id: crate::ports::LineId) -> Result<std::net::SocketAddr, String> {
        let line = self.lines.get(id).ok_or("There is no such line")?;
        match (&line.state, line.address) {
            (LineState::Failed { code, reason }, _) => Err(format!(
                "The line {} is not registered: {code} {reason}",
                line.config.label
            )),
            (_, Some(address)) => Ok(address),
            (_, None) => Err(format!("The line {} is not ready yet", line.config.label)),
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
            Event::ReOfferAnswered { call, sdp } => (call, LegInput::ReOfferAnswered { sdp }),
            Event::ReOfferRefused { call, .. } => (call, LegInput::ReOfferRefused),
            Event::InCallRequest {
                call,
                handle,
                request,
            } => (call, LegInput::Request { handle, request }),
            Event::Ended { call, by, cause } => (call, LegInput::Ended { by, cause }),
            // Handled before it comes here.
            Event::RegistrationChanged { .. }
            | Event::IncomingInvite(_)
            | Event::Request { .. }
            | Event::Response { .. }
            | Event::Ping { .. }
            | Event::Pong { .. }
            | Event::Malformed { .. } => return,
        };
        let ended = matches!(input, LegInput::Ended { .. });
        if let Some((call, number)) = self.calls.keys.get(&handle).copied() {
            self.calls.tell(call, Input::Leg(number, input));
        }
        if ended {
            self.calls.unroute(handle);
            self.waiting.forget_call(handle);
        }
    }
}

fn from_line(line: &Line, invite: &IncomingInvite) -> Beginning {
    let config = &line.config;
    let number = config.number.as_deref().unwrap_or(&config.user);
    Beginning::FromLine(FromLine {
        line: config.id,
        label: config.label.clone(),
        record: config.record,
        caller: identity::caller(&invite.request, &invite.from),
        called: identity::called(
            &invite.request,
            &invite.target,
            &invite.to,
            &line.own_names(),
            number,
        ),
        sdp: invite.sdp.clone(),
    })
}

fn instance_of(invite: &IncomingInvite) -> Option<String> {
    let contact: NameAddr = invite.request.contact()?;
    contact
        .param("+sip.instance")
        .map(|value| value.trim_matches('"').to_owned())
}

/// A peer that speaks DTLS-SRTP says so in its offer; without one the transport tells.
fn kind_of(invite: &IncomingInvite) -> LegKind {
    let browser = match &invite.sdp {
        Some(sdp) => sdp.contains("UDP/TLS/RTP/SAVP"),
        None => invite.flow.is_reliable(),
    };
    if browser {
        LegKind::Browser
    } else {
        LegKind::Line
    }
}
