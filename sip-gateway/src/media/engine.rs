//! The handle of the media plane: offer and answer happen here, in the caller's task; the media
//! thread only gets what they came to.

use std::{
    collections::HashMap,
    fmt, io,
    net::{IpAddr, SocketAddr, TcpListener},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    time::Instant,
};

use tokio::sync::{mpsc::UnboundedReceiver, oneshot};

use super::{
    Codec, LegId, LegKind, LegSetup, MediaConfig, MediaEvent, SdpError, Sound,
    addresses::{self, Candidates},
    doors,
    dtls::{Configs, Workers},
    line::Ports,
    plane::{Order, Orders, Plane},
    player::Manners,
    port::Port,
    sdp::{
        IceCredentials, Policy, SEED, own_keys,
        session::{Exchange, Identity},
    },
    sound::Clips,
    stream::OutStream,
};
use crate::recording::{Closed, Writer};

/// Handle of the media plane; cheap to clone.
#[derive(Clone)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// What peers are told from the next offer or answer on.
struct Public {
    candidates: Candidates,
    line: Option<IpAddr>,
}

struct Shared {
    config: MediaConfig,
    browser_addr: SocketAddr,
    browser_tcp: Option<SocketAddr>,
    public: RwLock<Public>,
    fingerprint: String,
    ports: Ports,
    orders: Orders,
    writer: Writer,
    next_leg: AtomicU64,
    exchanges: Mutex<HashMap<LegId, Exchange>>,
    clips: Arc<Clips>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("browsers", &self.shared.browser_addr)
            .finish_non_exhaustive()
    }
}

impl Engine {
    /// Binds the sockets and starts the threads. Events come on the returned channel.
    ///
    /// # Errors
    /// When a socket cannot be bound (the message names the port).
    pub fn start(config: MediaConfig) -> io::Result<(Self, UnboundedReceiver<MediaEvent>)> {
        let socket = doors::bind_udp(config.browser_bind)?;
        let browser_addr = socket.local_addr()?;
        let listener = config
            .browser_tcp
            .map(|at| doors::bind_tcp(at, browser_addr));
        let listener = listener.transpose()?;
        let browser_tcp = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let (events, receiver) = tokio::sync::mpsc::unbounded_channel();
        let alarms = events.clone();
        let writer = Writer::start(&config.journal_dir, move |alarm| {
            let (call, ms, reason) = (alarm.call, alarm.lost_ms, alarm.reason);
            let _ = alarms.send(MediaEvent::RecordingGap { call, ms, reason });
        })?;
        let poll = mio::Poll::new()?;
        let (sender, inbox) = mpsc::channel();
        let orders = Orders::new(sender, &poll)?;
        let configs = Configs::generate()?;
        let fingerprint = configs.fingerprint.clone();
        let back = orders.clone();
        let report = move |leg, output| {
            back.send(Order::Dtls(leg, output));
        };
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let workers = Workers::start(cores.min(2), &configs, &report)?;
        let socket = Port::new(mio::net::UdpSocket::from_std(socket))?;
        let clips = Clips::new();
        let plane = Plane::new(
            poll,
            inbox,
            events,
            configs,
            workers,
            socket,
            listener.map(mio::net::TcpListener::from_std),
            Arc::clone(&clips),
            Instant::now(),
        )?;
        std::thread::Builder::new()
            .name("media".to_owned())
            .spawn(move || plane.run())?;
        let [high, low] = random()?;
        let shared = Shared {
            public: RwLock::new(Public {
                candidates: Candidates::new(browser_addr, browser_tcp, &config.browser_public),
                line: config.line_public,
            }),
            ports: Ports::new(
                config.line_bind,
                config.line_ports,
                u16::from_be_bytes([high, low]),
            ),
            browser_addr,
            browser_tcp,
            fingerprint,
            orders,
            writer,
            next_leg: AtomicU64::new(1),
            exchanges: Mutex::default(),
            clips,
            config,
        };
        Ok((
            Self {
                shared: Arc::new(shared),
            },
            receiver,
        ))
    }

