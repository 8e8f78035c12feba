//! The thin shell between the machine and the browser. It decides nothing.

pub mod check;
mod denoise;
mod devices;
mod ear;
pub mod headset;
mod look;
mod microphone;
mod page;
mod peer;
mod player;
mod relays;
mod socket;
mod stats;
mod timer;
mod way;

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, VecDeque},
    rc::{Rc, Weak},
};

use crate::{
    CallKey, Command, IceServer, PhoneEvent,
    machine::{self, Input, Machine, MediaAction, MediaEvent, Output, SocketId, Sound},
};
use devices::Devices;
pub use ear::Ear;
pub use look::look;
use microphone::Microphone;
use page::Page;
use peer::Peer;
use player::Player;
pub use relays::rtc_configuration;
use socket::Socket;
use timer::Timer;
pub use way::media_way;
use way::octets_in;

/// The telephone of this page. Dropping it closes everything.
pub struct Phone(Rc<Shell>);

impl Phone {
    /// A telephone that does nothing until [`Command::Start`]. `on_event` is called on the
    /// page's only thread, never from within [`Phone::new`]; it may call [`Phone::send`].
    pub fn new(on_event: impl Fn(PhoneEvent) + 'static) -> Phone {
        let shell = Rc::new_cyclic(|shell| Shell::new(shell.clone(), Box::new(on_event)));
        shell.feed(Input::DevicesKept(page::kept_devices()));
        Phone(shell)
    }

    /// Takes up the calls that a page of this extension left behind, before [`Command::Start`].
    pub fn restore(&self, extension: &str) {
        let kept = page::kept();
        if machine::extension_of(&kept).is_some_and(|whose| whose == extension) {
            self.send(Command::Restore(kept));
        }
    }

    /// Lets go of everything without a word to anybody: another tab takes over.
    pub fn leave(&self) {
        self.0.leave();
    }

    /// Hands a command over. Its effects come back as events, some of them before this returns.
    pub fn send(&self, command: Command) {
        self.0.feed(Input::Command(command));
    }
}

/// Milliseconds after which Chromium has given an output up. A sound server moves those of an
/// unplugged device to another one, and what takes the device again sooner plays there.
const OUTPUTS_KEPT: u64 = 6_000;

/// How the parts hand in what happened; does nothing once the phone is gone.
type Feed = Rc<dyn Fn(Input)>;

struct Shell {
    machine: RefCell<Machine>,
    /// What happened while the machine was busy.
    inbox: RefCell<VecDeque<Option<Input>>>,
    is_busy: Cell<bool>,
    /// Nothing is done any more.
    has_left: Cell<bool>,
    feeder: Feed,
    socket: RefCell<Option<(SocketId, Socket)>>,
    peers: RefCell<BTreeMap<CallKey, Peer>>,
    gathers: Cell<bool>,
    relays: RefCell<Vec<IceServer>>,
    microphone: Microphone,
    devices: Devices,
    /// Where the other side is played.
    speaker: RefCell<String>,
    /// When the default began to play instead of a chosen speaker, on the clock of the page.
    left_at: Cell<u64>,
    cleans_theirs: Cell<bool>,
    player: Player,
    timer: Timer,
    _page: Page,
    on_event: Box<dyn Fn(PhoneEvent)>,
}

impl Shell {
    fn new(shell: Weak<Shell>, on_event: Box<dyn Fn(PhoneEvent)>) -> Self {
        let waking = shell.clone();
        let closing = shell.clone();
        let feeder: Feed = Rc::new(move |input| {
            if let Some(shell) = shell.upgrade() {
                shell.feed(input);
            }
        });
        let leave = move || {
            if let Some(shell) = closing.upgrade() {
                shell.leave();
            }
        };
        Self {
            machine: RefCell::new(Machine::new(page::identity())),
            inbox: RefCell::default(),
            is_busy: Cell::new(false),
            has_left: Cell::new(false),
            socket: RefCell::default(),
            peers: RefCell::default(),
            gathers: Cell::new(false),
            relays: RefCell::default(),
            microphone: Microphone::new(feeder.clone()),
            devices: Devices::new(feeder.clone()),
            speaker: RefCell::default(),
            left_at: Cell::new(0),
            cleans_theirs: Cell::new(false),
            player: Player::new(feeder.clone()),
            timer: Timer::new(Rc::new(move || {
                if let Some(shell) = waking.upgrade() {
                    shell.timer.forget();
                    shell.run(None);
                }
            })),
            _page: Page::new(feeder.clone(), leave),
            feeder,
            on_event,
        }
    }

    fn leave(&self) {
        self.feed(Input::Leaving);
        self.has_left.set(true);
        // Closing the peer connections says goodbye to the far end's media (DTLS close_notify).
        self.peers.borrow_mut().clear();
        // A page the browser keeps for Back would go on being registered, and unheard.
        drop(self.socket.borrow_mut().take());
        self.microphone.close();
        self.devices.watch(false);
        self.player.play(Sound::Silence);
    }

    fn feed(&self, input: Input) {
        self.run(Some(input));
    }

