//! Connections others opened: anybody may open one, so strangers get few, say little and soon leave.

use std::net::SocketAddr;

use sip_core::{Flow, Millis, StreamKind};
use tokio::sync::mpsc;

use super::AgentTask;
use crate::registrar::guard::{Payer, is_scanner};

impl AgentTask {
    /// Dropping `sender` closes the connection.
    pub(super) fn connection_opened(
        &mut self,
        id: u64,
        (kind, peer): (StreamKind, SocketAddr),
        sender: mpsc::Sender<Vec<u8>>,
    ) {
        let (all, own) = self.transports.count(peer.ip());
        if all >= self.limits.connections || own >= self.limits.connections_per_address {
            tracing::warn!(all, own, "too many connections; a new one is closed");
            return;
        }
        let now = self.clock.now();
        if !self.lockout.hears(now, peer.ip()) {
            return;
        }
        self.transports.opened(now, id, (kind, peer), sender);
    }

    pub(super) fn connection_said(&mut self, id: u64, bytes: &[u8]) {
        let now = self.clock.now();
        let Some(flow) = self.transports.flow(id) else {
            return; // it is being closed
        };
        if self.is_stranger(id, flow) && (!self.transports.bears(now, id) || is_scanner(bytes)) {
            tracing::info!(connection = id, "a stranger says too much; it is closed");
            return self.connection_closed(id);
        }
        self.turn_to(flow);
        self.take_bytes(flow, bytes);
    }

    /// Neither a provider's connection nor a phone's.
    fn is_stranger(&self, id: u64, flow: Flow) -> bool {
        let peer = self.transports.peer(flow);
        !self.transports.is_ours(id)
            && !self.registrar.knows(flow)
            && !peer.is_some_and(|peer| self.lines.knows(peer.ip()))
    }

    pub(super) fn connection_closed(&mut self, id: u64) {
        let Some(flow) = self.transports.flow(id) else {
            return;
        };
        let was_known = self.registrar.knows(flow);
        self.registrar.flow_closed(flow);
        self.close_flow(id, flow);
        self.link_lost(id, flow);
        if was_known {
            self.phones_changed();
        }
    }

    /// Requests over it without an answer will have none; calls over it go on elsewhere.
    pub(super) fn close_flow(&mut self, id: u64, flow: Flow) {
        self.transports.closed(id);
        self.calls.flow_closed(flow);
        self.ua.handle_flow_closed(self.clock.now(), flow);
        self.adopt_orphans(flow);
    }

    /// A provider may close a connection it opened for a call; what is to be said in that call goes
    /// over the line's own path from now on (RFC 3261 §18.2.2).
    fn adopt_orphans(&mut self, gone: Flow) {
        let now = self.clock.now();
        for (handle, line) in self.calls.orphans(gone) {
            if let Some(flow) = self.line_flow(line).filter(|flow| *flow != gone) {
                self.calls.moved(handle, flow);
                self.ua.move_call(now, handle, flow);
            }
        }
    }

    /// Closes connections nothing has been registered over for long, and that carry no call.
    /// `known`: those something is registered over, sorted.
    pub(super) fn close_strangers(&mut self, known: &[Flow]) {
        let limit = Millis::try_from(self.limits.unregistered.as_millis()).unwrap_or(Millis::MAX);
        for id in self.transports.strangers(self.clock.now(), known, limit) {
            let Some(flow) = self.transports.flow(id) else {
                continue;
            };
            if self.is_stranger(id, flow) && !self.calls.carries(flow) {
                tracing::debug!(connection = id, "nothing was registered; it is closed");
                self.connection_closed(id);
            }
        }
    }

    /// Whose patience bucket what comes over `flow` is charged to.
    pub(super) fn payer(&self, flow: Flow) -> Option<Payer> {
        let address = self.transports.peer(flow)?.ip();
        Some(match flow {
            Flow::Udp { .. } => Payer::datagrams(address),
            Flow::Stream { .. } if self.registrar.knows(flow) => Payer::Phone(flow),
            Flow::Stream { .. } => Payer::connections(address),
        })
    }
}
