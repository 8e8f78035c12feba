//! Puts everything together and serves until told to stop.

use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use api_types::Addresses;
use axum::serve::ListenerExt;
use sip_gateway::{
    Gateway, GatewayConfig, TlsIdentity,
    config::{self as gateway_config, OnFatal, TlsDoor},
    media::MediaConfig,
    ports::{CallEvent, LineState},
};
use store::{Store, StoreError};
use tokio::{net::TcpListener, sync::mpsc, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::{
    api,
    app::{App, Shared},
    auth::limits::Limits,
    calls::{self, Beat, CallBook, Journal, Writer},
    clock::{DAY, now_ms, to_ms},
    config::{Config, DatabaseUrl},
    demo,
    director::Director,
    events::EventHub,
    imports::Imports,
    lines::Lines,
    lock_outs::LockOuts,
    numbers::Numbers,
    office::{number_settings, unseal_ha1},
    presence::{self, Presences},
    quality::Gauges,
    routing::Office,
    services::{Services, contained},
    switchboard::{Credential, Switchboard},
    vault::{self, Vault, VaultError},
    web::assets::Assets,
    work::{self, Work},
};

/// The setting with the public addresses.
pub(crate) const ADDRESSES: &str = "addresses";
/// Events of the gateway that may wait for us before they wait in the gateway.
const EVENT_QUEUE: usize = 1024;
/// How long a sign-in link works.
const LINK_MS: i64 = DAY;
/// How long stopping may take before it is cut short.
const PATIENCE: Duration = Duration::from_secs(8);

/// Why the server did not start. Each message says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The HTTP port.
    #[error("port {} ({address}) cannot be used for the app: {source}. Stop the program that uses it, or choose another with --http {}:{}", address.port(), address.ip(), address.port().wrapping_add(1))]
    HttpPort {
        /// What was tried.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The telephony.
    #[error(transparent)]
    Gateway(#[from] gateway_config::StartError),
    /// The test network.
    #[error("the test network cannot start: {0}")]
    TestNetwork(#[source] io::Error),
    /// The data folder.
    #[error("the data folder {} cannot be used: {source}. {}, or choose another with --data", path.display(), remedy(source))]
    Data {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another Trubka uses the data folder.
    #[error("another Trubka runs with the data folder {}. Stop it, or choose another folder with --data", .0.display())]
    InUse(PathBuf),
    /// The database.
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    /// The key.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What helps against this error of a folder.
fn remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "Free some space there",
        _ => "Make it writable",
    }
}

/// A server that serves.
pub struct RunningServer {
    app: Shared,
    http: SocketAddr,
    link: Option<String>,
    serving: JoinHandle<()>,
    events: JoinHandle<()>,
    // Held for as long as the server runs.
    _lock: fs::File,
}

impl RunningServer {
    /// Where the app and the API are.
    #[must_use]
    pub fn http(&self) -> SocketAddr {
        self.http
    }

    /// SIP over UDP and TCP.
    #[must_use]
    pub fn sip(&self) -> SocketAddr {
        self.app.gateway.sip_addr()
    }

    /// SIP over TLS.
    #[must_use]
    pub fn sip_tls(&self) -> Option<SocketAddr> {
        self.app.gateway.sip_tls_addr()
    }

    /// The browsers' media (UDP).
    #[must_use]
    pub fn media(&self) -> SocketAddr {
        self.app.gateway.media_addr()
    }

    /// The browsers' media over TCP, if it is taken.
    #[must_use]
    pub fn media_tcp(&self) -> Option<SocketAddr> {
        self.app.gateway.media_tcp_addr()
    }

    /// What it runs with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.app.config
    }

    /// The address people open.
    #[must_use]
    pub fn url(&self) -> String {
        self.app.config.url(self.http)
    }

    /// A link that signs the first user in once, while no password is set.
    #[must_use]
    pub fn first_run_link(&self) -> Option<&str> {
        self.link.as_deref()
    }

    /// Waits until a part of the server ends by itself; which. The process is to be started anew.
    pub async fn part_ended(&self) -> String {
        self.app.services.one_ends().await
    }

    /// Ends calls, closes their records and journals, and stops.
    pub async fn stop(self) {
        self.app.stop.cancel();
        let stopping = async {
            self.app.gateway.shutdown().await;
            // The events of the calls that ended just now.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.events).await;
            if !self.app.calls.flush(Duration::from_secs(4)).await {
                tracing::error!(
                    "some calls are not in the database yet; they are in the journal and follow at the next start"
                );
            }
            let _ = self.serving.await;
        };
        if tokio::time::timeout(PATIENCE, stopping).await.is_err() {
            tracing::warn!("stopping took too long and was cut short");
        }
        self.app.store.clone().close().await;
    }
}

/// Starts everything.
///
/// # Errors
/// [`StartError`] says what is in the way and what to do.
pub async fn start(config: Config) -> Result<RunningServer, StartError> {
    let listener = listen(config.http).await?;
    let http = listener
        .local_addr()
        .map_err(|source| StartError::HttpPort {
            address: config.http,
            source,
        })?;
    let lock = prepare_folder(&config.data)?;
    let (app, telephony, beats) = assemble(config).await?;
    let services = &app.services;
    let events = services.spawn(
        "what takes the gateway's events",
        take_events(Arc::clone(&app), telephony),
    );
    let rules = work::runner::run(Arc::clone(&app), beats);
    services.spawn("the rules of business", rules);
    services.spawn("cards of callers", Arc::clone(&app.calls).read_cards());
    let store = app.store.clone();
    tokio::spawn(async move {
        match store.count_log().await {
            Ok(()) => tracing::info!("the log is summed in memory"),
            Err(error) => tracing::warn!(%error, "the log is summed by the database"),
        }
    });
    services.spawn("housekeeping", housekeeping(Arc::clone(&app)));
    services.spawn("presence", presence::keep_times(Arc::clone(&app)));
    let link = first_run_link(&app, http).await?;
    let router = api::router(Arc::clone(&app)).into_make_service_with_connect_info::<SocketAddr>();
    let stop = app.stop.clone();
    // Two events in a row must not wait for an acknowledgement (Nagle's algorithm).
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection's delay could not be switched off");
        }
    });
    let serving = app.services.spawn("the web server", async move {
        let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(error) = served.await {
            tracing::error!(%error, "the web server failed");
        }
    });
    Ok(RunningServer {
        app,
        http,
        link,
        serving,
        events,
        _lock: lock,
    })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::HttpPort { address, source })
}

