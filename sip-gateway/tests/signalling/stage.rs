//! A gateway with a director, a WebSocket door and a folder of its own; and a line to the test
//! network where one is wanted.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use axum::{
    Router,
    extract::{ConnectInfo, State, WebSocketUpgrade},
    response::Response,
    routing::get,
};
use sip_core::digest::Ha1;
use sip_gateway::{
    Gateway, GatewayConfig, Limits,
    media::MediaConfig,
    ports::{
        CallDirector, CallEvent, CallId, HiddenHa1, IncomingCall, IncomingPlan, LineConfig, LineId,
        LineState, OutgoingCall, OutgoingPlan, REALM, SipUser, Trouble,
    },
};
use test_network::{Account, Config, Quirks, TestNetwork};
use tokio::sync::mpsc;

use super::{PATIENCE, browser::Browser};

/// SIP password of every extension.
pub const PASSWORD: &str = "right-password";

/// Rings 101 for everyone who calls, lets 101 and 102 dial.
pub struct Director {
    line: LineId,
    pub ring_secs: Mutex<u32>,
    extensions: HashMap<&'static str, &'static str>,
    /// Conversations of the past.
    pub past: Mutex<Vec<CallId>>,
    /// SIP users that have proved who they are.
    pub proven: Mutex<Vec<String>>,
    /// What to do with calls that come in, if it is not the usual.
    pub incoming: Mutex<Option<IncomingPlan>>,
    /// What to do with calls that go out, if it is not the usual.
    pub outgoing: Mutex<Option<OutgoingPlan>>,
    /// Calls it was asked about.
    pub asked: Mutex<Vec<IncomingCall>>,
}

#[async_trait]
impl CallDirector for Director {
    async fn sip_user(&self, username: &str) -> Option<SipUser> {
        let name = self.extensions.get(username)?;
        let ha1 = HiddenHa1(Ha1::new(username, REALM, PASSWORD));
        Some(SipUser {
            extension: username.to_owned(),
            name: (*name).to_owned(),
            ha1,
            most_calls: None,
        })
    }

    async fn is_new_call(&self, id: CallId) -> bool {
        !self.past.lock().unwrap().contains(&id)
    }

    async fn sip_user_proven(&self, username: &str) {
        self.proven.lock().unwrap().push(username.to_owned());
    }

    async fn route_incoming(&self, call: &IncomingCall) -> IncomingPlan {
        self.asked.lock().unwrap().push(call.clone());
        if let Some(plan) = self.incoming.lock().unwrap().clone() {
            return plan;
        }
        if call.caller.as_deref() == Some("666") {
            return IncomingPlan::Refuse {
                code: 603,
                reason: "This caller is blocked".to_owned(),
            };
        }
        IncomingPlan::ring(vec!["101".to_owned()], *self.ring_secs.lock().unwrap())
    }

    async fn authorize_outgoing(&self, call: &OutgoingCall) -> OutgoingPlan {
        if let Some(plan) = self.outgoing.lock().unwrap().clone() {
            return plan;
        }
        match call.dialled.as_str() {
            "911" => OutgoingPlan::Refuse {
                code: 403,
                reason: "This number may not be called".to_owned(),
            },
            extension if self.extensions.contains_key(extension) => {
                OutgoingPlan::Extension(extension.to_owned())
            }
            number => OutgoingPlan::line(self.line, number),
        }
    }
}

/// Everything a test needs.
pub struct Stage {
    pub gateway: Gateway,
    pub director: Arc<Director>,
    pub events: mpsc::Receiver<CallEvent>,
    pub url: String,
    pub line: LineId,
    pub folder: tempfile::TempDir,
}

impl Stage {
    /// A gateway without lines.
    pub async fn new() -> Self {
        Self::with_limits(Limits::default()).await
    }

    /// A gateway without lines that serves only so much.
    pub async fn with_limits(limits: Limits) -> Self {
        Self::configured(|config, _| config.limits = limits).await
    }

