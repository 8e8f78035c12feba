//! The media thread: one poll loop that owns every socket and every leg, so no packet waits for a
//! lock. Orders come over a channel and a waker; what happened leaves as [`MediaEvent`]s.

mod chores;
mod connections;
mod packets;
mod sounds;

use std::{
    collections::HashMap,
    sync::mpsc::{Receiver, Sender},
    time::{Duration, Instant},
};

use mio::{Events, Interest, Poll, Token, Waker, net::TcpListener};
use tokio::sync::{mpsc::UnboundedSender, oneshot};
use uuid::Uuid;

use super::{
    Channel, LegId, MediaEvent, Sound,
    browser::Browser,
    doors::Doors,
    dtls::{self, Workers},
    keys::Keys,
    leg::{BUFFER, Leg, Transport},
    line::{Line, PortPair},
    path::Path,
    player::Manners,
    port::Port,
    room::{Room, SEATS},
    sdp::{
        IceCredentials,
        session::{Agreement, Peer},
    },
    sound::Clips,
    stream::OutStream,
    streams::{self, Streams},
};
use crate::{
    ports::DtmfMode,
    recording::{Mark, Sink},
};

const WAKER: Token = Token(usize::MAX);
const BROWSERS: Token = Token(usize::MAX - 1);
/// Presence, consent and reports are looked at this often.
const CHORES: Duration = Duration::from_millis(250);
/// Above this many packets a second, waking up once a millisecond halves the cost.
const BUSY_RATE: u32 = 2000;
const BUSY_TICK: Duration = Duration::from_millis(1);

/// Orders to the media thread.
pub(super) enum Order {
    AddBrowser {
        leg: LegId,
        out: OutStream,
        ice: IceCredentials,
    },
    AddLine {
        leg: LegId,
        out: OutStream,
        ports: PortPair,
        dtmf: DtmfMode,
    },
    Agree {
        leg: LegId,
        agreement: Agreement,
    },
    Join(LegId, LegId),
    Record {
        sink: Sink,
        left: LegId,
        right: LegId,
    },
    StopRecording {
        call: Uuid,
        done: oneshot::Sender<()>,
    },
    Part(LegId),
    /// It hears itself.
    Echo(LegId),
    Play {
        leg: LegId,
        sound: Sound,
        manners: Manners,
    },
    Hush(LegId),
    Mix([LegId; SEATS]),
    /// Whether the leg's signalling is gone, so that its media tells sooner.
    Watch(LegId, bool),
    Press(LegId, char),
    Close(LegId),
    Dtls(LegId, dtls::Output),
    Shutdown(oneshot::Sender<()>),
}

/// Where orders are left; cheap to clone.
#[derive(Clone)]
pub(super) struct Orders {
    sender: Sender<Order>,
    waker: std::sync::Arc<Waker>,
}

impl Orders {
    pub(super) fn new(sender: Sender<Order>, poll: &Poll) -> std::io::Result<Self> {
        let waker = std::sync::Arc::new(Waker::new(poll.registry(), WAKER)?);
        Ok(Self { sender, waker })
    }

    /// Leaves an order; false: the thread has ended.
    pub(super) fn send(&self, order: Order) -> bool {
        self.sender.send(order).is_ok() && self.waker.wake().is_ok()
    }
}

/// Everything the media thread owns.
pub(super) struct Plane {
    poll: Poll,
    orders: Receiver<Order>,
    events: UnboundedSender<MediaEvent>,
    configs: dtls::Configs,
    workers: Option<Workers>,
    doors: Doors,
    start: Instant,
    legs: HashMap<LegId, Leg>,
    by_ufrag: HashMap<String, LegId>,
    by_path: HashMap<Path, LegId>,
    /// Legs that something is played to.
    playing: Vec<LegId>,
    rooms: Vec<Room>,
    clips: std::sync::Arc<Clips>,
    /// Numbers given to players and rooms.
    sources: u32,
    /// Legs that keys are played to.
    keying: Vec<LegId>,
    /// What arrives, and what leaves.
    arrived: Vec<u8>,
    streamed: Vec<u8>,
    leaving: Vec<u8>,
    report: Vec<u8>,
    /// Sockets that may have more to read than one turn takes.
    unread: Vec<Token>,
    packets: u32,
}

