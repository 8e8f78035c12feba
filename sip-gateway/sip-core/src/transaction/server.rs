//! Server transactions: INVITE (RFC 3261 §17.2.1, RFC 6026 §7.1) and others (§17.2.2).
//!
//! ```text
//!  INVITE:  Proceeding ──2xx──► Accepted ──L──► gone      (the call repeats its 2xx)
//!               └──────300+──► Completed ──ACK──► Confirmed ──I──► gone
//!  others:  Proceeding ──200+──► Completed ──J──► gone
//! ```

use super::{ServerId, ServerKey};
use crate::{
    CallHandle, Flow, Millis,
    message::{Request, Response},
    stack::Stack,
    timers::{PATIENCE, ServerTimer, T1, T2, T4, Timer},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// We have given no final answer yet.
    Proceeding,
    /// A final answer (INVITE: 300 or above) is out.
    Completed,
    /// INVITE only: the ACK to it came.
    Confirmed,
    /// INVITE only: a 2xx is out; repeats of the INVITE are absorbed.
    Accepted,
}

pub struct Server {
    key: ServerKey,
    flow: Flow,
    is_invite: bool,
    state: State,
    /// The last response, for repeats of the request.
    last: Option<Vec<u8>>,
    interval: Millis,
    /// The call an INVITE belongs to, for CANCEL.
    pub call: Option<CallHandle>,
}

/// What a request turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It began a transaction.
    New(ServerId),
    /// An ACK for a 2xx: no transaction takes it.
    Ack,
    /// A repeat; it has been dealt with.
    Absorbed,
}

impl Stack {
    /// Matches a request with valid Via and CSeq (§17.2.3), or begins a transaction.
    pub fn receive_request(&mut self, flow: Flow, request: &Request) -> Arrival {
        let Ok(key) = ServerKey::of(request) else {
            return Arrival::Absorbed;
        };
        let known = self.transactions.server_keys.get(&key).copied();
        match (known, request.method.as_str()) {
            (Some(id), "ACK") => self.receive_ack(id),
            (None, "ACK") => Arrival::Ack,
            (Some(id), _) => {
                self.repeat_response(id, flow);
                Arrival::Absorbed
            }
            (None, method) => Arrival::New(self.start_server(key, flow, method == "INVITE")),
        }
    }

    fn start_server(&mut self, key: ServerKey, flow: Flow, is_invite: bool) -> ServerId {
        let id = ServerId(self.next_id());
        self.transactions.server_keys.insert(key.clone(), id);
        let state = State::Proceeding;
        let server = Server {
            key,
            flow,
            is_invite,
            state,
            last: None,
            interval: T1,
            call: None,
        };
        self.transactions.servers.insert(id, server);
        id
    }

    fn receive_ack(&mut self, id: ServerId) -> Arrival {
        let Some(server) = self.transactions.servers.get_mut(&id) else {
            return Arrival::Ack;
        };
        match server.state {
            // RFC 6026 §7.1: the call wants to see it. Some peers reuse the INVITE's branch.
            State::Accepted => Arrival::Ack,
            State::Completed => {
                server.state = State::Confirmed;
                let linger = if server.flow.is_reliable() { 0 } else { T4 };
                self.timers
                    .cancel(Timer::Server(id, ServerTimer::Retransmit));
                self.linger_server(id, linger);
                Arrival::Absorbed
            }
            State::Proceeding | State::Confirmed => Arrival::Absorbed,
        }
    }

    fn repeat_response(&mut self, id: ServerId, flow: Flow) {
        let Some(server) = self.transactions.servers.get_mut(&id) else {
            return;
        };
        if matches!(server.state, State::Proceeding | State::Completed)
            && let Some(bytes) = server.last.clone()
        {
            self.transmit(flow, bytes);
        }
    }

    /// Sends a response; without effect once a final one is out or the transaction is gone.
    pub fn respond(&mut self, id: ServerId, response: &Response) {
        let bytes = response.to_bytes();
        let Some(server) = self.transactions.servers.get_mut(&id) else {
            return;
        };
        if server.state != State::Proceeding {
            return;
        }
        server.last = Some(bytes.clone());
        let (flow, is_invite) = (server.flow, server.is_invite);
        if !response.is_provisional() {
            server.state = match is_invite && response.is_success() {
                true => State::Accepted,
                false => State::Completed,
            };
            self.start_server_timers(id, flow, is_invite, response.is_success());
        }
        self.transmit(flow, bytes);
    }

    fn start_server_timers(&mut self, id: ServerId, flow: Flow, is_invite: bool, success: bool) {
        if is_invite && !success && !flow.is_reliable() {
            self.set_timer(Timer::Server(id, ServerTimer::Retransmit), T1);
        }
        let linger = if !is_invite && flow.is_reliable() {
            0
        } else {
            PATIENCE
        };
        self.linger_server(id, linger);
    }

    fn linger_server(&mut self, id: ServerId, time: Millis) {
        match time {
            0 => self.drop_server(id),
            time => self.set_timer(Timer::Server(id, ServerTimer::Linger), time),
        }
    }

    /// Forgets a transaction.
    pub fn drop_server(&mut self, id: ServerId) {
        for timer in [ServerTimer::Retransmit, ServerTimer::Linger] {
            self.timers.cancel(Timer::Server(id, timer));
        }
        if let Some(server) = self.transactions.servers.remove(&id) {
            self.transactions.server_keys.remove(&server.key);
        }
    }

    /// Notes whose INVITE this is.
    pub fn set_server_call(&mut self, id: ServerId, call: CallHandle) {
        if let Some(server) = self.transactions.servers.get_mut(&id) {
            server.call = Some(call);
        }
    }

    /// Answers of this transaction take another path from now on (§18.2.2: the connection is gone,
    /// the peer has opened a new one).
    pub fn move_server(&mut self, id: ServerId, flow: Flow) {
        if let Some(server) = self.transactions.servers.get_mut(&id) {
            server.flow = flow;
        }
    }

    /// The INVITE a CANCEL means, and its call.
    pub fn cancelled_invite(&self, cancel: &Request) -> Option<(ServerId, Option<CallHandle>)> {
        let key = ServerKey::cancelled_by(cancel).ok()?;
        let id = self.transactions.server_keys.get(&key)?;
        Some((*id, self.transactions.servers.get(id)?.call))
    }

    /// A server timer fired.
    pub fn server_timer(&mut self, id: ServerId, timer: ServerTimer) {
        if timer == ServerTimer::Linger {
            self.drop_server(id);
            return;
        }
        let Some(server) = self.transactions.servers.get_mut(&id) else {
            return;
        };
        server.interval = (server.interval * 2).min(T2);
        let (flow, interval) = (server.flow, server.interval);
        if let Some(bytes) = server.last.clone() {
            self.transmit(flow, bytes);
            self.set_timer(Timer::Server(id, ServerTimer::Retransmit), interval);
        }
    }
}