    /// A gateway without lines with other settings; the folder is its own.
    pub async fn configured(change: impl FnOnce(&mut GatewayConfig, &Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let line = uuid::Uuid::new_v4();
        let extensions = HashMap::from([("101", "Anna"), ("102", "Boris")]);
        let director = Arc::new(Director {
            line,
            ring_secs: Mutex::new(30),
            extensions,
            past: Mutex::default(),
            proven: Mutex::default(),
            incoming: Mutex::default(),
            outgoing: Mutex::default(),
            asked: Mutex::default(),
        });
        let media = media_in(folder.path());
        let mut config = GatewayConfig::new(
            (Ipv4Addr::LOCALHOST, 0).into(),
            media,
            folder.path().join("recordings"),
        );
        change(&mut config, folder.path());
        let (sender, events) = mpsc::channel(1024);
        let gateway = Gateway::start(
            config,
            Arc::clone(&director) as Arc<dyn CallDirector>,
            sender,
        )
        .await
        .unwrap();
        let url = serve(gateway.clone()).await;
        Self {
            gateway,
            director,
            events,
            url,
            line,
            folder,
        }
    }

    /// Media settings for another gateway in the same folder.
    pub fn media(&self) -> MediaConfig {
        media_in(self.folder.path())
    }

    /// A gateway with a line registered at a test network of its own.
    pub async fn with_network() -> (Self, TestNetwork) {
        Self::with_network_and(Limits::default()).await
    }

    pub async fn with_network_and(limits: Limits) -> (Self, TestNetwork) {
        Self::with_network_so(|config| config.limits = limits).await
    }

    /// The same with other settings.
    pub async fn with_network_so(change: impl FnOnce(&mut GatewayConfig)) -> (Self, TestNetwork) {
        let account = Account {
            user: "line1".to_owned(),
            password: "secret".to_owned(),
            number: "74950000001".to_owned(),
        };
        let network = TestNetwork::start(Config::local(vec![account]))
            .await
            .unwrap();
        let mut stage = Self::configured(|config, _| change(config)).await;
        let line = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
        stage.gateway.set_lines(vec![line]);
        stage.line_registered().await;
        (stage, network)
    }

    /// A gateway with a line at a test network with quirks; the line is as `change` makes it.
    /// Gives the seconds its registration was granted.
    pub async fn with_quirks(
        quirks: Quirks,
        change: impl FnOnce(&mut LineConfig),
    ) -> (Self, TestNetwork, u32) {
        let account = Account {
            user: "line1".to_owned(),
            password: "secret".to_owned(),
            number: "74950000001".to_owned(),
        };
        let config = Config {
            quirks,
            ..Config::local(vec![account])
        };
        let network = TestNetwork::start(config).await.unwrap();
        let mut stage = Self::new().await;
        let mut line = stage.line_at(network.sip_addr(), "line1", "secret", "test.trubka");
        change(&mut line);
        stage.gateway.set_lines(vec![line]);
        let granted = stage
            .event(|event| match event {
                CallEvent::LineChanged {
                    state: LineState::Registered { expires_secs, .. },
                    ..
                } => Some(expires_secs),
                _ => None,
            })
            .await;
        (stage, network, granted)
    }

    /// Configuration of the line the director dials over.
    pub fn line_at(
        &self,
        provider: SocketAddr,
        user: &str,
        password: &str,
        domain: &str,
    ) -> LineConfig {
        LineConfig {
            label: "Sales".to_owned(),
            host: Some(provider.ip().to_string()),
            port: Some(provider.port()),
            ..LineConfig::new(self.line, user, password, domain)
        }
    }

    /// Waits until a line has failed, and says why.
    pub async fn line_failed(&mut self) -> (u16, Option<Trouble>) {
        self.event(|event| match event {
            CallEvent::LineChanged {
                state: LineState::Failed { code, trouble, .. },
                ..
            } => Some((code, trouble)),
            _ => None,
        })
        .await
    }

    pub async fn line_registered(&mut self) {
        self.event(|event| match event {
            CallEvent::LineChanged {
                state: LineState::Registered { .. },
                ..
            } => Some(()),
            CallEvent::LineChanged {
                state: LineState::Failed { code, reason, .. },
                ..
            } => {
                panic!("the line failed: {code} {reason}")
            }
            _ => None,
        })
        .await;
    }

    /// Waits until an extension has one phone.
    pub async fn phone_registered(&mut self, wanted: &str) {
        self.event(|event| match event {
            CallEvent::BindingsChanged {
                extension,
                reachable: 1,
            } if extension == wanted => Some(()),
            _ => None,
        })
        .await;
    }

    /// A page of an extension, registered.
    pub async fn browser(&self, extension: &str) -> Browser {
        Browser::registered(&self.url, extension, PASSWORD).await
    }

    /// Like [`Self::event`], for as long as it takes.
    pub async fn event_ever<T>(&mut self, mut wanted: impl FnMut(CallEvent) -> Option<T>) -> T {
        loop {
            let event = self.events.recv().await.expect("the gateway runs");
            if let Some(found) = wanted(event) {
                return found;
            }
        }
    }

    /// Waits for the first event that is wanted; the others are dropped.
    pub async fn event<T>(&mut self, mut wanted: impl FnMut(CallEvent) -> Option<T>) -> T {
        let mut seen = Vec::new();
        let search = self.event_ever(|event| {
            seen.push(format!("{event:?}"));
            wanted(event)
        });
        match tokio::time::timeout(PATIENCE, search).await {
            Ok(found) => found,
            Err(_) => panic!("what was waited for did not happen; instead: {seen:#?}"),
        }
    }
}

fn media_in(folder: &Path) -> MediaConfig {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    MediaConfig {
        browser_bind: SocketAddr::new(loopback, 0),
        browser_tcp: Some(SocketAddr::new(loopback, 0)),
        browser_public: vec![loopback],
        line_bind: loopback,
        line_public: None,
        line_ports: free_ports(),
        journal_dir: folder.join("journals"),
    }
}

/// A range of RTP ports nobody else uses now: tests run side by side.
fn free_ports() -> (u16, u16) {
    use std::sync::atomic::{AtomicU16, Ordering};
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let base = 30_000
        + (std::process::id() % 100) as u16 * 200
        + NEXT.fetch_add(20, Ordering::Relaxed) % 200;
    (base, base + 18)
}

async fn serve(gateway: Gateway) -> String {
    async fn door(
        upgrade: WebSocketUpgrade,
        ConnectInfo(peer): ConnectInfo<SocketAddr>,
        State(gateway): State<Gateway>,
    ) -> Response {
        upgrade
            .protocols(["sip"])
            .on_upgrade(move |socket| async move { gateway.websocket(socket, peer).await })
    }
    let app = Router::new().route("/sip", get(door)).with_state(gateway);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        axum::serve(
            listener,
            app.into_make_service_with_connect_info::<SocketAddr>(),
        )
        .await
        .unwrap();
    });
    format!("ws://{address}/sip")
}
