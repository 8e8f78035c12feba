//! The legs of calls: which conversation a SIP handle belongs to, and orders and events between
//! the two.

use sip_core::{EndedBy, Event, Flow, SipCause};

use super::{AgentTask, call_table::Route, invitations};
use crate::{
    calls::{CallOrder, Destination, Input, Invitation, LegInput, LegKey, LegOrder, identity},
    ports::{CallId, LineState},
};

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
            (LineState::Failed { code, reason, .. }, _) => Err(format!(
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
            Event::InCallRequest {
                call,
                handle,
                request,
            } => (call, LegInput::Request { handle, request }),
            Event::Ended { call, by, cause } => (call, LegInput::Ended { by, cause }),
            // A transfer the peer asks for is no request of ours to carry out yet.
            Event::Refer(refer) => {
                let (handle, reason) = (refer.handle, "Declined");
                self.answer(handle, 603, reason, Vec::new());
                return;
            }
            // We send no re-INVITE, and the rest is handled before it comes here.
            Event::ReOfferAnswered { .. }
            | Event::ReOfferRefused { .. }
            | Event::Refreshed { .. }
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
            self.calls.tell(call, Input::Leg(number, input));
        }
        if ended {
            self.calls.unroute(handle);
            self.waiting.forget_call(handle);
        }
    }
}