/// Makes the folder, for the owner only, and keeps a second Trubka out of it.
pub(crate) fn prepare_folder(data: &Path) -> Result<fs::File, StartError> {
    use std::os::unix::fs::DirBuilderExt;
    let wrong = |source| StartError::Data {
        path: data.to_owned(),
        source,
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(data)
        .map_err(wrong)?;
    let lock = fs::File::create(data.join("lock")).map_err(wrong)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(StartError::InUse(data.to_owned())),
        Err(fs::TryLockError::Error(source)) => Err(wrong(source)),
    }
}

/// The tables: PostgreSQL if one was named, else the file in the folder.
pub(crate) async fn open_store(
    database: Option<&DatabaseUrl>,
    data: &Path,
) -> Result<Store, StoreError> {
    let Some(url) = database else {
        return Store::open(&data.join("trubka.db")).await;
    };
    let until = Instant::now() + DATABASE_PATIENCE;
    loop {
        match Store::connect(url.expose()).await {
            Err(StoreError::InUse) if Instant::now() < until => {
                tracing::warn!("another Trubka uses the database; waiting for it to go");
                tokio::time::sleep(Duration::from_secs(2)).await;
            }
            done => return done,
        }
    }
}

/// PostgreSQL finds within half a minute that a Trubka's computer is gone, and lets the next one in.
const DATABASE_PATIENCE: Duration = Duration::from_secs(40);

/// Everything, what the gateway tells, and what the rules of business wait for.
type Assembled = (
    Shared,
    mpsc::Receiver<CallEvent>,
    mpsc::UnboundedReceiver<Beat>,
);