impl Plane {
    #[expect(
        clippy::too_many_arguments,
        reason = "what the thread owns, handed over once"
    )]
    pub(super) fn new(
        poll: Poll,
        orders: Receiver<Order>,
        events: UnboundedSender<MediaEvent>,
        configs: dtls::Configs,
        workers: Workers,
        mut udp: Port,
        listener: Option<TcpListener>,
        clips: std::sync::Arc<Clips>,
        start: Instant,
    ) -> std::io::Result<Self> {
        poll.registry()
            .register(&mut udp.socket, BROWSERS, Interest::READABLE)?;
        let streams = Streams::new(listener, poll.registry())?;
        Ok(Self {
            poll,
            orders,
            events,
            configs,
            workers: Some(workers),
            doors: Doors { udp, streams },
            start,
            legs: HashMap::new(),
            by_ufrag: HashMap::new(),
            by_path: HashMap::new(),
            playing: Vec::with_capacity(64),
            rooms: Vec::new(),
            clips,
            sources: 0,
            keying: Vec::with_capacity(8),
            arrived: vec![0; BUFFER],
            streamed: vec![0; streams::READ],
            leaving: vec![0; BUFFER],
            report: Vec::with_capacity(256),
            unread: Vec::with_capacity(64),
            packets: 0,
        })
    }

    /// Runs until told to end.
    pub(super) fn run(mut self) {
        let mut events = Events::with_capacity(1024);
        let mut next_chores = Instant::now() + CHORES;
        let mut busy = false;
        loop {
            let wait = self.wait(next_chores);
            if let Err(error) = self.poll.poll(&mut events, Some(wait))
                && error.kind() != std::io::ErrorKind::Interrupted
            {
                tracing::error!(%error, "polling the media sockets failed");
                std::thread::sleep(BUSY_TICK);
            }
            let mut todo = std::mem::take(&mut self.unread);
            for event in &events {
                if event.token() != WAKER && !todo.contains(&event.token()) {
                    todo.push(event.token());
                }
            }
            for token in todo.drain(..) {
                self.read(token);
            }
            // Its capacity is worth keeping.
            todo.append(&mut self.unread);
            self.unread = todo;
            if let Some(done) = self.obey() {
                self.end();
                let _ = done.send(());
                return;
            }
            let now = Instant::now();
            self.play_sounds(now);
            self.mix_rooms(now);
            self.play_keys(now);
            if now >= next_chores {
                next_chores = now + CHORES;
                busy = self.packets > BUSY_RATE * 250 / 1000;
                self.packets = 0;
                self.chores(now);
            }
            if busy && self.unread.is_empty() {
                std::thread::sleep(BUSY_TICK);
            }
        }
    }

    fn wait(&self, next_chores: Instant) -> Duration {
        if !self.unread.is_empty() {
            return Duration::ZERO;
        }
        let chores = next_chores.saturating_duration_since(Instant::now());
        let frame = Duration::from_micros(super::player::FRAME_US / 2);
        if self.playing.is_empty() && self.keying.is_empty() && self.rooms.is_empty() {
            chores
        } else {
            chores.min(frame)
        }
    }

    fn micros(&self, now: Instant) -> u64 {
        let since = now.saturating_duration_since(self.start);
        u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
    }

    fn tell(&self, event: MediaEvent) {
        // Nobody listens while the gateway ends.
        let _ = self.events.send(event);
    }

    fn to_dtls(&self, leg: LegId, input: dtls::Input) {
        if let Some(workers) = &self.workers {
            workers.send(leg, input);
        }
    }

    /// Carries out the orders that wait; gives the one to end.
    fn obey(&mut self) -> Option<oneshot::Sender<()>> {
        while let Ok(order) = self.orders.try_recv() {
            match order {
                Order::AddBrowser { leg, out, ice } => self.add_browser(leg, out, ice),
                Order::AddLine {
                    leg,
                    out,
                    ports,
                    dtmf,
                } => self.add_line(leg, out, ports, dtmf),
                Order::Agree { leg, agreement } => self.agree(leg, agreement),
                Order::Join(a, b) => self.join(a, b),
                Order::Record { sink, left, right } => self.record(&sink, left, right),
                Order::StopRecording { call, done } => {
                    self.stop_recording(call);
                    let _ = done.send(());
                }
                Order::Part(leg) => self.unjoin(leg),
                Order::Echo(leg) => self.echo(leg),
                Order::Play {
                    leg,
                    sound,
                    manners,
                } => self.play(leg, sound, manners),
                Order::Hush(leg) => self.hush(leg),
                Order::Mix(legs) => self.mix(legs),
                Order::Watch(leg, unattended) => self.watch(leg, unattended),
                Order::Press(leg, digit) => self.press(leg, digit),
                Order::Close(leg) => self.close(leg),
                Order::Dtls(leg, output) => self.take_dtls(leg, output),
                Order::Shutdown(done) => return Some(done),
            }
        }
        None
    }

    fn add_browser(&mut self, id: LegId, out: OutStream, ice: IceCredentials) {
        self.by_ufrag.insert(ice.ufrag.clone(), id);
        let transport = Transport::Browser(Box::new(Browser::new(ice)));
        self.legs.insert(id, Leg::new(id, transport, out));
    }

    fn add_line(&mut self, id: LegId, out: OutStream, mut ports: PortPair, dtmf: DtmfMode) {
        let (rtp, rtcp) = line_tokens(id);
        let registry = self.poll.registry();
        let registered = registry
            .register(&mut ports.rtp.socket, rtp, Interest::READABLE)
            .and_then(|()| registry.register(&mut ports.rtcp.socket, rtcp, Interest::READABLE));
        if let Err(error) = registered {
            tracing::error!(%error, "an RTP socket cannot be watched");
        }
        let transport = Transport::Line(Box::new(Line::new(ports)));
        let mut leg = Leg::new(id, transport, out);
        leg.dtmf_mode = dtmf;
        leg.keys = (dtmf == DtmfMode::InBand).then(|| Box::new(Keys::new()));
        self.legs.insert(id, leg);
    }

    fn agree(&mut self, id: LegId, agreement: Agreement) {
        let now = Instant::now();
        let now_us = self.micros(now);
        let Some(leg) = self.legs.get_mut(&id) else {
            return;
        };
        let held = |agreement: &Agreement| !(agreement.may_send && agreement.peer_sends);
        let was_held = leg.agreement.as_ref().is_some_and(held);
        if let Some((sink, _)) = leg.tap.as_ref().filter(|_| was_held != held(&agreement)) {
            sink.mark(now, if was_held { Mark::Unhold } else { Mark::Hold });
        }
        let peer = agreement.peer.clone();
        leg.agree(agreement, self.configs.crypto(), now_us);
        let Peer::Browser {
            ice,
            fingerprints,
            active,
        } = peer
        else {
            return;
        };
        let Transport::Browser(browser) = &mut leg.transport else {
            return;
        };
        if browser.ice != ice {
            let old = std::mem::replace(&mut browser.ice, ice.clone());
            if let Some(oldest) = browser.former_ice.replace(old) {
                self.by_ufrag.remove(&oldest.ufrag);
            }
            self.by_ufrag.insert(ice.ufrag, id);
        }
        self.to_dtls(
            id,
            dtls::Input::Peer {
                fingerprints,
                active,
            },
        );
    }

    fn press(&mut self, id: LegId, digit: char) {
        let now_us = self.micros(Instant::now());
        let leg = self.legs.get_mut(&id);
        if leg.is_some_and(|leg| leg.press_any(digit, now_us)) && !self.keying.contains(&id) {
            self.keying.push(id);
        }
    }

    fn join(&mut self, a: LegId, b: LegId) {
        let joined = self.legs.get(&a).and_then(|leg| leg.joined);
        if joined == Some(b) {
            return;
        }
        for id in [a, b] {
            self.unjoin(id);
            self.hush(id);
        }
        if a == b || !self.legs.contains_key(&a) || !self.legs.contains_key(&b) {
            return;
        }
        for (id, other) in [(a, b), (b, a)] {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.joined = Some(other);
            }
        }
    }

    /// Joined to itself: what it says is passed on like anything else, and comes back.
    fn echo(&mut self, id: LegId) {
        self.unjoin(id);
        self.hush(id);
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.joined = Some(id);
        }
    }

    fn unjoin(&mut self, id: LegId) {
        self.leave_room(id);
        let other = self.legs.get_mut(&id).and_then(|leg| leg.joined.take());
        if let Some(leg) = other.and_then(|other| self.legs.get_mut(&other)) {
            leg.joined = None;
        }
    }

    fn record(&mut self, sink: &Sink, left: LegId, right: LegId) {
        let now = Instant::now();
        for (id, channel) in [(left, Channel::Left), (right, Channel::Right)] {
            let before = self.legs.iter_mut().find_map(|(other, leg)| {
                let this = leg
                    .tap
                    .as_ref()
                    .is_some_and(|(tap, at)| tap.call() == sink.call() && *at == channel);
                (this && *other != id).then_some(leg)
            });
            if let Some(before) = before {
                before.tap = None;
                sink.mark(now, Mark::LegChanged(channel));
            }
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.tap = Some((sink.clone(), channel));
            }
        }
    }

    fn stop_recording(&mut self, call: Uuid) {
        for leg in self.legs.values_mut() {
            leg.tap.take_if(|(sink, _)| sink.call() == call);
        }
        for room in &mut self.rooms {
            room.tap.take_if(|(sink, _)| sink.call() == call);
        }
    }

    fn watch(&mut self, id: LegId, unattended: bool) {
        let leg = self.legs.get_mut(&id);
        if let Some(Transport::Browser(browser)) = leg.map(|leg| &mut leg.transport) {
            browser.unattended = unattended;
        }
    }

    fn close(&mut self, id: LegId) {
        let now_us = self.micros(Instant::now());
        self.unjoin(id);
        self.hush(id);
        let Some(mut leg) = self.legs.remove(&id) else {
            return;
        };
        tracing::debug!(
            leg = id.0,
            received = leg.reception.received(),
            lost = leg.reception.lost(),
            sent = leg.out.packets,
            lost_at_peer = leg.heard_as.map_or(0, |block| block.lost),
            "leg closed"
        );
        match &mut leg.transport {
            Transport::Browser(browser) => {
                self.by_ufrag.remove(&browser.ice.ufrag);
                if let Some(former) = &browser.former_ice {
                    self.by_ufrag.remove(&former.ufrag);
                }
                for path in browser.paths() {
                    if self.by_path.get(path) == Some(&id) {
                        self.by_path.remove(path);
                    }
                    if let Path::Tcp(stream) = path {
                        self.doors.streams.leave(*stream, now_us);
                    }
                }
                let goodbye_to = browser.dtls_target();
                self.to_dtls(id, dtls::Input::Close { goodbye_to });
            }
            Transport::Line(line) => {
                let registry = self.poll.registry();
                let _ = registry.deregister(&mut line.ports.rtp.socket);
                let _ = registry.deregister(&mut line.ports.rtcp.socket);
            }
        }
    }

    fn end(&mut self) {
        let all: Vec<LegId> = self.legs.keys().copied().collect();
        for id in all {
            self.close(id);
        }
        if let Some(workers) = self.workers.take() {
            workers.stop();
        }
        // Their goodbyes.
        while let Ok(order) = self.orders.try_recv() {
            if let Order::Dtls(leg, output) = order {
                self.take_dtls(leg, output);
            }
        }
    }
}

/// Tokens of a line leg's two sockets.
fn line_tokens(leg: LegId) -> (Token, Token) {
    let base = usize::try_from(leg.0).unwrap_or(0) * 2;
    (Token(base), Token(base + 1))
}
