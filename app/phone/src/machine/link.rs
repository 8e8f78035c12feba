//! The WebSocket to the server: opened, watched, and opened again when it is lost.
//!
//! ```text
//!            Start          opened            closed, silent, late
//!   Off ─────────► Opening ───────► Open ───────────────────────► Waiting ─► Opening …
//!    ▲                │               │ refused twice
//!    └── Closing ◄────┴─── Stop ──────┴────────────► Refused ─► (Start) Opening
//! ```

use sip_core::{Flow, StreamKind};

use super::{Machine, Output, SocketEvent, SocketId, registration::Registration};
use crate::{Connection, PhoneConfig, PhoneEvent, Trouble};

/// Milliseconds for a WebSocket to open and for the first REGISTER on it to be answered.
const OPEN_WITHIN: u64 = 4_000;
/// Milliseconds to wait for the answer to the last REGISTER after Stop.
const FAREWELL: u64 = 1_000;
/// The first pause is anything up to this, milliseconds: after a restart of the server its phones do
/// not come back all at once.
const SPREAD: u64 = 1_500;
/// Pauses of a second before they grow.
const QUICK_TRIES: u32 = 60;
/// The longest pause between two tries, milliseconds.
const LONGEST_PAUSE: u64 = 10_000;

/// Where the connection stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// Not wanted.
    Off,
    /// The WebSocket is being opened.
    Opening { socket: SocketId, until: u64 },
    /// The WebSocket is open; `ready_by` is set until the first REGISTER on it is granted.
    Open {
        flow: Flow,
        socket: SocketId,
        ready_by: Option<u64>,
    },
    /// Lost; tried again at `retry_at`.
    Waiting { retry_at: u64 },
    /// The server will not have us.
    Refused,
    /// Unregistering before it is closed.
    Closing {
        flow: Flow,
        socket: SocketId,
        until: u64,
    },
}

/// The connection and all that is known of it.
pub(super) struct Link {
    pub(super) state: State,
    pub(super) config: Option<PhoneConfig>,
    pub(super) registration: Registration,
    /// User part of our Contact.
    pub(super) contact_user: String,
    shown: Connection,
    next_socket: u64,
    /// Tries since the last success.
    pub(super) tries: u32,
    /// When anything last came in.
    pub(super) heard_at: u64,
    /// The server pings, so silence means death; on each connection from when we are registered on it,
    /// once the server has pinged on one.
    pub(super) is_pinged: bool,
    pub(super) is_online: bool,
    /// When the connection broke while it was in use, milliseconds since 1970. It is told of when it is
    /// back, or a call ends without it: a page that goes loses its connection too.
    pub(super) lost_at: Option<u64>,
}

impl Link {
    pub(super) fn new(contact_user: String) -> Self {
        Self {
            state: State::Off,
            config: None,
            registration: Registration::default(),
            contact_user,
            shown: Connection::Off,
            next_socket: 1,
            tries: 0,
            heard_at: 0,
            is_pinged: false,
            is_online: true,
            lost_at: None,
        }
    }

    /// The path requests take now.
    pub(super) fn flow(&self) -> Option<Flow> {
        match self.state {
            State::Open { flow, .. } => Some(flow),
            _ => None,
        }
    }

    /// Whether the registrar has granted what was asked for over the present socket.
    pub(super) fn is_ready(&self) -> bool {
        matches!(self.state, State::Open { ready_by: None, .. })
    }

    fn socket(&self) -> Option<SocketId> {
        match self.state {
            State::Opening { socket, .. }
            | State::Open { socket, .. }
            | State::Closing { socket, .. } => Some(socket),
            State::Off | State::Waiting { .. } | State::Refused => None,
        }
    }
}

impl Machine {
    /// Connects, or renews what is registered.
    pub(super) fn start(&mut self, config: PhoneConfig) {
        let moved = self.link.config.as_ref().is_some_and(|known| {
            (&known.websocket, &known.domain, &known.extension)
                != (&config.websocket, &config.domain, &config.extension)
        });
        self.outputs.push_back(Output::GatherFirst(config.gathers));
        self.relays_given(config.ice_servers.clone(), config.ice_secs);
        let renewed = self.link.config.replace(config).is_some();
        if !renewed {
            self.outputs.push_back(Output::TrySound);
        }
        if moved {
            self.close_socket();
            self.link.is_pinged = false;
        }
        match self.link.state {
            State::Open { .. } | State::Opening { .. } | State::Waiting { .. } if !moved => {
                self.credentials_renewed();
            }
            _ => {
                self.link.registration.forget(renewed && !moved);
                self.show(Connection::Connecting);
                self.open_socket();
            }
        }
    }

    /// Hangs up, unregisters and closes.
    pub(super) fn stop(&mut self) {
        self.hang_up_all();
        self.link.config = None;
        self.relays_given(Vec::new(), 0);
        match (&self.link.state, self.link.registration.handle) {
            (&State::Open { flow, socket, .. }, Some(handle)) => {
                let until = self.now.mono + FAREWELL;
                self.link.state = State::Closing {
                    flow,
                    socket,
                    until,
                };
                self.agent.unregister(self.now.mono, handle);
            }
            _ => self.close_socket(),
        }
        self.show(Connection::Off);
    }