    /// The browser socket's local address (the port matters when 0 was asked for).
    #[must_use]
    pub fn browser_addr(&self) -> SocketAddr {
        self.shared.browser_addr
    }

    /// The local address of browsers' TCP connections, if there is one.
    #[must_use]
    pub fn browser_tcp(&self) -> Option<SocketAddr> {
        self.shared.browser_tcp
    }

    /// Changes the addresses peers are told: browsers in candidates (first is preferred; empty:
    /// found by itself), lines in `c=`. Legs that exist keep theirs.
    pub fn set_public(&self, browsers: &[IpAddr], line: Option<IpAddr>) {
        let (udp, tcp) = (self.shared.browser_addr, self.shared.browser_tcp);
        let candidates = Candidates::new(udp, tcp, browsers);
        *self
            .shared
            .public
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Public { candidates, line };
    }

    /// A new leg (binds an RTP port for a line leg).
    ///
    /// # Errors
    /// When all RTP ports are taken.
    pub fn create_leg(&self, setup: impl Into<LegSetup>) -> io::Result<LegId> {
        let LegSetup { kind, srtp, dtmf } = setup.into();
        let leg = LegId(self.shared.next_leg.fetch_add(1, Ordering::Relaxed));
        let numbers: [u8; 18] = random()?;
        let word = |at: usize| {
            u32::from_be_bytes([
                numbers[at],
                numbers[at + 1],
                numbers[at + 2],
                numbers[at + 3],
            ])
        };
        // 0 is no source.
        let ssrc = word(0).max(1);
        let out = OutStream::new(ssrc, u16::from_be_bytes([numbers[4], numbers[5]]), word(6));
        let ice = fresh_credentials()?;
        let (port, order) = match kind {
            LegKind::Browser => {
                let order = Order::AddBrowser {
                    leg,
                    out,
                    ice: ice.clone(),
                };
                (self.shared.browser_port(), order)
            }
            LegKind::Line => {
                let ports = self.shared.ports.bind()?;
                let ports = (ports.port, ports);
                let order = Order::AddLine {
                    leg,
                    out,
                    ports: ports.1,
                    dtmf,
                };
                (ports.0, order)
            }
        };
        let identity = Identity {
            policy: Policy { kind, srtp },
            masters: own_keys(&random::<SEED>()?),
            // RFC 8829 §5.2.1: below 2^63.
            session_id: (u64::from(word(10)) << 31) | u64::from(word(14) >> 1),
            port,
            ssrc,
            candidates: self.shared.public().candidates.clone(),
            fingerprint: self.shared.fingerprint.clone(),
        };
        self.shared
            .exchanges()
            .insert(leg, Exchange::new(identity, ice));
        if !self.shared.orders.send(order) {
            return Err(io::Error::other("the media plane has ended"));
        }
        Ok(leg)
    }