    /// Takes one input in, or the time (`None`), and everything that follows from it. An input that
    /// comes from within waits until the machine is done.
    fn run(&self, input: Option<Input>) {
        if self.has_left.get() {
            return;
        }
        self.inbox.borrow_mut().push_back(input);
        if self.is_busy.replace(true) {
            return;
        }
        while let Some(input) = self.next_input() {
            let now = page::now();
            match input {
                Some(input) => self.machine.borrow_mut().handle(now, input),
                None => self.machine.borrow_mut().handle_timeout(now),
            }
            while let Some(output) = self.next_output() {
                self.perform(output);
            }
        }
        self.is_busy.set(false);
        self.set_timer();
    }

    fn next_input(&self) -> Option<Option<Input>> {
        self.inbox.borrow_mut().pop_front()
    }

    fn next_output(&self) -> Option<Output> {
        self.machine.borrow_mut().poll_output()
    }

    fn set_timer(&self) {
        let deadline = self.machine.borrow().poll_timeout();
        self.timer.set(deadline, page::now().mono);
    }

    fn perform(&self, output: Output) {
        match output {
            Output::OpenSocket(id, url) => {
                let socket = Socket::open(id, &url, self.feeder.clone());
                *self.socket.borrow_mut() = socket.map(|socket| (id, socket));
            }
            Output::Send(id, bytes) => self.with_socket(id, |socket| socket.send(&bytes)),
            Output::CloseSocket(id) => {
                self.socket.borrow_mut().take_if(|(known, _)| *known == id);
            }
            Output::OpenMicrophone(wish) => {
                if self.microphone.stands_in_the_way(&wish) {
                    self.microphone.close();
                    self.peers.borrow().values().for_each(Peer::let_go);
                }
                self.microphone.open(wish);
            }
            Output::CleanTheirs(on) => {
                self.cleans_theirs.set(on);
                self.peers.borrow().values().for_each(|peer| peer.clean(on));
            }
            Output::FindDevices => self.devices.find(),
            Output::WatchDevices(on) => self.devices.watch(on),
            Output::KeepDevices(text) => page::keep_devices(&text),
            Output::Direct { speaker, ringer } => self.direct(speaker, &ringer),
            Output::CloseMicrophone => self.microphone.close(),
            Output::Media(call, action) => self.media(call, action),
            Output::Play(sound) => self.player.play(sound),
            Output::TrySound => self.player.try_sound(),
            Output::UnlockSound => {
                self.player.unlock();
                self.peers.borrow().values().for_each(Peer::play);
            }
            Output::GatherFirst(gathers) => self.gathers.set(gathers),
            Output::Remember(text) => page::keep(&text),
            Output::UseRelays(servers) => self.use_relays(servers),
            Output::Event(event) => (self.on_event)(event),
        }
    }

    fn use_relays(&self, servers: Vec<IceServer>) {
        let configuration = rtc_configuration(&servers);
        for peer in self.peers.borrow().values() {
            peer.configure(&configuration);
        }
        *self.relays.borrow_mut() = servers;
    }

    fn with_socket(&self, id: SocketId, then: impl FnOnce(&Socket)) {
        if let Some((known, socket)) = &*self.socket.borrow()
            && *known == id
        {
            then(socket);
        }
    }

    fn direct(&self, speaker: String, ringer: &str) {
        self.player.direct(&speaker, ringer);
        let now = page::now().mono;
        let wait = match speaker.as_str() {
            "" => {
                self.left_at.set(now);
                0
            }
            _ => (self.left_at.get() + OUTPUTS_KEPT).saturating_sub(now),
        };
        let peers = self.peers.borrow();
        peers
            .values()
            .for_each(|peer| peer.direct(&speaker, wait as u32));
        *self.speaker.borrow_mut() = speaker;
    }

    fn renew_track(&self, call: CallKey) {
        if let (Some(peer), Some(track)) = (self.peers.borrow().get(&call), self.microphone.track())
        {
            peer.renew_track(track);
        }
    }

    fn media(&self, call: CallKey, action: MediaAction) {
        if action == MediaAction::RenewTrack {
            return self.renew_track(call);
        }
        if action == MediaAction::Close {
            self.peers.borrow_mut().remove(&call);
            return;
        }
        let begins = matches!(
            action,
            MediaAction::MakeOffer { .. } | MediaAction::AnswerOffer(_)
        );
        let mut peers = self.peers.borrow_mut();
        if begins && !peers.contains_key(&call) {
            let track = self.microphone.track();
            let configuration = rtc_configuration(&self.relays.borrow());
            let speaker = self.speaker.borrow();
            let make = |track| {
                let (gathers, feed) = (self.gathers.get(), self.feeder.clone());
                Peer::new(call, track, &speaker, &configuration, gathers, feed).ok()
            };
            let peer = track.and_then(make);
            match peer {
                Some(peer) => {
                    peer.clean(self.cleans_theirs.get());
                    peers.insert(call, peer);
                }
                None => (self.feeder)(Input::Media(call, MediaEvent::DescriptionFailed)),
            }
        }
        if let Some(peer) = peers.get(&call) {
            peer.perform(action);
        }
    }
}
