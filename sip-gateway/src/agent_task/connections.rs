//! WebSocket connections: anybody may open one, so strangers get few, say little and soon leave.

use std::net::SocketAddr;

use sip_core::{Flow, Millis};
use tokio::sync::mpsc;

use super::AgentTask;
use crate::{registrar::guard::Payer, transport::websocket_flow};

impl AgentTask {
    /// Dropping `sender` closes the connection.
    pub(super) fn connection_opened(
        &mut self,
        id: u64,
        peer: SocketAddr,
        sender: mpsc::Sender<Vec<u8>>,
    ) {
        let (all, own) = self.transports.count(peer.ip());
        if all >= self.limits.connections || own >= self.limits.connections_per_address {
            tracing::warn!(all, own, "too many connections; a new one is closed");
            return;
        }
        self.transports.opened(self.clock.now(), id, peer, sender);
    }

    pub(super) fn connection_said(&mut self, id: u64, bytes: &[u8]) {
        let (now, flow) = (self.clock.now(), websocket_flow(id));
        if self.transports.peer(flow).is_none() {
            return; // it is being closed
        }
        if !self.registrar.knows(flow) && !self.transports.bears(now, id) {
            tracing::info!(connection = id, "a stranger says too much; it is closed");
            return self.transports.closed(id);
        }
        self.ua.handle_bytes(now, flow, bytes);
    }

    pub(super) fn connection_closed(&mut self, id: u64) {
        let flow = websocket_flow(id);
        self.transports.closed(id);
        let was_known = self.registrar.knows(flow);
        self.registrar.flow_closed(flow);
        self.calls.flow_closed(flow);
        self.ua.handle_flow_closed(self.clock.now(), flow);
        if was_known {
            self.phones_changed();
        }
    }

    /// Closes connections nothing has been registered over for long, and that carry no call.
    /// `known`: those something is registered over, sorted.
    pub(super) fn close_strangers(&mut self, known: &[Flow]) {
        let limit = Millis::try_from(self.limits.unregistered.as_millis()).unwrap_or(Millis::MAX);
        for id in self.transports.strangers(self.clock.now(), known, limit) {
            if !self.calls.carries(websocket_flow(id)) {
                tracing::debug!(connection = id, "nothing was registered; it is closed");
                self.transports.closed(id);
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
