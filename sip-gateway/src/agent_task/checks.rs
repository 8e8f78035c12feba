//! `Check`: one real REGISTER of a line that may not be saved yet, step by step.
//!
//! The REGISTER is the usual one of `sip-core`; what the provider says is read from the wire as it
//! passes, so that the report tells what was said and nothing else.

mod wire;

use std::net::SocketAddr;

use sip_core::{Flow, Millis, OutgoingHandle, RegistrationHandle, RegistrationState};
use tokio::sync::oneshot;

use super::{AgentTask, links::For, registering::registration_request};
use crate::{
    lines::{Line, place_of, state_of},
    orders::Order,
    ports::{Candidate, CheckReport, CheckStep, LineConfig, LineState, Seen, Trouble},
    transport::Connected,
};
use wire::Ear;

/// After this long the check has failed, ms.
const PATIENCE: Millis = 10_000;
/// So long one address may take while there are others, ms.
const PATIENCE_EACH: Millis = 4_000;
/// Seconds a check asks to be registered for.
const EXPIRES: u32 = 60;

#[derive(Debug)]
struct Check {
    number: u64,
    line: Line,
    /// When it fails as a whole, and at this address.
    until: Millis,
    until_here: Millis,
    /// When the step under way began.
    since: Millis,
    registration: Option<RegistrationHandle>,
    probe: Option<OutgoingHandle>,
    connection: Option<u64>,
    ear: Ear,
    steps: Vec<CheckStep>,
    /// Taken when the check has been answered; the check then waits to be unregistered.
    reply: Option<oneshot::Sender<CheckReport>>,
}

/// The checks under way.
#[derive(Debug, Default)]
pub(super) struct Checks {
    next: u64,
    all: Vec<Check>,
}

impl Checks {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Something goes out.
    pub(super) fn said(&mut self, now: Millis, _flow: Flow, bytes: &[u8]) {
        for check in &mut self.all {
            if let Some(step) = check.ear.said(now, bytes) {
                check.steps.push(step);
            }
        }
    }

    /// Something came.
    pub(super) fn heard(&mut self, now: Millis, _flow: Flow, bytes: &[u8]) {
        for check in &mut self.all {
            let address = check.address();
            check.ear.heard(now, address, bytes);
        }
    }

    fn numbered(&mut self, number: u64) -> Option<&mut Check> {
        self.all.iter_mut().find(|check| check.number == number)
    }

    fn index(&self, found: impl Fn(&Check) -> bool) -> Option<usize> {
        self.all.iter().position(found)
    }
}

impl Check {
    fn address(&self) -> Option<SocketAddr> {
        self.line.candidate().map(|candidate| candidate.address)
    }

    fn step(&mut self, now: Millis, seen: Seen) {
        let took = now.saturating_sub(self.since);
        self.since = now;
        self.steps.push(CheckStep {
            took_ms: u32::try_from(took).unwrap_or(u32::MAX),
            seen,
        });
    }

    fn report(&mut self, state: LineState) {
        self.steps.extend(self.ear.last_step());
        if let Some(reply) = self.reply.take() {
            let steps = std::mem::take(&mut self.steps);
            let _ = reply.send(CheckReport { steps, state });
        }
    }

    fn fail(&mut self, now: Millis, trouble: Trouble) {
        let code = match trouble {
            Trouble::NoAnswer { .. } => 408,
            _ => 503,
        };
        self.step(now, Seen::Failed(trouble.clone()));
        self.report(LineState::Failed {
            code,
            reason: trouble.to_string(),
            trouble: Some(trouble),
        });
    }

    fn has_another(&self) -> bool {
        self.line.chosen + 1 < self.line.candidates.len()
    }
}

