//! Connections beside a line's own, to another of its provider's servers, for the calls the first one
//! does not take. The line and the calls it carries stay where they are meanwhile.

use std::{collections::HashMap, net::SocketAddr};

use sip_core::{Flow, Millis};

use super::{AgentTask, links::For};
use crate::{
    lines::Link,
    ports::{Candidate, LineId},
};

/// How long a call waits for such a connection, ms.
const PATIENCE: Millis = 4_000;
/// How long one is kept after its last call, ms: longer than any transaction (RFC 3261 §17.1.1.2,
/// timer B).
const KEPT: Millis = 40_000;

/// One of them.
#[derive(Debug)]
pub(super) struct Beside {
    line: LineId,
    address: SocketAddr,
    link: Link,
    /// Since when it is being made, or has carried no call.
    since: Millis,
}

/// By their number.
pub(super) type Besides = HashMap<u64, Beside>;

/// A way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// Over this.
    Stands(Flow),
    /// As soon as the connection with this number stands.
    Awaits(u64),
}

impl AgentTask {
    /// The way to one of the servers of a line's provider that takes connections.
    pub(super) fn way_beside(&mut self, line: LineId, candidate: &Candidate) -> Option<Way> {
        let there = |flow: &Flow| self.transports.peer(*flow) == Some(candidate.address);
        if let Some(flow) = self.line_flow(line).filter(there) {
            return Some(Way::Stands(flow));
        }
        let same = |one: &Beside| one.line == line && one.address == candidate.address;
        if let Some((id, one)) = self.besides.iter().find(|(_, one)| same(one)) {
            return match one.link {
                Link::Up(flow) => Some(Way::Stands(flow)),
                Link::Connecting(_) => Some(Way::Awaits(*id)),
                Link::Down => None,
            };
        }
        let config = self.lines.get(line)?.config.clone();
        let id = self.connect(candidate, &config, For::Beside);
        let one = Beside {
            line,
            address: candidate.address,
            link: Link::Connecting(id),
            since: self.clock.now(),
        };
        self.besides.insert(id, one);
        Some(Way::Awaits(id))
    }

    /// One stands: the calls that wait for it go over it, and with `moves` the line as well.
    pub(super) fn beside_stands(&mut self, id: u64, flow: Flow) {
        let now = self.clock.now();
        let Some(one) = self.besides.get_mut(&id) else {
            return self.leave(id);
        };
        one.link = Link::Up(flow);
        one.since = now;
        let (line, address) = (one.line, one.address);
        if self.wants_to_move(id) {
            self.besides.remove(&id);
            self.links.insert(id, For::Line(line));
            self.move_line(line, address, flow);
        }
        self.send_waiting(id, flow);
    }

    /// One could not be made, or is gone: calls that wait for it turn to the next server.
    pub(super) fn beside_fails(&mut self, id: u64) {
        if let Some(one) = self.besides.remove(&id) {
            self.pass_over(id, one.address);
        }
    }

    /// The line goes on over a connection to another server, which stands.
    fn move_line(&mut self, id: LineId, address: SocketAddr, flow: Flow) {
        let Some(line) = self.lines.get_mut(id) else {
            return;
        };
        if let Some(index) = line.candidates.iter().position(|c| c.address == address) {
            line.chosen = index;
        }
        let old = std::mem::replace(&mut line.link, Link::Up(flow));
        self.line_reaches(id, flow);
        self.leave_link(old);
    }

    /// Gives up those that take too long, and closes those no call needs any more.
    pub(super) fn tend_besides(&mut self) {
        let now = self.clock.now();
        let (calls, lines) = (&self.calls, &self.lines);
        let mut late = Vec::new();
        let mut idle = Vec::new();
        for (id, one) in &mut self.besides {
            let age = now.saturating_sub(one.since);
            match one.link {
                Link::Connecting(_) if age >= PATIENCE => late.push(*id),
                Link::Connecting(_) => {}
                Link::Up(flow) if calls.carries(flow) && lines.get(one.line).is_some() => {
                    one.since = now;
                }
                Link::Up(_) if age < KEPT => {}
                Link::Up(_) | Link::Down => idle.push(*id),
            }
        }
        for id in late {
            self.leave(id);
            self.beside_fails(id);
        }
        for id in idle {
            self.besides.remove(&id);
            self.leave(id);
        }
    }
}
