//! The handle the server holds.

use std::{
    net::{IpAddr, SocketAddr},
    path::Path,
    sync::Arc,
    time::SystemTime,
};

use axum::extract::ws::WebSocket;
use sip_core::{AgentConfig, UserAgent, digest::Authenticator};
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use crate::{
    agent_task::{self, AgentTask, Clock, Parts, Sources},
    archive::Archive,
    calls::Services,
    config::{Addresses, GatewayConfig, OnFatal, StartError},
    events::EventSink,
    media::Engine,
    orders::{Order, Orders},
    ports::{
        CallDirector, CallEvent, CallId, CheckReport, Direction, LineConfig, LineId, LineState,
        LockedOut, REALM,
    },
    recording::Recovered,
    resolver::Resolver,
    transport::{Locals, StreamIds, StreamInput, websocket},
};

mod doors;
mod echo;

pub use echo::EchoError;

/// Messages of all connections that may wait for the agent task; beyond that their sockets wait.
const STREAM_QUEUE: usize = 1024;

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
    /// `udp`, `tcp`, `tls` or `ws`.
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

/// Handle of a running gateway; cheap to clone.
#[derive(Clone)]
pub struct Gateway {
    inner: Arc<Inner>,
}

struct Inner {
    sip_addr: SocketAddr,
    sip_tls_addr: Option<SocketAddr>,
    engine: Engine,
    echoes: echo::Echoes,
    orders: Orders,
    streams: mpsc::Sender<StreamInput>,
    stream_ids: StreamIds,
    recovered: Vec<Recovered>,
    lines: watch::Receiver<Vec<(LineId, LineState)>>,
    bindings: watch::Receiver<Vec<BindingInfo>>,
    calls: watch::Receiver<Vec<ActiveCall>>,
}

