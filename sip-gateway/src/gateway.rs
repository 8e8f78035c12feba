//! The handle the server holds.

use std::{net::SocketAddr, sync::Arc, time::SystemTime};

use axum::extract::ws::WebSocket;
use tokio::sync::mpsc;

use crate::{
    config::{Addresses, GatewayConfig, StartError},
    ports::{CallDirector, CallEvent, CallId, Direction, LineConfig, LineId, LineState},
};

/// A phone registered here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindingInfo {
    /// The extension it rings for.
    pub extension: String,
    /// The SIP user it signed in as.
    pub username: String,
    /// `+sip.instance`, if it has one.
    pub instance: Option<String>,
    /// Its `User-Agent`.
    pub user_agent: Option<String>,
    /// `ws` or `udp`.
    pub transport: &'static str,
    /// Where it is.
    pub peer: SocketAddr,
    /// Whether it would ring now.
    pub reachable: bool,
}

/// A conversation that goes on now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActiveCall {
    /// The conversation.
    pub id: CallId,
    /// Which way.
    pub direction: Direction,
    /// When it began.
    pub started: SystemTime,
}

/// What a provider said to one real REGISTER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// The address the REGISTER went to, if the host was found.
    pub sent_to: Option<SocketAddr>,
    /// The outcome: registered or failed with code and reason.
    pub state: LineState,
}

/// Handle of a running gateway; cheap to clone.
#[derive(Clone)]
pub struct Gateway {}

#[expect(unused_variables, clippy::todo, clippy::unused_async, clippy::missing_errors_doc, reason = "the shape before the code")]
impl Gateway {
    /// Binds the sockets, finishes recordings a crash left behind, and starts to serve.
    ///
    /// Events are delivered in order through `events`; when the receiver is slow they wait in
    /// memory, and neither packets nor SIP responses wait for it.
    pub async fn start(
        config: GatewayConfig,
        director: Arc<dyn CallDirector>,
        events: mpsc::Sender<CallEvent>,
    ) -> Result<Self, StartError> {
        todo!()
    }
    /// The SIP socket's address (the port matters when 0 was asked for).
    #[must_use]
    pub fn sip_addr(&self) -> SocketAddr {
        todo!()
    }
    /// The browsers' media socket's address.
    #[must_use]
    pub fn media_addr(&self) -> SocketAddr {
        todo!()
    }
    /// Makes these the lines from now on: new ones register, missing ones unregister, changed ones
    /// register anew. Running calls go on.
    pub fn set_lines(&self, lines: Vec<LineConfig>) {
        todo!()
    }
    /// Every line's state.
    #[must_use]
    pub fn line_states(&self) -> Vec<(LineId, LineState)> {
        todo!()
    }
    /// Every phone registered here.
    #[must_use]
    pub fn bindings(&self) -> Vec<BindingInfo> {
        todo!()
    }
    /// Conversations that go on now.
    #[must_use]
    pub fn calls(&self) -> Vec<ActiveCall> {
        todo!()
    }
    /// Serves one RFC 7118 client until its connection ends. The server has checked `Origin` and
    /// negotiated the subprotocol `sip`.
    pub async fn websocket(&self, socket: WebSocket, peer: SocketAddr) {
        todo!()
    }
    /// Ends a conversation; unknown ids are ignored.
    pub fn hang_up(&self, call: CallId) {
        todo!()
    }
    /// Sends one real REGISTER and says what the provider answered. Takes at most 10 s.
    pub async fn check_line(&self, line: LineConfig) -> CheckReport {
        todo!()
    }
    /// Changes the public addresses; lines register anew with them.
    pub fn set_addresses(&self, addresses: Addresses) {
        todo!()
    }
    /// Conversations the last run left open (it crashed or was killed), in no order. Their records
    /// are to be closed; their recordings are being finished and reported as events.
    #[must_use]
    pub fn recovered(&self) -> Vec<CallId> {
        todo!()
    }
    /// Ends calls, unregisters, closes journals. Nothing is served afterwards.
    pub async fn shutdown(&self) {
        todo!()
    }
}