    /// Our offer on this leg with these codecs in order (and telephone-event).
    ///
    /// # Errors
    /// [`SdpError::NoSuchLeg`].
    #[expect(
        clippy::unused_async,
        reason = "the packet path may move to another process"
    )]
    pub async fn offer(&self, leg: LegId, codecs: &[Codec]) -> Result<String, SdpError> {
        self.shared.exchange(leg, |exchange| {
            let ip = self.shared.describe_as(exchange);
            Ok(exchange.offer(ip, codecs))
        })
    }

    /// The peer's answer to our offer; `Ok` is the codec agreed on.
    ///
    /// # Errors
    /// See [`SdpError`].
    #[expect(
        clippy::unused_async,
        reason = "the packet path may move to another process"
    )]
    pub async fn accept_answer(&self, leg: LegId, sdp: &str) -> Result<Codec, SdpError> {
        let agreement = self
            .shared
            .exchange(leg, |exchange| exchange.accept_answer(sdp))?;
        let codec = agreement.codec;
        self.shared.orders.send(Order::Agree { leg, agreement });
        Ok(codec)
    }

    /// Takes the peer's offer and says which codecs of `allowed` it has, in the peer's order. The
    /// answer is made by [`Self::answer`], perhaps much later.
    ///
    /// # Errors
    /// See [`SdpError`].
    #[expect(
        clippy::unused_async,
        reason = "the packet path may move to another process"
    )]
    pub async fn accept_offer(
        &self,
        leg: LegId,
        sdp: &str,
        allowed: &[Codec],
    ) -> Result<Vec<Codec>, SdpError> {
        let fresh = fresh_credentials()
            .map_err(|_| SdpError::Unreadable("no randomness for ICE".to_owned()))?;
        self.shared
            .exchange(leg, |exchange| exchange.accept_offer(sdp, allowed, fresh))
    }

    /// Our answer to the offer taken before, with this one codec (and telephone-event if offered).
    /// Directions follow RFC 3264 §6.1 (sendonly → recvonly, …). Asked again without a new offer,
    /// it answers the last one again.
    ///
    /// # Errors
    /// See [`SdpError`].
    #[expect(
        clippy::unused_async,
        reason = "the packet path may move to another process"
    )]
    pub async fn answer(&self, leg: LegId, codec: Codec) -> Result<String, SdpError> {
        let (text, agreement) = self.shared.exchange(leg, |exchange| {
            let ip = self.shared.describe_as(exchange);
            exchange.answer(ip, codec)
        })?;
        self.shared.orders.send(Order::Agree { leg, agreement });
        Ok(text)
    }

    /// Lets audio and DTMF flow between two legs, both ways. Joining a leg again unjoins it first.
    pub fn join(&self, a: LegId, b: LegId) {
        self.shared.orders.send(Order::Join(a, b));
    }

    /// Lets nothing flow between a leg and the one it is joined to.
    pub fn part(&self, leg: LegId) {
        self.shared.orders.send(Order::Part(leg));
    }

    /// Lets a leg hear itself.
    pub fn echo(&self, leg: LegId) {
        self.shared.orders.send(Order::Echo(leg));
    }

    /// Starts recording: `left` and `right` into one journal named after the call. Recording a
    /// call again with other legs goes on in the same journal.
    pub fn record(&self, call: uuid::Uuid, left: LegId, right: LegId) -> PathBuf {
        let sink = self.shared.writer.begin(call);
        let path = sink.journal().to_owned();
        self.shared.orders.send(Order::Record { sink, left, right });
        path
    }

    /// Writes what is buffered, syncs and closes the journal; returns when that is done. `None`:
    /// there is no such recording.
    pub async fn stop_recording(&self, call: uuid::Uuid) -> Option<Closed> {
        // The taps first: what was received before this call is in the journal.
        let (done, stopped) = oneshot::channel();
        if self.shared.orders.send(Order::StopRecording { call, done }) {
            let _ = stopped.await;
        }
        self.shared.writer.finish(call).await.ok()
    }

    /// Plays a sound to a leg, over and over, until it is joined anew, hushed or closed. What the leg
    /// it is joined to says is not heard meanwhile.
    pub fn play(&self, leg: LegId, sound: Sound) {
        self.play_so(leg, sound, Manners::Alone);
    }

    /// The same, but only while nothing comes from the leg it is joined to.
    pub fn play_into_silence(&self, leg: LegId, sound: Sound) {
        self.play_so(leg, sound, Manners::FillsGaps);
    }

    /// The same, but only until the first packet comes from the leg it is joined to, and not before
    /// that had a second to come.
    pub fn play_until_heard(&self, leg: LegId, sound: Sound) {
        self.play_so(leg, sound, Manners::UntilHeard);
    }

    fn play_so(&self, leg: LegId, sound: Sound, manners: Manners) {
        let codec = self.shared.exchange(leg, |exchange| Ok(exchange.codec()));
        if let Ok(Some(codec @ (Codec::Opus | Codec::G722))) = codec
            && self.shared.clips.get(sound, codec).is_none()
        {
            let clips = Arc::clone(&self.shared.clips);
            let made = std::thread::Builder::new().name("sounds".to_owned());
            // Until it is made there is silence; without a thread for good.
            let _ = made.spawn(move || clips.make(sound, codec));
        }
        self.shared.orders.send(Order::Play {
            leg,
            sound,
            manners,
        });
    }

    /// Ends what is played to a leg.
    pub fn hush(&self, leg: LegId) {
        self.shared.orders.send(Order::Hush(leg));
    }

    /// Lets three legs talk with each other, all in G.711; the first is the employee's. It ends when
    /// one of them is joined with another leg, parted or closed. Of a recording, the side of the two
    /// others is what the first one hears.
    pub fn mix(&self, legs: [LegId; 3]) {
        self.shared.orders.send(Order::Mix(legs));
    }

    /// Says whether the signalling of a browser's leg is gone: then its silence means sooner that it
    /// has vanished.
    pub fn watch(&self, leg: LegId, unattended: bool) {
        self.shared.orders.send(Order::Watch(leg, unattended));
    }

    /// Whether the peer has said that it does not want to hear us.
    #[must_use]
    pub fn is_held(&self, leg: LegId) -> bool {
        let held = self.shared.exchange(leg, |exchange| Ok(exchange.is_held()));
        held.unwrap_or(false)
    }

    /// Presses a key towards a leg: as a telephone event, or as a tone where the leg wants that.
    pub fn press(&self, leg: LegId, digit: char) {
        self.shared.orders.send(Order::Press(leg, digit));
    }

    /// Ends a leg: DTLS close_notify, ports freed.
    pub fn close(&self, leg: LegId) {
        self.shared.exchanges().remove(&leg);
        self.shared.orders.send(Order::Close(leg));
    }

    /// Ends the threads and syncs all journals.
    pub async fn shutdown(&self) {
        let (done, ended) = oneshot::channel();
        if self.shared.orders.send(Order::Shutdown(done)) {
            let _ = ended.await;
        }
        let writer = self.shared.writer.clone();
        let _ = tokio::task::spawn_blocking(move || writer.shutdown()).await;
    }
}

