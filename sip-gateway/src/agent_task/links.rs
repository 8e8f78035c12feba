//! Connections of ours: what each is for, what becomes of it, and whether it is still alive.

use std::collections::HashMap;

use sip_core::{Flow, Millis, OutgoingHandle, StreamKind, message::Request};

use super::AgentTask;
use crate::{
    lines::{Line, Link, place_of},
    ports::{Candidate, LineConfig, LineId, LineState, Trouble},
    transport::{
        Connected, StreamInput,
        connect::{self, Wanted},
    },
};

/// How often a line's path is pinged, ms: below what routers forget a datagram's way back after.
const PING_UDP: Millis = 25_000;
const PING_STREAM: Millis = 30_000;
/// After this long without the answer it always gave, a connection counts as dead, ms.
const PONG_PATIENCE: Millis = 10_000;
/// How often an IP trunk is asked whether it is there, ms.
const PROBE: Millis = 60_000;

/// What a connection was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// A line's signalling.
    Line(LineId),
    /// A check with this number.
    Check(u64),
    /// Requests of a UDP line that are too large for a datagram.
    Large(LineId),
    /// Calls the server a line uses does not take.
    Beside,
}

/// What our connections are for.
pub(super) type Links = HashMap<u64, For>;

impl AgentTask {
    /// Opens a connection; its number.
    pub(super) fn connect(
        &mut self,
        candidate: &Candidate,
        config: &LineConfig,
        purpose: For,
    ) -> u64 {
        let id = self.stream_ids.next();
        self.links.insert(id, purpose);
        let own = self.udp.local_addr().ok().map(|address| address.ip());
        let secure = candidate.kind() == Some(StreamKind::Tls);
        let wanted = Wanted {
            address: candidate.address,
            from: own.filter(|ip| !ip.is_unspecified()),
            // RFC 5922 §7.1: the certificate is for the name that was entered, whatever DNS said.
            tls: secure.then(|| (place_of(config).host, config.tls_ca_pem.clone())),
        };
        let input: tokio::sync::mpsc::Sender<StreamInput> = self.streams.clone();
        tokio::spawn(connect::run(wanted, id, input));
        id
    }

    pub(super) fn link_stands(&mut self, id: u64, stands: &Connected) {
        let Some(purpose) = self.links.get(&id).copied() else {
            return; // nobody wants it any more; dropping its sender closes it
        };
        let flow = self.transports.connected(self.clock.now(), id, stands);
        match purpose {
            For::Line(line) => {
                let wanted = self.lines.get(line).map(|line| line.link);
                if wanted == Some(Link::Connecting(id)) {
                    self.line_reaches(line, flow);
                } else {
                    self.leave(id);
                }
            }
            For::Check(check) => self.check_connected(check, flow, stands),
            For::Large(line) => self.large_path(line, Some(flow)),
            For::Beside => self.beside_stands(id, flow),
        }
    }

    pub(super) fn link_fails(&mut self, id: u64, trouble: Trouble) {
        match self.links.remove(&id) {
            Some(For::Line(line)) => {
                let wanted = self.lines.get(line).map(|line| line.link);
                if wanted == Some(Link::Connecting(id)) {
                    self.line_unreached(line, trouble);
                }
            }
            Some(For::Check(check)) => self.check_stuck(check, trouble),
            Some(For::Large(line)) => self.large_path(line, None),
            Some(For::Beside) => self.beside_fails(id),
            None => {}
        }
    }

    /// A connection of ours is gone.
    pub(super) fn link_lost(&mut self, id: u64, flow: Flow) {
        match self.links.remove(&id) {
            Some(For::Line(line)) => {
                let used = self.lines.get(line).map(|line| line.link);
                if used == Some(Link::Up(flow)) {
                    self.line_lost(line);
                }
            }
            Some(For::Check(check)) => self.check_lost(check),
            Some(For::Beside) => self.beside_fails(id),
            Some(For::Large(_)) | None => {}
        }
    }

    /// Nobody needs this link any more.
    pub(super) fn leave_link(&mut self, link: Link) {
        match link {
            Link::Connecting(id) | Link::Up(Flow::Stream { id, .. }) => self.leave(id),
            Link::Up(Flow::Udp { .. }) | Link::Down => {}
        }
    }

    /// Closes a connection of ours, once what waits in it has been sent. Requests without an answer
    /// are told that none will come.
    pub(super) fn leave(&mut self, id: u64) {
        self.links.remove(&id);
        match self.transports.flow(id) {
            Some(flow) => self.close_flow(id, flow),
            None => self.transports.closed(id),
        }
    }