async fn assemble(config: Config) -> Result<Assembled, StartError> {
    let data = config.data.clone();
    let store = open_store(config.database.as_ref(), &data).await?;
    let vault = Vault::open(&data.join("key"))?;
    // The configuration was checked: it names a country.
    let numbers = Numbers::new(&config.region).unwrap_or_else(Numbers::anywhere);
    let journal = Journal::open(&data.join("calls.journal"));
    let (mut journal, journalled) = journal.map_err(|source| StartError::Data {
        path: data.clone(),
        source,
    })?;
    let open = calls::open_calls(&store, &journalled).await?;
    journal.clear().map_err(|source| StartError::Data {
        path: data.clone(),
        source,
    })?;
    demo::add_first_user(&store).await?;
    let test_network = if config.demo {
        demo::add_contacts(&store, numbers).await?;
        Some(demo::start(&store, &vault).await?)
    } else {
        None
    };
    let office = Office::new(number_settings(&store, &config.region).await?)
        .map_err(|_| StoreError::Damaged("setting of numbers"))?;
    let switchboard = Arc::new(Switchboard::new(office));
    let (events, telephony) = mpsc::channel(EVENT_QUEUE);
    let recordings = data.join("recordings");
    let imports = data.join("imports");
    let addresses: Addresses = store.setting(ADDRESSES).await?.unwrap_or_default();
    let stop = CancellationToken::new();
    let services = Services::new(stop.clone());
    let writer = Writer::new();
    let presences = Arc::new(Presences::load(&store).await?);
    let work = Arc::new(Work::load(&store).await?);
    let director = Arc::new(Director {
        switchboard: Arc::clone(&switchboard),
        store: store.clone(),
        writer: Arc::clone(&writer),
        work: Arc::clone(&work),
        presences: Arc::clone(&presences),
    });
    let mut telephony_config = gateway_config(&config, &addresses, &recordings);
    let watch = Arc::clone(&services);
    telephony_config.on_fatal = OnFatal::new(move |part| watch.has_ended(part));
    let gateway = Gateway::start(telephony_config, director, events).await?;
    let recovered = gateway.recovered();
    let hub = Arc::new(EventHub::new());
    services.spawn(
        "what writes calls to the database",
        Arc::clone(&writer).run(store.clone(), journal),
    );
    let (gauges, measuring) = Gauges::new(store.clone());
    services.spawn("what writes how calls sound", measuring);
    let (beats, heard) = mpsc::unbounded_channel();
    let book = CallBook::new(
        store.clone(),
        Arc::clone(&hub),
        Arc::clone(&switchboard),
        writer,
        Arc::clone(&work),
        beats,
    );
    calls::close_open_calls(&store, &book, &open, &recovered).await?;
    book.flush(Duration::from_secs(10)).await;
    calls::adopt_recordings(&store, &book, &recordings, &recovered).await?;
    let assets = config.dist.clone().map_or(Assets::BuiltIn, Assets::Folder);
    let app = Arc::new(App {
        config,
        store,
        vault,
        hub,
        switchboard,
        calls: Arc::new(book),
        gauges,
        presences,
        work,
        lines: Lines::default(),
        limits: Limits::default(),
        lock_outs: LockOuts::default(),
        gateway,
        test_network,
        assets,
        imports: Imports::new(imports),
        recordings,
        services,
        stop,
    });
    app.load_credentials().await?;
    app.reload_lines().await?;
    Ok((app, telephony, heard))
}

fn gateway_config(config: &Config, addresses: &Addresses, recordings: &Path) -> GatewayConfig {
    let public = gateway_addresses(addresses);
    let media = MediaConfig {
        browser_bind: config.media_udp,
        browser_tcp: config.media_tcp(),
        line_public: public.media_public.first().copied(),
        browser_public: public.media_public,
        line_bind: config.sip_udp.ip(),
        // RTP takes even ports, RTCP the odd ones above them.
        line_ports: (
            config.rtp_ports.first.next_multiple_of(2),
            (config.rtp_ports.last - 1) & !1,
        ),
        journal_dir: config.data.join("journals"),
    };
    let mut gateway = GatewayConfig::new(config.sip_udp, media, recordings.to_owned());
    gateway.sip_tls = Some(TlsDoor {
        bind: config.sip_tls,
        identity: tls_identity(config, addresses),
    });
    gateway.sip_public = public.sip_public;
    gateway
}

fn tls_identity(config: &Config, addresses: &Addresses) -> TlsIdentity {
    if let Some((chain, key)) = config.sip_certificate() {
        return TlsIdentity::Files { chain, key };
    }
    let public: Option<gateway_config::SipAddress> = addresses.sip_public.parse().ok();
    let own = match config.sip_tls.ip() {
        ip if ip.is_unspecified() => "localhost".to_owned(),
        ip => ip.to_string(),
    };
    TlsIdentity::SelfMade {
        folder: config.data.join("sip-tls"),
        names: public
            .map(|address| address.host)
            .into_iter()
            .chain([own])
            .collect(),
    }
}

