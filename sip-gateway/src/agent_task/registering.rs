//! Our lines at their providers: look the host up, register, stay registered, find out again after
//! a failure.

use sip_core::{
    Flow, Millis, RegistrationHandle, RegistrationRequest, RegistrationState, digest::Credentials,
    uri::SipUri,
};

use super::AgentTask;
use crate::{
    config::Addresses,
    lines::{Alive, LOOK_UP_AGAIN, Line, Link, place_of, registers_alike, state_of},
    orders::Order,
    ports::{CallEvent, Candidate, LineConfig, LineId, LineState, Trouble},
};

/// How long the connection of a line that was removed stays, ms.
const PARTING: Millis = 5_000;

impl AgentTask {
    pub(super) fn set_lines(&mut self, configs: Vec<LineConfig>) {
        for id in self.lines.ids() {
            if !configs.iter().any(|config| config.id == id) {
                self.remove_line(id);
            }
        }
        for config in configs {
            self.set_line(config);
        }
        self.show_lines();
    }

    fn set_line(&mut self, config: LineConfig) {
        let id = config.id;
        match self.lines.get_mut(id) {
            Some(line) if line.config == config => {}
            Some(line) if registers_alike(&line.config, &config) => line.config = config,
            Some(_) => {
                self.remove_line(id);
                self.begin_line(Line::new(config));
            }
            None => self.begin_line(Line::new(config)),
        }
    }

    fn begin_line(&mut self, line: Line) {
        let id = line.config.id;
        self.lines.insert(line);
        self.tell_line(id, LineState::Trying);
        self.look_up(id);
    }

    fn remove_line(&mut self, id: LineId) {
        let Some(line) = self.lines.remove(id) else {
            return;
        };
        if let (Some(handle), Link::Up(flow)) = (line.registration, line.link) {
            self.turn_to(flow);
            self.ua.unregister(self.clock.now(), handle);
        }
        match line.link {
            // The provider is still to confirm that the line is gone.
            Link::Up(Flow::Stream { id, .. }) => {
                self.leaving.push((self.clock.now() + PARTING, id));
            }
            link @ (Link::Connecting(_) | Link::Up(Flow::Udp { .. }) | Link::Down) => {
                self.leave_link(link);
            }
        }
    }

    pub(super) fn unregister_all(&mut self) {
        for id in self.lines.ids() {
            let Some(line) = self.lines.get(id) else {
                continue;
            };
            match line.registration.filter(|_| line.is_registered()) {
                // It leaves the table when the provider has confirmed.
                Some(handle) => self.ua.unregister(self.clock.now(), handle),
                None => {
                    self.lines.remove(id);
                }
            }
        }
    }