impl Drop for Shared {
    /// The last handle is gone: nobody could end the thread later.
    fn drop(&mut self) {
        self.orders.send(Order::Shutdown(oneshot::channel().0));
    }
}

impl Shared {
    fn exchanges(&self) -> MutexGuard<'_, HashMap<LegId, Exchange>> {
        self.exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn exchange<T>(
        &self,
        leg: LegId,
        act: impl FnOnce(&mut Exchange) -> Result<T, SdpError>,
    ) -> Result<T, SdpError> {
        act(self.exchanges().get_mut(&leg).ok_or(SdpError::NoSuchLeg)?)
    }

    fn browser_port(&self) -> u16 {
        self.browser_addr.port()
    }

    /// The address a leg describes itself with.
    fn public(&self) -> RwLockReadGuard<'_, Public> {
        self.public.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn describe_as(&self, exchange: &Exchange) -> IpAddr {
        match exchange.kind() {
            LegKind::Browser => self
                .public()
                .candidates
                .udp
                .first()
                .map_or(self.browser_addr.ip(), SocketAddr::ip),
            LegKind::Line => self.public().line.unwrap_or_else(|| {
                addresses::local_towards(self.config.line_bind, exchange.peer_address())
            }),
        }
    }
}

fn random<const N: usize>() -> io::Result<[u8; N]> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(octets)
}

/// RFC 8839 §5.4: at least 24 bits in the fragment and 128 in the password; ours have 64 and 144.
fn fresh_credentials() -> io::Result<IceCredentials> {
    let octets: [u8; 26] = random()?;
    let (ufrag, password) = octets.split_at(8);
    Ok(IceCredentials {
        ufrag: hex::encode(ufrag),
        password: hex::encode(password),
    })
}