    /// Pings what is due, and gives up connections that stopped answering.
    pub(super) fn keep_lines_alive(&mut self) {
        let now = self.clock.now();
        let mut dead = Vec::new();
        let mut due = Vec::new();
        let mut probes = Vec::new();
        for line in self.lines.iter_mut() {
            let Link::Up(flow) = line.link else { continue };
            if is_dead(line, now) {
                dead.push(flow);
            } else if is_due(line, flow, now) {
                line.alive.pinged = Some(now);
                due.push(flow);
            }
            if line.is_trunk() && line.alive.probe_at <= now {
                probes.push(line.config.id);
            }
        }
        for flow in due {
            self.ua.ping(now, flow);
        }
        for id in probes {
            self.probe_line(id);
        }
        for flow in dead {
            if let Flow::Stream { id, .. } = flow {
                tracing::info!(
                    connection = id,
                    "a provider stopped answering; reconnecting"
                );
                self.connection_closed(id);
            }
        }
    }

    /// A provider answered a ping.
    pub(super) fn line_ponged(&mut self, flow: Flow) {
        let now = self.clock.now();
        if let Some(line) = self.lines.by_link(flow) {
            line.alive.ponged = Some(now);
        }
    }

    /// Asks an IP trunk with OPTIONS whether it is there.
    pub(super) fn probe_line(&mut self, id: LineId) {
        let now = self.clock.now();
        let Some(Link::Up(flow)) = self.lines.get(id).map(|line| line.link) else {
            return;
        };
        let host = self.turn_to(flow);
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        line.alive.probe_at = now + PROBE;
        if line.alive.probe.is_some() {
            return;
        }
        let mut request = Request::new("OPTIONS", line.registrar());
        request.add_header("Contact", format!("<{}>", line.contact(&line.token, host)));
        request.add_header("From", format!("<{}>", line.own_uri(&line.config.user)));
        for route in line.routes() {
            request.add_header("Route", route.to_string());
        }
        let handle = self.ua.request(now, flow, request);
        if let Some(line) = self.lines.get_mut(id) {
            line.alive.probe = Some((handle, now));
        }
    }

    /// The final answer to an OPTIONS; any answer of the trunk itself is a sign of life.
    pub(super) fn line_answered(&mut self, handle: OutgoingHandle, code: u16) -> bool {
        let now = self.clock.now();
        let Some(line) = self.lines.by_probe(handle) else {
            return false;
        };
        let sent = line.alive.probe.take().map_or(now, |(_, sent)| sent);
        let id = line.config.id;
        let address = line.candidate().map(|candidate| candidate.address);
        let took = u32::try_from(now.saturating_sub(sent)).unwrap_or(u32::MAX);
        let state = match (code, address) {
            // Made up by the core: nothing came.
            (408, Some(address)) if took >= 30_000 => {
                let trouble = Trouble::NoAnswer {
                    address,
                    waited_ms: took,
                };
                LineState::Failed {
                    code,
                    reason: trouble.to_string(),
                    trouble: Some(trouble),
                }
            }
            _ => LineState::Reachable {
                round_trip_ms: took,
            },
        };
        let silent = matches!(state, LineState::Failed { .. });
        self.tell_line(id, state);
        if silent && let Some(next) = self.lines.get(id).map(|line| line.chosen + 1) {
            let many = self
                .lines
                .get(id)
                .is_some_and(|line| next < line.candidates.len());
            if many {
                self.reach(id, next);
            } else if let Some(line) = self.lines.get_mut(id) {
                line.look_up_at = Some(now + crate::lines::LOOK_UP_AGAIN);
            }
        }
        true
    }
}

fn is_due(line: &Line, flow: Flow, now: Millis) -> bool {
    let every = match flow {
        Flow::Udp { .. } => PING_UDP,
        Flow::Stream { .. } => PING_STREAM,
    };
    line.alive
        .pinged
        .is_none_or(|pinged| now.saturating_sub(pinged) >= every)
}

/// Only who has answered pings before is expected to.
fn is_dead(line: &Line, now: Millis) -> bool {
    match (line.link, line.alive.pinged, line.alive.ponged) {
        (Link::Up(Flow::Stream { .. }), Some(pinged), Some(ponged)) => {
            ponged < pinged && now.saturating_sub(pinged) > PONG_PATIENCE
        }
        _ => false,
    }
}