    fn look_up(&mut self, id: LineId) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.attempt += 1;
        line.look_up_at = None;
        let attempt = line.attempt;
        let place = place_of(&line.config);
        let orders = self.services.orders.clone();
        let resolver = self.resolver.clone();
        tokio::spawn(async move {
            let found = resolver.find(&place).await;
            orders.send(Order::Resolved {
                line: id,
                attempt,
                found,
            });
        });
    }

    /// Lines whose host was not found, or whose registrar failed, are looked up again.
    pub(super) fn look_up_due(&mut self) {
        let now = self.clock.now();
        let due: Vec<LineId> = self
            .lines
            .iter()
            .filter(|line| line.look_up_at.is_some_and(|at| at <= now))
            .map(|line| line.config.id)
            .collect();
        for id in due {
            self.look_up(id);
        }
    }

    pub(super) fn resolved(
        &mut self,
        id: LineId,
        attempt: u64,
        found: Result<Vec<Candidate>, Trouble>,
    ) {
        let now = self.clock.now();
        let Some(line) = self
            .lines
            .get_mut(id)
            .filter(|line| line.attempt == attempt)
        else {
            return;
        };
        match found {
            Err(trouble) => {
                line.look_up_at = Some(now + LOOK_UP_AGAIN);
                // What worked goes on working while the name servers are away.
                if line.link == Link::Down {
                    self.line_is_out(id, trouble);
                }
            }
            Ok(candidates) => self.take_candidates(id, candidates),
        }
    }

    /// A provider that works is kept as long as DNS still names it; else the best one is tried.
    fn take_candidates(&mut self, id: LineId, candidates: Vec<Candidate>) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        let works = matches!(line.link, Link::Up(_)) && !line.has_failed();
        let current = line.candidate().map(|candidate| candidate.address);
        let kept = candidates
            .iter()
            .position(|candidate| works && Some(candidate.address) == current);
        let same_place = candidates.first().map(|first| first.address) == current;
        line.candidates = candidates;
        match kept {
            Some(index) => line.chosen = index,
            None if same_place && matches!(line.link, Link::Up(_)) => line.chosen = 0,
            None => self.reach(id, 0),
        }
    }

    /// Goes for one of the addresses.
    pub(super) fn reach(&mut self, id: LineId, index: usize) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.chosen = index;
        let Some(candidate) = line.candidate().cloned() else {
            return;
        };
        let (old, config) = (line.link, line.config.clone());
        match candidate.kind() {
            None => self.line_reaches(
                id,
                Flow::Udp {
                    remote: candidate.address,
                },
            ),
            Some(_) => {
                let connection = self.connect(&candidate, &config, super::links::For::Line(id));
                if let Some(line) = self.lines.get_mut(id) {
                    line.link = Link::Connecting(connection);
                }
            }
        }
        self.leave_link(old);
    }

    /// There is a path to the provider: register over it, and take the running calls along.
    pub(super) fn line_reaches(&mut self, id: LineId, flow: Flow) {
        let now = self.clock.now();
        let contact_host = self.turn_to(flow);
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.link = Link::Up(flow);
        line.failures = 0;
        line.alive = Alive {
            pinged: Some(now),
            ..Alive::default()
        };
        if line.is_trunk() {
            self.probe_line(id);
        } else {
            let moved = line.registered_over.replace(flow) != Some(flow);
            match line.registration {
                Some(handle) if moved => self.ua.refresh_registration(now, handle, Some(flow)),
                Some(_) => {}
                None => {
                    let contact = line.contact(&line.token, contact_host);
                    let request = registration_request(line, flow, contact);
                    let routes = line.routes();
                    line.registration = Some(self.ua.register_through(now, request, routes));
                }
            }
        }
        let transports = &self.transports;
        let is_gone = |flow| transports.peer(flow).is_none();
        for handle in self.calls.follow_line(id, flow, is_gone) {
            self.ua.move_call(now, handle, flow);
        }
    }

    /// An address could not be reached: the next one, or all of them again after a while.
    pub(super) fn line_unreached(&mut self, id: LineId, trouble: Trouble) {
        let now = self.clock.now();
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.link = Link::Down;
        let next = line.chosen + 1;
        if next < line.candidates.len() {
            return self.reach(id, next);
        }
        line.failures += 1;
        line.look_up_at = Some(now + back_off(line.failures));
        self.line_is_out(id, trouble);
    }

    /// The connection to the provider is gone.
    pub(super) fn line_lost(&mut self, id: LineId) {
        let now = self.clock.now();
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.link = Link::Down;
        line.look_up_at = Some(now + back_off(line.failures));
        if let Some(address) = line.candidate().map(|candidate| candidate.address) {
            self.line_is_out(id, Trouble::Closed { address });
        }
    }

    fn line_is_out(&mut self, id: LineId, trouble: Trouble) {
        let state = LineState::Failed {
            code: 503,
            reason: trouble.to_string(),
            trouble: Some(trouble),
        };
        self.tell_line(id, state);
    }

    pub(super) fn registration_changed(
        &mut self,
        handle: RegistrationHandle,
        state: RegistrationState,
    ) {
        if self.check_changed(handle, &state) {
            return;
        }
        let now = self.clock.now();
        let Some(line) = self.lines.by_registration(handle) else {
            return;
        };
        let id = line.config.id;
        let reaches = matches!(line.link, Link::Up(_));
        // RFC 3263 §4.3: no answer and 503 are the server's fault; another one may do better.
        let out_of_order = matches!(
            state,
            RegistrationState::Failed {
                code: 408 | 430 | 500..=599,
                ..
            }
        );
        let next = line.chosen + 1;
        let another = out_of_order && reaches && next < line.candidates.len();
        if out_of_order && !another && reaches {
            // The core tries again by itself; perhaps the provider has moved meanwhile.
            line.look_up_at = Some(now + LOOK_UP_AGAIN);
        }
        if state == RegistrationState::Removed && self.ending.is_some() {
            self.lines.remove(id);
        }
        if !reaches && out_of_order {
            return; // that the connection is gone has been told with its reason
        }
        if let Some(state) = state_of(&state) {
            self.tell_line(id, state);
        }
        if another {
            self.reach(id, next);
        }
    }

    pub(super) fn tell_line(&mut self, id: LineId, state: LineState) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        // A refresh under way does not make a registered line look unregistered.
        if line.is_registered() && state == LineState::Trying {
            return;
        }
        let same_outcome = line.state == state;
        line.state = state.clone();
        if !same_outcome {
            self.services
                .events
                .emit(CallEvent::LineChanged { line: id, state });
        }
        self.show_lines();
    }

    fn show_lines(&self) {
        let states = self
            .lines
            .iter()
            .map(|line| (line.config.id, line.state.clone()))
            .collect();
        self.shown.lines.send_replace(states);
        let configs = self.lines.iter().map(|line| line.config.clone()).collect();
        self.shown
            .line_configs
            .send_replace(std::sync::Arc::new(configs));
    }

    pub(super) fn set_addresses(&mut self, addresses: Addresses) {
        self.locals.set_public(addresses.sip_public);
        // Our Contact is another now.
        let configs: Vec<LineConfig> = self.lines.iter().map(|line| line.config.clone()).collect();
        for config in configs {
            self.remove_line(config.id);
            self.begin_line(Line::new(config));
        }
    }
}

/// 1, 2, 4 … 60 s, each between half and all of it, so that not everyone comes back at once.
fn back_off(failures: u32) -> Millis {
    let full = (1000_u64 << failures.min(6)).min(60_000);
    let half = u32::try_from(full / 2).unwrap_or(u32::MAX);
    full / 2 + u64::from(crate::resolver::random(half))
}

/// The REGISTER of a line.
pub(super) fn registration_request(
    line: &Line,
    flow: Flow,
    contact: SipUri,
) -> RegistrationRequest {
    RegistrationRequest {
        flow,
        registrar: line.registrar(),
        aor: line.uri(&line.config.user),
        contact,
        contact_params: Vec::new(),
        credentials: credentials(&line.config),
        expires_secs: line.config.expires_secs,
    }
}

/// A line's user and password.
pub(super) fn credentials(config: &LineConfig) -> Credentials {
    Credentials {
        username: config.auth_user.clone(),
        password: config.password.0.clone(),
    }
}
