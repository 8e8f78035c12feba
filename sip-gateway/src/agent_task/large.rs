//! Requests too large for a datagram (RFC 3261 §18.1.1): over TCP where the provider takes it, else
//! over UDP all the same.

use std::collections::HashMap;

use sip_core::{Flow, InviteRequest, Millis};

use super::{AgentTask, links::For};
use crate::{
    calls::{Invitation, LegKey},
    lines::Link,
    ports::{Candidate, LineId, LineTransport},
};

/// Octets above which a request of unknown path MTU goes over a connection.
const LARGE: usize = 1300;
/// Octets of an INVITE besides what is counted: start line, Via, tags, Call-ID, CSeq,
/// Max-Forwards, User-Agent, Allow, and the answer to a challenge.
const REST: usize = 850;
/// How long a call may wait for the connection, ms.
const PATIENCE: Millis = 2_000;
/// How long a provider that takes no TCP is not asked again, ms.
const NOT_AGAIN: Millis = 600_000;

/// A UDP line's way for large requests.
#[derive(Debug)]
pub(super) enum Large {
    /// A connection is being made, since then; these wait.
    Connecting(Millis, Vec<(LegKey, Invitation)>),
    /// There is one.
    Up(Flow),
    /// There is none, until then.
    None(Millis),
}

/// By line.
pub(super) type LargePaths = HashMap<LineId, Large>;

/// Whether an INVITE will not fit.
pub(super) fn is_large(request: &InviteRequest) -> bool {
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    let uris = 2 * request.target.to_string().len()
        + request.from.to_string().len()
        + request.to.to_string().len()
        + request.contact.to_string().len();
    let sdp = request.sdp.as_ref().map_or(0, String::len);
    REST + headers + uris + sdp > LARGE
}

impl AgentTask {
    /// The flow for a large request of a line; `None`: it waits for one.
    pub(super) fn large_flow(
        &mut self,
        line: LineId,
        usual: Flow,
        key: LegKey,
        invitation: &Invitation,
    ) -> Option<Flow> {
        let now = self.clock.now();
        match self.large.get_mut(&line) {
            Some(Large::Up(flow)) if self.transports.peer(*flow).is_some() => {
                return Some(*flow);
            }
            Some(Large::None(until)) if *until > now => return Some(usual),
            Some(Large::Connecting(_, waiting)) => {
                waiting.push((key, invitation.clone()));
                return None;
            }
            Some(Large::Up(_) | Large::None(_)) | None => {}
        }
        let config = self.lines.get(line)?.config.clone();
        let Flow::Udp { remote } = usual else {
            return Some(usual);
        };
        let candidate = Candidate {
            address: remote,
            transport: LineTransport::Tcp,
            source: crate::ports::Source::Given,
        };
        self.connect(&candidate, &config, For::Large(line));
        let waiting = vec![(key, invitation.clone())];
        self.large.insert(line, Large::Connecting(now, waiting));
        None
    }

    /// The connection stands, or there is none: what waits is sent.
    pub(super) fn large_path(&mut self, line: LineId, flow: Option<Flow>) {
        let until = self.clock.now() + NOT_AGAIN;
        let path = flow.map_or(Large::None(until), Large::Up);
        if let Some(Large::Connecting(_, waiting)) = self.large.insert(line, path) {
            for (key, invitation) in waiting {
                self.invite(key, invitation);
            }
        }
    }

    /// Calls do not wait long for a connection.
    pub(super) fn hurry_large(&mut self) {
        let now = self.clock.now();
        let late: Vec<LineId> = self
            .large
            .iter()
            .filter(|(_, path)| {
                matches!(path, Large::Connecting(since, _) if now.saturating_sub(*since) >= PATIENCE)
            })
            .map(|(line, _)| *line)
            .collect();
        for line in late {
            self.large_path(line, None);
        }
    }

    /// Where requests of a line go now.
    pub(super) fn line_flow(&self, id: LineId) -> Option<Flow> {
        match self.lines.get(id)?.link {
            Link::Up(flow) => Some(flow),
            Link::Connecting(_) | Link::Down => None,
        }
    }
}
