//! The provider's other servers, when one does not take a call (RFC 3263 §4.3): no connection, no
//! word, or 503. The conversation sees one leg, whichever server carries it in the end.

use std::{collections::HashMap, net::SocketAddr};

use sip_core::{CallHandle, EndedBy, Flow, Millis, SipCause};

use super::{AgentTask, beside::Way};
use crate::{
    calls::{Input, Invitation, LegInput, LegKey},
    ports::{Candidate, LineId, LineTransport},
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
    /// To be sent as soon as the connection with this number stands. With `moves` the line follows,
    /// since the server it uses is out of order.
    Waits { connection: u64, moves: bool },
}

/// By leg, until a server has taken the call.
pub(super) type Attempts = HashMap<LegKey, Attempt>;

impl AgentTask {
    /// Where the INVITE of this leg goes, if that is not the line's usual way.
    pub(super) fn target_of(&self, key: LegKey) -> Option<Flow> {
        match self.attempts.get(&key)?.stage {
            Stage::Goes(flow) => Some(flow),
            Stage::Sent { .. } | Stage::Waits { .. } => None,
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
        let sent = Stage::Sent {
            flow,
            at: self.clock.now(),
            heard: false,
        };
        let attempt = self.attempts.entry(key).or_insert_with(|| Attempt {
            invitation: invitation.clone(),
            line,
            tried: Vec::new(),
            stage: Stage::Goes(flow),
        });
        attempt.tried.push(peer);
        attempt.stage = sent;
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
            Some(Stage::Goes(_) | Stage::Waits { .. }) | None => return false,
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

    /// Takes the INVITE of this leg back and sends it to the next server, if there is one. With `moves`
    /// the line follows, since the one it uses is out of order.
    fn turn_to_next(&mut self, handle: CallHandle, key: LegKey, moves: bool) -> bool {
        let Some(line) = self.attempts.get(&key).map(|attempt| attempt.line) else {
            return false;
        };
        if self.next_of(key).is_none() {
            self.attempts.remove(&key);
            return false;
        }
        tracing::info!(%line, "a server of the provider takes no call; the next one is asked");
        self.calls.unroute(handle);
        self.tell_usage(Some(line));
        self.try_next(key, moves)
    }

    /// The server of the line's provider that was not tried yet, and its place among them.
    fn next_of(&self, key: LegKey) -> Option<(usize, Candidate)> {
        let attempt = self.attempts.get(&key)?;
        let candidates = &self.lines.get(attempt.line)?.candidates;
        let is_new = |one: &Candidate| !attempt.tried.contains(&one.address);
        let next = candidates.iter().enumerate().find(|(_, one)| is_new(one));
        next.map(|(index, one)| (index, one.clone()))
    }

    fn try_next(&mut self, key: LegKey, moves: bool) -> bool {
        let next = self.next_of(key);
        let line = self.attempts.get(&key).map(|attempt| attempt.line);
        let (Some((index, next)), Some(id)) = (next, line) else {
            self.attempts.remove(&key);
            return false;
        };
        let way = if next.transport == LineTransport::Udp {
            if moves && self.lines.get(id).is_some_and(|line| line.chosen != index) {
                self.reach(id, index);
            }
            let remote = next.address;
            Some(Way::Stands(Flow::Udp { remote }))
        } else {
            self.way_beside(id, &next)
        };
        let stage = match way {
            Some(Way::Stands(flow)) => Stage::Goes(flow),
            Some(Way::Awaits(connection)) => Stage::Waits { connection, moves },
            None => return false,
        };
        let goes = matches!(stage, Stage::Goes(_));
        if let Some(attempt) = self.attempts.get_mut(&key) {
            attempt.stage = stage;
            let invitation = attempt.invitation.clone();
            if goes {
                self.invite(key, invitation);
            }
        }
        true
    }

    /// Whether a call that waits for this connection found the line's own server out of order.
    pub(super) fn wants_to_move(&self, id: u64) -> bool {
        self.attempts.values().any(
            |attempt| matches!(attempt.stage, Stage::Waits { connection, moves: true } if connection == id),
        )
    }

    /// The connection stands: what waits for it is sent.
    pub(super) fn send_waiting(&mut self, id: u64, flow: Flow) {
        for (key, _) in self.waiting_for(id) {
            let Some(attempt) = self.attempts.get_mut(&key) else {
                continue;
            };
            attempt.stage = Stage::Goes(flow);
            let invitation = attempt.invitation.clone();
            self.invite(key, invitation);
        }
    }

    /// The connection will not stand: what waits for it goes to the next server, or fails.
    pub(super) fn pass_over(&mut self, id: u64, address: SocketAddr) {
        for (key, moves) in self.waiting_for(id) {
            if let Some(attempt) = self.attempts.get_mut(&key) {
                attempt.tried.push(address);
            }
            if self.try_next(key, moves) {
                continue;
            }
            let ended = LegInput::Ended {
                by: EndedBy::Failure,
                cause: SipCause {
                    code: 503,
                    reason: "No server of the provider takes the call".to_owned(),
                },
            };
            self.calls.tell(key.0, Input::Leg(key.1, ended));
        }
    }

    fn waiting_for(&self, id: u64) -> Vec<(LegKey, bool)> {
        let waiting = self.attempts.iter();
        waiting
            .filter_map(|(key, attempt)| match attempt.stage {
                Stage::Waits { connection, moves } if connection == id => Some((*key, moves)),
                _ => None,
            })
            .collect()
    }
}