    pub(super) fn socket(&mut self, socket: SocketId, event: SocketEvent) {
        if self.link.socket() != Some(socket) {
            return;
        }
        match event {
            SocketEvent::Opened => self.socket_opened(socket),
            SocketEvent::Received(bytes) => self.socket_received(&bytes),
            SocketEvent::Closed => self.connection_lost(Trouble::NoServer),
        }
    }

    fn socket_opened(&mut self, socket: SocketId) {
        let State::Opening { until, .. } = self.link.state else {
            return;
        };
        let secure = self
            .link
            .config
            .as_ref()
            .is_some_and(|c| c.websocket.starts_with("wss:"));
        let kind = if secure {
            StreamKind::Wss
        } else {
            StreamKind::Ws
        };
        let flow = Flow::Stream { kind, id: socket.0 };
        self.link.state = State::Open {
            flow,
            socket,
            ready_by: Some(until),
        };
        self.link.heard_at = self.now.mono;
        self.register();
    }

    fn socket_received(&mut self, bytes: &[u8]) {
        self.link.heard_at = self.now.mono;
        if let State::Open { flow, .. } | State::Closing { flow, .. } = self.link.state {
            self.agent.handle_bytes(self.now.mono, flow, bytes);
        }
    }

    /// The server pinged on this flow.
    pub(super) fn pinged(&mut self, flow: Flow) {
        self.link.is_pinged |= self.link.flow() == Some(flow);
    }

    /// The registrar granted what was asked for.
    pub(super) fn link_is_ready(&mut self, round_trip_ms: u32) {
        if let State::Open { ready_by, .. } = &mut self.link.state {
            *ready_by = None;
        }
        self.link.tries = 0;
        self.show(Connection::Ready { round_trip_ms });
    }

    /// The server has fallen silent for this page alone: a new connection is opened at once.
    pub(super) fn connection_silent(&mut self) {
        let was_ready = self.link.is_ready();
        self.connection_lost(Trouble::NoServer);
        if was_ready && matches!(self.link.state, State::Waiting { .. }) {
            self.link.tries = 0;
            self.open_socket();
        }
    }

    /// Gives the connection up and tries again after a pause, if it is still wanted.
    pub(super) fn connection_lost(&mut self, trouble: Trouble) {
        if self.link.is_ready() {
            self.link.lost_at.get_or_insert(self.now.wall);
        }
        self.close_socket();
        if self.link.config.is_none() {
            return;
        }
        let pause = self.pause();
        self.link.state = State::Waiting {
            retry_at: self.now.mono + pause,
        };
        let trouble = if self.link.is_online {
            trouble
        } else {
            Trouble::Offline
        };
        let retry_in_secs = u32::try_from(pause.div_ceil(1000)).unwrap_or(u32::MAX);
        self.show(Connection::Lost {
            trouble,
            retry_in_secs,
        });
    }

    /// Gives the connection up until a person helps.
    pub(super) fn connection_refused(&mut self, trouble: Trouble) {
        self.close_socket();
        self.link.state = State::Refused;
        self.show(Connection::Refused { trouble });
    }

    /// At first anything up to 1.5 s, then a second for about a minute, so that the phone is back soon
    /// after the server is; then ever longer. Each by chance up to half as long again.
    fn pause(&mut self) -> u64 {
        let tries = self.link.tries;
        self.link.tries += 1;
        if tries == 0 {
            return self.random.below(SPREAD);
        }
        let least = 1_000_u64 << tries.saturating_sub(QUICK_TRIES).min(4);
        (least + self.random.below(least / 2)).min(LONGEST_PAUSE)
    }

    pub(super) fn open_socket(&mut self) {
        let Some(config) = &self.link.config else {
            return;
        };
        let url = config.websocket.clone();
        let socket = SocketId(self.link.next_socket);
        self.link.next_socket += 1;
        self.link.state = State::Opening {
            socket,
            until: self.now.mono + OPEN_WITHIN,
        };
        self.outputs.push_back(Output::OpenSocket(socket, url));
    }

    pub(super) fn close_socket(&mut self) {
        if let Some(socket) = self.link.socket() {
            self.outputs.push_back(Output::CloseSocket(socket));
        }
        let before = std::mem::replace(&mut self.link.state, State::Off);
        if let State::Open { flow, .. } | State::Closing { flow, .. } = before {
            self.agent.handle_flow_closed(self.now.mono, flow);
        }
    }

    /// Tells the screen, if that is news.
    pub(super) fn show(&mut self, connection: Connection) {
        if self.link.shown != connection {
            self.link.shown = connection.clone();
            self.tell(PhoneEvent::ConnectionChanged(connection));
        }
    }

    /// The farewell was answered.
    pub(super) fn unregistered(&mut self) {
        if matches!(self.link.state, State::Closing { .. }) {
            self.close_socket();
        }
    }
}