impl AgentTask {
    pub(super) fn check(&mut self, config: LineConfig, reply: oneshot::Sender<CheckReport>) {
        self.checks.next += 1;
        let number = self.checks.next;
        let now = self.clock.now();
        let line = Line::new(LineConfig {
            expires_secs: EXPIRES,
            ..config
        });
        let place = place_of(&line.config);
        let user = format!("check-{}-{number}", line.token);
        self.checks.all.push(Check {
            number,
            line,
            until: now + PATIENCE,
            until_here: now + PATIENCE,
            since: now,
            registration: None,
            probe: None,
            connection: None,
            ear: Ear::new(user),
            steps: Vec::new(),
            reply: Some(reply),
        });
        let orders = self.services.orders.clone();
        let resolver = self.resolver.clone();
        tokio::spawn(async move {
            let found = resolver.find(&place).await;
            orders.send(Order::CheckResolved {
                check: number,
                found,
            });
        });
    }

    pub(super) fn check_resolved(&mut self, number: u64, found: Result<Vec<Candidate>, Trouble>) {
        let now = self.clock.now();
        let Some(check) = self.checks.numbered(number) else {
            return;
        };
        match found {
            Err(trouble) => {
                check.fail(now, trouble);
                self.checks.all.retain(|check| check.number != number);
            }
            Ok(found) => {
                let name = place_of(&check.line.config).host;
                let candidates = found.clone();
                check.step(now, Seen::Resolved { name, found });
                check.line.candidates = candidates;
                self.check_reach(number, 0);
            }
        }
    }

    fn check_reach(&mut self, number: u64, index: usize) {
        let now = self.clock.now();
        let Some(check) = self.checks.numbered(number) else {
            return;
        };
        check.line.chosen = index;
        check.since = now;
        check.until_here = if check.has_another() {
            now + PATIENCE_EACH
        } else {
            check.until
        };
        let Some(candidate) = check.line.candidate().cloned() else {
            return;
        };
        let config = check.line.config.clone();
        match candidate.kind() {
            None => {
                let remote = candidate.address;
                self.check_ask(number, Flow::Udp { remote });
            }
            Some(_) => {
                let connection = self.connect(&candidate, &config, For::Check(number));
                if let Some(check) = self.checks.numbered(number) {
                    check.connection = Some(connection);
                }
            }
        }
    }

    pub(super) fn check_connected(&mut self, number: u64, flow: Flow, stands: &Connected) {
        let now = self.clock.now();
        let Some(check) = self.checks.numbered(number) else {
            return;
        };
        check.steps.push(CheckStep {
            took_ms: stands.tcp_ms,
            seen: Seen::Connected {
                address: stands.peer,
            },
        });
        if let Some((took_ms, version)) = stands.tls.clone() {
            let name = place_of(&check.line.config).host;
            check.steps.push(CheckStep {
                took_ms,
                seen: Seen::Secured { name, version },
            });
        }
        check.since = now;
        self.check_ask(number, flow);
    }

    /// Sends the REGISTER, or to an IP trunk the OPTIONS.
    fn check_ask(&mut self, number: u64, flow: Flow) {
        let now = self.clock.now();
        let host = self.turn_to(flow);
        let Some(check) = self.checks.numbered(number) else {
            return;
        };
        let line = &check.line;
        // A Contact of its own: the line's own registration is not touched.
        let contact = line.contact(check.ear.user(), host);
        if line.is_trunk() {
            let mut request = sip_core::message::Request::new("OPTIONS", line.registrar());
            request.add_header("Contact", format!("<{contact}>"));
            let from = line.own_uri(&line.config.user);
            request.add_header("From", format!("<{from}>"));
            check.probe = Some(self.ua.request(now, flow, request));
        } else {
            let request = registration_request(line, flow, contact);
            match check.registration {
                Some(handle) => self.ua.refresh_registration(now, handle, Some(flow)),
                None => {
                    let routes = line.routes();
                    check.registration = Some(self.ua.register_through(now, request, routes));
                }
            }
        }
    }

    /// This address is no good: the next one, or the end.
    pub(super) fn check_stuck(&mut self, number: u64, trouble: Trouble) {
        let now = self.clock.now();
        let Some(check) = self.checks.numbered(number) else {
            return;
        };
        if check.reply.is_some() && check.has_another() && check.until > now {
            check.step(now, Seen::Failed(trouble));
            let next = check.line.chosen + 1;
            return self.check_reach(number, next);
        }
        check.fail(now, trouble);
        self.end_check(number);
    }

