//! The provider's other servers, when one does not take a call (RFC 3263 §4.3): no connection, no
//! word, or 503. The conversation sees one leg, whichever server carries it in the end.

use std::{collections::HashMap, net::SocketAddr};

use sip_core::{CallHandle, Flow, Millis, SipCause};

use super::AgentTask;
use crate::{
    calls::{Invitation, LegKey},
    lines::Link,
    ports::{LineId, LineTransport},
};

/// How long a server may stay silent, without even a 100, while there is another one, ms. RFC 3263
/// waits for timer B, 32 s; a person who has dialled does not.
const SILENCE: Millis = 4_000;

/// An INVITE that another server could take.
#[derive(Debug)]
pub(super) struct Attempt {
    invitation: Invitation,
    line: LineId,
    tried: Vec<SocketAddr>,
    stage: Stage,
}

#[derive(Debug)]
enum Stage {
    /// Sent there, then; whether anything has come from there since.
    Sent { flow: Flow, at: Millis, heard: bool },
    /// To be sent there.
    Goes(Flow),
    /// To be sent as soon as the line's connection stands.
    Waits,
}

/// By leg, until a server has taken the call.
pub(super) type Attempts = HashMap<LegKey, Attempt>;

impl AgentTask {
    /// Where the INVITE of this leg goes, if that is not the line's usual way.
    pub(super) fn target_of(&self, key: LegKey) -> Option<Flow> {
        match self.attempts.get(&key)?.stage {
            Stage::Goes(flow) => Some(flow),
            Stage::Sent { .. } | Stage::Waits => None,
        }
    }

    /// An INVITE goes out over a line.
    pub(super) fn target_tried(
        &mut self,
        key: LegKey,
        line: LineId,
        flow: Flow,
        invitation: &Invitation,
    ) {
        let many = self.lines.get(line).is_some_and(|l| l.candidates.len() > 1);
        let Some(peer) = self.transports.peer(flow).filter(|_| many) else {
            self.attempts.remove(&key);
            return;
        };
        let at = self.clock.now();
        let attempt = self.attempts.entry(key).or_insert_with(|| Attempt {
            invitation: invitation.clone(),
            line,
            tried: Vec::new(),
            stage: Stage::Waits,
        });
        attempt.tried.push(peer);
        let heard = false;
        attempt.stage = Stage::Sent { flow, at, heard };
    }

    /// A server is there.
    pub(super) fn target_heard(&mut self, from: Flow) {
        for attempt in self.attempts.values_mut() {
            if let Stage::Sent { flow, heard, .. } = &mut attempt.stage {
                *heard |= *flow == from;
            }
        }
    }

    /// A server has taken the call, or the call is over.
    pub(super) fn target_settled(&mut self, key: LegKey) {
        self.attempts.remove(&key);
    }

    /// The INVITE has failed; whether another server is asked now.
    pub(super) fn next_target(
        &mut self,
        handle: CallHandle,
        key: LegKey,
        cause: &SipCause,
    ) -> bool {
        let silent = match self.attempts.get(&key).map(|attempt| &attempt.stage) {
            Some(Stage::Sent { heard, .. }) => !*heard,
            Some(Stage::Goes(_) | Stage::Waits) | None => return false,
        };
        // A 408 of the server itself speaks of the far end.
        let servers_fault = cause.code == 503 || (cause.code == 408 && silent);
        servers_fault && self.turn_to_next(handle, key, silent)
    }

    /// Servers that say nothing at all are left for the next.
    pub(super) fn leave_silent_targets(&mut self) {
        let now = self.clock.now();
        let silent = |attempt: &Attempt| matches!(attempt.stage, Stage::Sent { at, heard: false, .. } if now.saturating_sub(at) >= SILENCE);
        let late: Vec<LegKey> = self
            .attempts
            .iter()
            .filter(|(_, attempt)| silent(attempt))
            .map(|(key, _)| *key)
            .collect();
        for key in late {
            let Some(handle) = self.calls.routes.get(&key).map(|route| route.handle) else {
                self.attempts.remove(&key);
                continue;
            };
            if self.turn_to_next(handle, key, true) {
                // Should it answer after all, the core takes leave of it.
                self.ua.hang_up(now, handle, None);
            }
        }
    }

    /// Sends the INVITE of this leg to the next server. With `moves` the line follows, since the one
    /// it uses is out of order.
    fn turn_to_next(&mut self, handle: CallHandle, key: LegKey, moves: bool) -> bool {
        let Some(attempt) = self.attempts.get(&key) else {
            return false;
        };
        let id = attempt.line;
        let Some(line) = self.lines.get(id) else {
            return false;
        };
        let is_new = |address: SocketAddr| !attempt.tried.contains(&address);
        let next = line.candidates.iter().position(|c| is_new(c.address));
        let Some((index, next)) = next.and_then(|at| Some((at, line.candidates.get(at)?.clone())))
        else {
            self.attempts.remove(&key);
            return false;
        };
        let used_by_line = line.chosen != index;
        tracing::info!(line = %id, "a server of the provider takes no call; the next one is asked");
        self.calls.unroute(handle);
        self.tell_usage(Some(id));
        let over_udp = next.transport == LineTransport::Udp;
        if used_by_line && (moves || !over_udp) {
            self.reach(id, index);
        }
        let stage = match self.lines.get(id).map(|line| line.link) {
            _ if over_udp => Stage::Goes(Flow::Udp {
                remote: next.address,
            }),
            Some(Link::Up(flow)) => Stage::Goes(flow),
            Some(Link::Connecting(_) | Link::Down) | None => Stage::Waits,
        };
        let waits = matches!(stage, Stage::Waits);
        if let Some(attempt) = self.attempts.get_mut(&key) {
            attempt.stage = stage;
            let invitation = attempt.invitation.clone();
            if !waits {
                self.invite(key, invitation);
            }
        }
        true
    }

    /// The line has a connection again, or will have none: INVITEs that wait for it are sent, or fail.
    pub(super) fn link_decided(&mut self, line: LineId) {
        let waiting =
            |attempt: &Attempt| attempt.line == line && matches!(attempt.stage, Stage::Waits);
        let keys: Vec<LegKey> = self
            .attempts
            .iter()
            .filter(|(_, attempt)| waiting(attempt))
            .map(|(key, _)| *key)
            .collect();
        for key in keys {
            let invitation = self.attempts.get(&key).map(|a| a.invitation.clone());
            if let Some(invitation) = invitation.filter(|_| self.calls.entries.contains_key(&key.0))
            {
                self.invite(key, invitation);
            } else {
                self.attempts.remove(&key);
            }
        }
    }
}