/// The addresses as the gateway takes them; they were checked when they were set.
pub(crate) fn gateway_addresses(addresses: &Addresses) -> sip_gateway::Addresses {
    sip_gateway::Addresses {
        sip_public: addresses.sip_public.parse().ok(),
        media_public: addresses
            .media_public
            .iter()
            .filter_map(|ip| ip.parse().ok())
            .collect(),
    }
}

/// Until the gateway is gone: records and shows what it tells.
async fn take_events(app: Shared, mut telephony: mpsc::Receiver<CallEvent>) {
    while let Some(event) = telephony.recv().await {
        contained("an event of the gateway", take_event(&app, &event)).await;
    }
}

async fn take_event(app: &App, event: &CallEvent) {
    match event {
        CallEvent::LineChanged { line, state } => {
            log_line(*line, state);
            app.line_changed(*line, state).await;
        }
        CallEvent::LineUsage { line, in_use } => app.line_usage(*line, *in_use).await,
        CallEvent::BindingsChanged {
            extension,
            reachable,
        } => {
            tracing::info!(extension, reachable, "phones of an extension changed");
        }
        CallEvent::LockedOut {
            at,
            until,
            address,
            username,
            whom,
        } => {
            let times = (to_ms(*at), to_ms(*until));
            let person = app.switchboard.sip_user(username, now_ms());
            let person = person.map(|user| user.name);
            app.lock_outs.note(times, *address, username, person, *whom);
        }
        CallEvent::LegMeasured { .. } => {}
        _ => app.calls.apply(event).await,
    }
    app.quality_heard(event);
    app.presence_heard(event);
}

fn log_line(line: uuid::Uuid, state: &LineState) {
    match state {
        LineState::Failed { code, reason, .. } => {
            tracing::warn!(line.id = %line, code, reason, "a line is not registered")
        }
        state => tracing::info!(line.id = %line, ?state, "a line's registration changed"),
    }
}

/// Forgets what has run out, once a minute.
/// Between two looks at what is over its time, minutes.
const TIDY_EVERY: u64 = 60;

async fn housekeeping(app: Shared) {
    let mut every = tokio::time::interval(Duration::from_secs(60));
    for minute in 0_u64.. {
        tokio::select! {
            () = app.stop.cancelled() => return,
            _ = every.tick() => {}
        }
        let now = now_ms();
        let (bad, used) = app.switchboard.sweep(now);
        let swept = async {
            app.store.purge_sip_credentials(bad).await?;
            app.store.touch_sip_credentials(&used).await?;
            app.store.purge_notices(now - work::notices::KEPT).await?;
            app.store.purge_sessions(now).await
        };
        if let Err(error) = swept.await {
            tracing::warn!(%error, "old sessions were not removed");
        }
        let kept = if minute.is_multiple_of(TIDY_EVERY) {
            work::retention::tidy(&app).await
        } else {
            app.work.retention_since(&app.store, now).await.map(drop)
        };
        if let Err(error) = kept {
            tracing::warn!(%error, "recordings over their time were not removed");
        }
    }
}

/// A new link at each start while the first user has no password.
async fn first_run_link(app: &App, http: SocketAddr) -> Result<Option<String>, StartError> {
    let users = app.store.users().await?;
    let Some(first) = users.iter().find(|user| user.role == "admin") else {
        return Ok(None);
    };
    if users
        .iter()
        .any(|user| user.role == "admin" && user.password_hash.is_some())
    {
        return Ok(None);
    }
    let token = vault::token()?;
    app.store
        .add_link(vault::hash_token(&token), first.id, now_ms() + LINK_MS)
        .await?;
    Ok(Some(format!("{}/start#{token}", app.config.url(http))))
}

impl App {
    /// Telephones registered with these ring no more; calls that run go on.
    pub(crate) fn drop_phones(&self, usernames: &[String]) {
        for username in usernames {
            self.gateway.drop_bindings(username);
        }
    }

    /// Telephones that are registered come back after a restart without asking.
    async fn load_credentials(&self) -> Result<(), StoreError> {
        for row in self.store.sip_credentials().await? {
            let purpose = api::credential_purpose(&row.username);
            let Some(ha1) = unseal_ha1(&self.vault, &purpose, &row.sealed_ha1) else {
                continue;
            };
            let credential = Credential {
                user: row.user_id,
                session_hash: row.session_hash,
                ha1,
                created_at: row.created_at,
                used_at: row.used_at,
            };
            self.switchboard.add_credential(row.username, credential);
        }
        Ok(())
    }
}
