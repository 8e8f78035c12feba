//! Our lines at their providers: look the host up, register, stay registered, find out again after
//! a failure.

use std::{io, net::SocketAddr};

use sip_core::{
    Flow, RegistrationHandle, RegistrationRequest, RegistrationState, digest::Credentials,
    uri::SipUri,
};

use super::AgentTask;
use crate::{
    config::Addresses,
    lines::{LOOK_UP_AGAIN, Line, peer_of, registers_alike, state_of},
    orders::Order,
    ports::{CallEvent, LineConfig, LineId, LineState},
};

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
        if let (Some(handle), Some(address)) = (line.registration, line.address) {
            self.face(address.ip());
            self.ua.unregister(self.clock.now(), handle);
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
        let (host, port) = peer_of(&line.config);
        let orders = self.services.orders.clone();
        let prefer_v4 = self.udp.local_addr().is_ok_and(|address| address.is_ipv4());
        tokio::spawn(async move {
            let found = look_up(&host, port, prefer_v4).await;
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

    pub(super) fn resolved(&mut self, id: LineId, attempt: u64, found: io::Result<SocketAddr>) {
        let now = self.clock.now();
        let Some(line) = self
            .lines
            .get_mut(id)
            .filter(|line| line.attempt == attempt)
        else {
            return;
        };
        match found {
            Err(error) => {
                let (host, _) = peer_of(&line.config);
                line.look_up_at = Some(now + LOOK_UP_AGAIN);
                if line.registration.is_none() {
                    let reason = format!("The provider's address {host} was not found ({error})");
                    self.tell_line(
                        id,
                        LineState::Failed {
                            code: 503,
                            reason,
                            trouble: None,
                        },
                    );
                }
            }
            Ok(address) => self.register_at(id, address),
        }
    }

    fn register_at(&mut self, id: LineId, address: SocketAddr) {
        let now = self.clock.now();
        self.face(address.ip());
        let contact_host = self.locals.towards(address.ip());
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        let moved = line.address.replace(address) != Some(address);
        let flow = Flow::Udp { remote: address };
        match line.registration {
            Some(handle) if moved => self.ua.refresh_registration(now, handle, Some(flow)),
            Some(_) => {}
            None => {
                let contact =
                    SipUri::new(line.token.clone(), contact_host.host).with_port(contact_host.port);
                let request = registration_request(line, flow, contact);
                line.registration = Some(self.ua.register(now, request));
            }
        }
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
        if let RegistrationState::Failed {
            code: 408 | 503, ..
        } = state
        {
            // The core tries again by itself; perhaps the provider has moved meanwhile.
            line.look_up_at = Some(now + LOOK_UP_AGAIN);
        }
        if state == RegistrationState::Removed && self.ending.is_some() {
            self.lines.remove(id);
        }
        if let Some(state) = state_of(&state) {
            self.tell_line(id, state);
        }
    }

    fn tell_line(&mut self, id: LineId, state: LineState) {
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

/// The first address of a host, of the socket's family.
pub(super) async fn look_up(host: &str, port: u16, v4: bool) -> io::Result<SocketAddr> {
    let mut found = tokio::net::lookup_host((host, port)).await?;
    found
        .find(|address| address.is_ipv4() == v4)
        .ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no address of the right kind"))
}