    pub(super) fn check_lost(&mut self, number: u64) {
        let address = self
            .checks
            .numbered(number)
            .and_then(|check| check.address());
        if let Some(address) = address {
            self.check_stuck(number, Trouble::Closed { address });
        }
    }

    fn end_check(&mut self, number: u64) {
        let Some(index) = self.checks.index(|check| check.number == number) else {
            return;
        };
        let check = self.checks.all.swap_remove(index);
        if let Some(handle) = check.registration {
            self.ua.unregister(self.clock.now(), handle);
        }
        if let Some(connection) = check.connection {
            self.leaving.push((self.clock.now() + 2_000, connection));
        }
    }

    /// Whether the registration was a check's.
    pub(super) fn check_changed(
        &mut self,
        handle: RegistrationHandle,
        state: &RegistrationState,
    ) -> bool {
        let Some(index) = self
            .checks
            .index(|check| check.registration == Some(handle))
        else {
            return false;
        };
        let now = self.clock.now();
        let Some(check) = self.checks.all.get_mut(index) else {
            return true;
        };
        let number = check.number;
        match (state, state_of(state), check.address()) {
            (RegistrationState::Trying, ..) | (_, None, _) => {
                if *state == RegistrationState::Removed {
                    self.end_removed(number);
                }
            }
            (RegistrationState::Registered { .. }, Some(shown), _) => {
                check.report(shown);
                self.ua.unregister(now, handle);
            }
            // Made up by the core: the connection is gone, which is told elsewhere, or nothing came.
            (
                RegistrationState::Failed {
                    code: 503 | 408, ..
                },
                _,
                Some(address),
            ) if !check.ear.has_answer() => {
                if check.connection.is_none() {
                    let waited = now.saturating_sub(check.since);
                    let waited_ms = u32::try_from(waited).unwrap_or(u32::MAX);
                    self.check_stuck(number, Trouble::NoAnswer { address, waited_ms });
                }
            }
            (_, Some(shown), _) => {
                check.report(shown);
                self.end_check(number);
            }
        }
        true
    }

    fn end_removed(&mut self, number: u64) {
        let Some(index) = self.checks.index(|check| check.number == number) else {
            return;
        };
        let check = self.checks.all.swap_remove(index);
        if let Some(connection) = check.connection {
            self.leave(connection);
        }
    }

    /// An IP trunk answered the OPTIONS of a check.
    pub(super) fn check_answered(&mut self, handle: OutgoingHandle, code: u16) -> bool {
        let now = self.clock.now();
        let Some(index) = self.checks.index(|check| check.probe == Some(handle)) else {
            return false;
        };
        let Some(check) = self.checks.all.get_mut(index) else {
            return true;
        };
        let (number, took) = (check.number, now.saturating_sub(check.since));
        let round_trip_ms = u32::try_from(took).unwrap_or(u32::MAX);
        if let Some(address) = check.address() {
            check.step(now, Seen::Reachable { address, code });
            check.report(LineState::Reachable { round_trip_ms });
        }
        self.end_check(number);
        true
    }

    pub(super) fn give_up_checks(&mut self) {
        let now = self.clock.now();
        let late: Vec<(u64, Option<SocketAddr>, Millis)> = self
            .checks
            .all
            .iter()
            .filter(|check| check.until <= now || check.until_here <= now)
            .map(|check| (check.number, check.address(), check.since))
            .collect();
        for (number, address, since) in late {
            let waited_ms = u32::try_from(now.saturating_sub(since)).unwrap_or(u32::MAX);
            match address {
                Some(address) => {
                    self.check_stuck(number, Trouble::NoAnswer { address, waited_ms });
                }
                None => {
                    if let Some(check) = self.checks.numbered(number) {
                        let name = place_of(&check.line.config).host;
                        let detail = "no answer in time".to_owned();
                        check.fail(now, Trouble::DnsFailed { name, detail });
                    }
                    self.end_check(number);
                }
            }
        }
    }
}