impl Gateway {
    /// Binds the sockets, finishes recordings a crash left behind, and starts to serve.
    ///
    /// Events are delivered in order through `events`; when the receiver is slow they wait in
    /// memory, and neither packets nor SIP responses wait for it.
    ///
    /// # Errors
    /// [`StartError`] names what is in the way and says what to do.
    pub async fn start(
        config: GatewayConfig,
        director: Arc<dyn CallDirector>,
        events: mpsc::Sender<CallEvent>,
    ) -> Result<Self, StartError> {
        make_folder(&config.recordings_dir)?;
        make_folder(&config.media.journal_dir)?;
        let mut doors = doors::open(&config)?;
        let sip_addr = doors.address;
        let events = EventSink::new(events);
        let (archive, recovered) = Archive::open(
            &config.media.journal_dir,
            &config.recordings_dir,
            events.clone(),
            config.on_fatal.clone(),
        )?;
        let (engine, media) = Engine::start(config.media.clone()).map_err(StartError::Media)?;
        let (orders, order_source) = Orders::new();
        let (streams, stream_source) = mpsc::channel(STREAM_QUEUE);
        let stream_ids = StreamIds::new();
        let sip_tls_addr = doors.serve_streams(&stream_ids, &streams);
        let (shown, seen) = windows();
        let services = Services {
            engine: engine.clone(),
            director,
            events,
            orders: orders.clone(),
            archive,
            lines: seen.line_configs,
            waits: config.waits,
        };
        let task = AgentTask::new(Parts {
            ua: UserAgent::new(agent_config(&config, sip_addr), random()?),
            authenticator: Authenticator::new(REALM, random()?),
            udp: Arc::new(doors.udp),
            locals: Locals::new(sip_addr, config.sip_public.clone())
                .with_tls_port(sip_tls_addr.map(|address| address.port())),
            limits: config.limits,
            drain: config.drain,
            services,
            shown,
            clock: Clock::new(),
            resolver: Resolver::new(&config.dns, sip_addr.is_ipv4()),
            streams: streams.clone(),
            stream_ids: stream_ids.clone(),
        });
        let running = tokio::spawn(task.run(Sources {
            orders: order_source,
            streams: stream_source,
            media,
        }));
        tokio::spawn(watch_over("the SIP task", running, config.on_fatal));
        let (lines, bindings, calls) = (seen.lines, seen.bindings, seen.calls);
        let inner = Inner {
            sip_addr,
            sip_tls_addr,
            echoes: echo::Echoes::new(engine.clone()),
            engine,
            orders,
            streams,
            stream_ids,
            recovered,
            lines,
            bindings,
            calls,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The address of SIP over TLS, if it is served.
    #[must_use]
    pub fn sip_tls_addr(&self) -> Option<SocketAddr> {
        self.inner.sip_tls_addr
    }

    /// The address of SIP over UDP and TCP (the port matters when 0 was asked for).
    #[must_use]
    pub fn sip_addr(&self) -> SocketAddr {
        self.inner.sip_addr
    }

    /// The address of the browsers' media over TCP, if there is one.
    #[must_use]
    pub fn media_tcp_addr(&self) -> Option<SocketAddr> {
        self.inner.engine.browser_tcp()
    }

    /// The browsers' media socket's address.
    #[must_use]
    pub fn media_addr(&self) -> SocketAddr {
        self.inner.engine.browser_addr()
    }

    /// Makes these the lines from now on: new ones register, missing ones unregister, changed ones
    /// register anew. Running calls go on.
    pub fn set_lines(&self, lines: Vec<LineConfig>) {
        self.inner.orders.send(Order::SetLines(lines));
    }

    /// Every line's state.
    #[must_use]
    pub fn line_states(&self) -> Vec<(LineId, LineState)> {
        self.inner.lines.borrow().clone()
    }

    /// Every phone registered here.
    #[must_use]
    pub fn bindings(&self) -> Vec<BindingInfo> {
        self.inner.bindings.borrow().clone()
    }

    /// Conversations that go on now.
    #[must_use]
    pub fn calls(&self) -> Vec<ActiveCall> {
        self.inner.calls.borrow().clone()
    }

    /// Serves one RFC 7118 client until its connection ends. The server has checked `Origin` and
    /// negotiated the subprotocol `sip`.
    pub async fn websocket(&self, socket: WebSocket, peer: SocketAddr) {
        let id = self.inner.stream_ids.next();
        websocket::serve(socket, id, peer, self.inner.streams.clone()).await;
    }

    /// Forgets every phone this SIP user has registered: it does not ring any more. To be called
    /// when the user's credential is withdrawn. Running calls go on.
    pub fn drop_bindings(&self, username: &str) {
        self.inner
            .orders
            .send(Order::DropBindings(username.to_owned()));
    }

    /// Lifts a lock-out that [`crate::ports::CallEvent::LockedOut`] told of. Returns once it is.
    pub async fn unlock(&self, address: IpAddr, username: &str, whom: LockedOut) {
        let (done, answer) = oneshot::channel();
        self.inner.orders.send(Order::Unlock {
            address,
            username: username.to_owned(),
            whom,
            done,
        });
        // It shuts down: then nobody is locked out.
        let _ = answer.await;
    }

    /// Ends a conversation; unknown ids are ignored.
    pub fn hang_up(&self, call: CallId) {
        self.inner.orders.send(Order::HangUp {
            call,
            reason: "Ended in the panel",
        });
    }

    /// Sends one real REGISTER (an IP trunk: OPTIONS) and says, step by step, what was seen. Takes at
    /// most 11 s.
    pub async fn check_line(&self, line: LineConfig) -> CheckReport {
        let (reply, answer) = oneshot::channel();
        self.inner.orders.send(Order::Check {
            line: Box::new(line),
            reply,
        });
        answer.await.unwrap_or_else(|_| CheckReport {
            steps: Vec::new(),
            state: LineState::Failed {
                code: 503,
                reason: "Telephony is shutting down".to_owned(),
                trouble: None,
            },
        })
    }

    /// Answers the offer of a browser that wants to hear itself for some seconds: nobody is called,
    /// nothing is recorded.
    ///
    /// # Errors
    /// When the offer cannot be used, or too many hear themselves already.
    pub async fn echo(&self, offer: &str) -> Result<String, EchoError> {
        self.inner.echoes.answer(offer).await
    }

    /// Changes the public addresses; lines register anew with them, calls that begin use them.
    pub fn set_addresses(&self, addresses: Addresses) {
        let media = &addresses.media_public;
        self.inner.engine.set_public(media, media.first().copied());
        self.inner.orders.send(Order::SetAddresses(addresses));
    }

    /// Conversations whose recording the last run left open (it crashed or was killed), in no
    /// order. Their records are to be closed; their recordings are being finished and reported as
    /// events.
    #[must_use]
    pub fn recovered(&self) -> Vec<Recovered> {
        self.inner.recovered.clone()
    }

    /// Ends calls, unregisters, closes journals. Nothing is served afterwards.
    pub async fn shutdown(&self) {
        let (reply, done) = oneshot::channel();
        self.inner.orders.send(Order::Shutdown { reply });
        // An error means that the task has ended already.
        let _ = done.await;
        self.inner.engine.shutdown().await;
    }
}

/// Tells when a task that should go on has panicked.
async fn watch_over(name: &'static str, task: JoinHandle<()>, on_fatal: OnFatal) {
    if task.await.is_err_and(|error| error.is_panic()) {
        on_fatal.tell(name);
    }
}

/// The other ends of [`agent_task::Shown`].
struct Seen {
    lines: watch::Receiver<Vec<(LineId, LineState)>>,
    line_configs: watch::Receiver<Arc<Vec<LineConfig>>>,
    bindings: watch::Receiver<Vec<BindingInfo>>,
    calls: watch::Receiver<Vec<ActiveCall>>,
}

fn windows() -> (agent_task::Shown, Seen) {
    let (lines_in, lines) = watch::channel(Vec::new());
    let (configs_in, line_configs) = watch::channel(Arc::new(Vec::new()));
    let (bindings_in, bindings) = watch::channel(Vec::new());
    let (calls_in, calls) = watch::channel(Vec::new());
    let shown = agent_task::Shown {
        lines: lines_in,
        line_configs: configs_in,
        bindings: bindings_in,
        calls: calls_in,
    };
    (
        shown,
        Seen {
            lines,
            line_configs,
            bindings,
            calls,
        },
    )
}

fn agent_config(config: &GatewayConfig, sip_addr: SocketAddr) -> AgentConfig {
    AgentConfig {
        product: config.product.clone(),
        via_host: sip_addr.to_string(),
        allow: agent_task::ALLOW
            .iter()
            .map(|method| (*method).to_owned())
            .collect(),
    }
}

fn make_folder(path: &Path) -> Result<(), StartError> {
    std::fs::create_dir_all(path).map_err(|source| StartError::Folder {
        path: path.to_owned(),
        source,
    })
}

fn random() -> Result<[u8; 32], StartError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| StartError::Random(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_told_and_an_ordinary_end_is_not() {
        let (sender, mut told) = mpsc::unbounded_channel();
        let on_fatal = OnFatal::new(move |part| drop(sender.send(part.to_owned())));
        watch_over("one", tokio::spawn(async {}), on_fatal.clone()).await;
        watch_over(
            "two",
            tokio::spawn(async { panic!("on purpose") }),
            on_fatal,
        )
        .await;
        assert_eq!(told.try_recv().unwrap(), "two");
    }
}
