//! A page with a phone and a server with a telephone, joined by a WebSocket that can be cut.

use sip_core::{
    AgentConfig, CallHandle, Event, Flow, InviteRequest, Output as Wire, StreamKind, UserAgent,
    digest::{AuthError, Authenticator, Ha1},
    header::NameAddr,
    message::Request,
    uri::SipUri,
};

use crate::{
    CallKey, CallPhase, CallView, Command, Connection, Device, DeviceName, IceServer,
    MicrophoneWish, PhoneConfig, PhoneEvent, PhoneState, QualityReport, Trouble,
    machine::{
        Identity, Input, Machine, MediaAction, MediaEvent, Moment, Output, SocketEvent, SocketId,
        Sound,
    },
};

pub(super) const INSTANCE: &str = "00000000-0000-4000-8000-00000000cafe";
const WALL: u64 = 1_700_000_000_000;

pub(super) struct World {
    pub(super) phone: Machine,
    pub(super) server: UserAgent,
    authenticator: Authenticator,
    pub(super) now: u64,
    socket: Option<SocketId>,
    /// Whether the server can be reached at all; messages vanish otherwise.
    pub(super) is_up: bool,
    /// Whether the server pings every second.
    pub(super) pings: bool,
    /// The server takes connections, and answers nothing yet.
    pub(super) is_slow: bool,
    /// What the browser says when asked for the microphone.
    pub(super) microphone: Result<(), Trouble>,
    /// Whether the browser keeps descriptions back.
    pub(super) describes_later: bool,
    /// What was asked of the browser last.
    pub(super) wish: MicrophoneWish,
    pub(super) plugged: Vec<Device>,
    /// What is played where: the other side, the ring.
    pub(super) directed: [String; 2],
    /// The choices of devices the browser keeps.
    pub(super) kept_devices: String,
    pub(super) cleans: bool,
    /// What the screen shows.
    pub(super) state: PhoneState,
    pub(super) credentials_asked: u32,
    /// What is to be stored of how calls sound.
    pub(super) reports: Vec<(CallKey, QualityReport)>,
    pub(super) media: Vec<MediaAction>,
    pub(super) media_of: Vec<(CallKey, MediaAction)>,
    /// How often a page was loaded, in a way.
    pages: u8,
    /// What the page keeps for the one after it.
    pub(super) kept: String,
    pub(super) sound: Sound,
    pub(super) microphone_is_open: bool,
    pub(super) sockets_opened: u32,
    /// What the page was told of TURN servers.
    pub(super) relays: Vec<Vec<IceServer>>,
    /// What the server saw besides REGISTER and pings.
    pub(super) seen: Vec<Event>,
    pub(super) register: Option<Request>,
    pub(super) contact: Option<SipUri>,
}

pub(super) fn config(password: &str) -> PhoneConfig {
    PhoneConfig {
        websocket: "wss://trubka.test/sip".to_owned(),
        domain: "trubka.test".to_owned(),
        extension: "101".to_owned(),
        username: "browser-1".to_owned(),
        password: password.to_owned(),
        display_name: "Anna".to_owned(),
        gathers: false,
        ice_servers: Vec::new(),
        ice_secs: 0,
    }
}

/// A device by its words.
pub(super) fn device_name(label: &str) -> DeviceName {
    DeviceName {
        id: format!("id of {label}"),
        label: label.to_owned(),
        group: "hardware".to_owned(),
    }
}

fn identity(seed: [u8; 32]) -> Identity {
    Identity {
        product: "test".to_owned(),
        instance: INSTANCE.to_owned(),
        seed,
    }
}

impl World {
    pub(super) fn new() -> Self {
        let agent = AgentConfig {
            product: "test".to_owned(),
            via_host: "server.test".to_owned(),
            allow: vec!["INVITE".to_owned(), "BYE".to_owned()],
        };
        Self {
            phone: Machine::new(identity([1; 32])),
            server: UserAgent::new(agent, [2; 32]),
            authenticator: Authenticator::new("trubka", [3; 32]),
            now: 0,
            socket: None,
            is_up: true,
            pings: true,
            is_slow: false,
            microphone: Ok(()),
            describes_later: false,
            wish: MicrophoneWish::default(),
            plugged: Vec::new(),
            directed: [String::new(), String::new()],
            kept_devices: String::new(),
            cleans: false,
            state: PhoneState::default(),
            credentials_asked: 0,
            reports: Vec::new(),
            media: Vec::new(),
            media_of: Vec::new(),
            pages: 10,
            kept: String::new(),
            sound: Sound::Silence,
            microphone_is_open: false,
            sockets_opened: 0,
            relays: Vec::new(),
            seen: Vec::new(),
            register: None,
            contact: None,
        }
    }

    /// A world whose phone is registered.
    pub(super) fn ready() -> Self {
        let mut world = Self::new();
        world.command(Command::Start(config("right")));
        assert!(matches!(world.state.connection, Connection::Ready { .. }));
        world
    }

    pub(super) fn command(&mut self, command: Command) {
        self.feed(Input::Command(command));
    }

    pub(super) fn feed(&mut self, input: Input) {
        self.phone.handle(self.moment(), input);
        self.settle();
    }

    pub(super) fn moment(&self) -> Moment {
        Moment {
            mono: self.now,
            wall: WALL + self.now,
        }
    }

    /// The server's side of the present socket.
    pub(super) fn flow(&self) -> Flow {
        let id = self.socket.map_or(0, |socket| socket.0);
        Flow::Stream {
            kind: StreamKind::Wss,
            id,
        }
    }

    /// Lets time pass; the server pings at every full second.
    pub(super) fn advance(&mut self, ms: u64) {
        let end = self.now + ms;
        loop {
            let ping = (self.now / 1000 + 1) * 1000;
            let timers = [
                self.phone.poll_timeout(),
                self.server.poll_timeout(),
                Some(ping),
            ];
            let next = timers
                .into_iter()
                .flatten()
                .min()
                .unwrap_or(end)
                .max(self.now);
            if next > end {
                break;
            }
            self.now = next;
            if next == ping && self.pings && self.socket.is_some() {
                let flow = self.flow();
                self.server.ping(self.now, flow);
            }
            self.server.handle_timeout(self.now);
            self.phone.handle_timeout(self.moment());
            self.settle();
        }
        self.now = end;
    }

    /// Cuts the WebSocket so that both sides notice.
    pub(super) fn cut(&mut self) {
        let flow = self.flow();
        if let Some(socket) = self.socket.take() {
            self.server.handle_flow_closed(self.now, flow);
            self.feed(Input::Socket(socket, SocketEvent::Closed));
        }
    }

    /// The page is loaded again: another machine under the same instance, which is given what was
    /// kept and registers.
    pub(super) fn reload(&mut self) {
        self.feed(Input::Leaving);
        self.leave();
        self.come_back();
    }

    /// The page goes without a word.
    pub(super) fn leave(&mut self) {
        let flow = self.flow();
        if self.socket.take().is_some() {
            self.server.handle_flow_closed(self.now, flow);
        }
        self.pages += 1;
        self.phone = Machine::new(identity([self.pages; 32]));
        self.state = PhoneState::default();
        (self.media, self.media_of) = (Vec::new(), Vec::new());
        self.microphone_is_open = false;
        self.settle();
    }

    /// The page after it.
    pub(super) fn come_back(&mut self) {
        self.command(Command::Restore(self.kept.clone()));
        self.command(Command::Start(config("right")));
    }

    /// The server is started anew.
    pub(super) fn forget_calls(&mut self) {
        let agent = AgentConfig {
            product: "test".to_owned(),
            via_host: "server.test".to_owned(),
            allow: vec!["INVITE".to_owned(), "BYE".to_owned()],
        };
        self.server = UserAgent::new(agent, [5; 32]);
    }

    /// The WebSocket dies without either side being told.
    pub(super) fn kill_silently(&mut self) {
        self.socket = None;
    }

    /// The call on the screen with this key.
    pub(super) fn view(&self, key: CallKey) -> &CallView {
        let found = self.state.calls.iter().find(|call| call.key == key);
        found.expect("the call")
    }

    /// Runs both sides until neither has anything left to do.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(output) = self.phone.poll_output() {
                self.perform(output);
            } else if let Some(output) = self.server.poll_output() {
                self.serve(output);
            } else {
                return;
            }
        }
    }

    fn perform(&mut self, output: Output) {
        let answer = match output {
            Output::OpenSocket(id, _) => Some(self.open(id)),
            Output::Send(id, bytes) => {
                if self.is_up && self.socket == Some(id) {
                    let flow = self.flow();
                    self.server.handle_bytes(self.now, flow, &bytes);
                }
                None
            }
            Output::CloseSocket(id) => {
                self.socket.take_if(|known| *known == id);
                None
            }
            Output::OpenMicrophone(wish) => {
                self.microphone_is_open = self.microphone.is_ok();
                self.wish = wish;
                let label = self.opened_label();
                Some(Input::Microphone(self.microphone.clone().map(|()| label)))
            }
            Output::Direct { speaker, ringer } => {
                self.directed = [speaker, ringer];
                None
            }
            Output::FindDevices => Some(Input::Devices(self.plugged.clone())),
            Output::WatchDevices(_) | Output::TrySound => None,
            Output::CleanTheirs(on) => {
                self.cleans = on;
                None
            }
            Output::KeepDevices(text) => {
                self.kept_devices = text;
                None
            }
            Output::CloseMicrophone => {
                self.microphone_is_open = false;
                None
            }
            Output::Media(call, action) => self.media(call, action),
            Output::Play(sound) => {
                self.sound = sound;
                None
            }
            Output::UnlockSound => Some(Input::SoundBlocked(false)),
            Output::GatherFirst(_) => None,
            Output::Remember(text) => {
                self.kept = text;
                None
            }
            Output::UseRelays(servers) => {
                self.relays.push(servers);
                None
            }
            Output::Event(event) => {
                self.credentials_asked += u32::from(event == PhoneEvent::CredentialsNeeded);
                if let PhoneEvent::Quality(key, report) = &event {
                    self.reports.push((*key, (**report).clone()));
                }
                self.state.apply(event);
                None
            }
        };
        if let Some(input) = answer {
            self.phone.handle(self.moment(), input);
        }
    }

    /// As a browser does: the one that was asked for, else the first.
    fn opened_label(&self) -> String {
        let mut inputs = self.plugged.iter().filter(|device| device.is_input);
        let first = inputs.clone().next();
        let wanted = inputs.find(|device| Some(&device.name.id) == self.wish.device.as_ref());
        let opened = wanted.or(first);
        opened.map_or_else(String::new, |device| device.name.label.clone())
    }

    /// These are plugged in now; the first of each kind is the default.
    pub(super) fn plug(&mut self, devices: &[(bool, &str)]) {
        let device = |(is_input, label): &(bool, &str)| Device {
            is_input: *is_input,
            name: device_name(label),
        };
        self.plugged = devices.iter().map(device).collect();
        self.feed(Input::Devices(self.plugged.clone()));
    }

    fn open(&mut self, id: SocketId) -> Input {
        self.sockets_opened += 1;
        if !self.is_up {
            return Input::Socket(id, SocketEvent::Closed);
        }
        self.socket = Some(id);
        Input::Socket(id, SocketEvent::Opened)
    }

    fn media(&mut self, call: CallKey, action: MediaAction) -> Option<Input> {
        let described = match &action {
            MediaAction::MakeOffer { restart_ice: false } => Some("phone offers"),
            MediaAction::MakeOffer { restart_ice: true } => Some("phone restarts"),
            MediaAction::AnswerOffer(_) => Some("phone answers"),
            _ => None,
        };
        self.media_of.push((call, action.clone()));
        self.media.push(action);
        let sdp = described.filter(|_| !self.describes_later)?.to_owned();
        Some(Input::Media(call, MediaEvent::LocalDescription(sdp)))
    }

    fn serve(&mut self, output: Wire) {
        match output {
            Wire::Transmit { flow, bytes } => {
                let is_heard = self.is_up && !self.is_slow && flow == self.flow();
                if let (true, Some(id)) = (is_heard, self.socket) {
                    let event = SocketEvent::Received(bytes);
                    self.phone.handle(self.moment(), Input::Socket(id, event));
                }
            }
            Wire::Event(Event::Request {
                handle, request, ..
            }) if request.method == "REGISTER" => {
                let (code, headers) = self.registrar(&request);
                self.contact = request.contact().map(|contact| contact.uri);
                self.register = Some(*request);
                self.server
                    .respond(self.now, handle, code, "", headers, None);
            }
            Wire::Event(Event::Ping { .. } | Event::Pong { .. }) => {}
            Wire::Event(event) => self.seen.push(event),
        }
    }

    fn registrar(&mut self, request: &Request) -> (u16, Vec<(String, String)>) {
        let ha1 = |user: &str| (user == "browser-1").then(|| Ha1::new(user, "trubka", "right"));
        match self.authenticator.verify(self.now, request, ha1) {
            Ok(_) => (200, vec![("Expires".to_owned(), "300".to_owned())]),
            Err(AuthError::Challenge { stale }) => {
                (401, self.authenticator.challenges(self.now, stale))
            }
            Err(_) => (403, Vec::new()),
        }
    }

    /// The server calls the phone.
    pub(super) fn call_in(&mut self, sdp: Option<&str>) -> (CallHandle, CallKey) {
        let identity = NameAddr::new(SipUri::new("+74951234567", "trubka.test"));
        let target = self.contact.clone().expect("registered");
        let request = InviteRequest {
            flow: self.flow(),
            to: NameAddr::new(target.clone()),
            target,
            from: identity.with_display("Boris"),
            contact: SipUri::from_host("server.test"),
            routes: Vec::new(),
            headers: vec![
                (
                    "Session-ID".into(),
                    "ab30317f1a784dc48ff824d0d3715d86".into(),
                ),
                (
                    "P-Called-Party-ID".into(),
                    "\"Sales\" <sip:74950000000@trubka.test>".into(),
                ),
            ],
            sdp: sdp.map(str::to_owned),
            credentials: None,
            ring_timeout_ms: None,
        };
        let leg = self.server.invite(self.now, request);
        self.settle();
        (leg, self.call().key)
    }

    /// The server calls back for a call that rang out when the page went.
    pub(super) fn call_back(&mut self, session: &str) -> CallHandle {
        let target = self.contact.clone().expect("registered");
        let request = InviteRequest {
            flow: self.flow(),
            to: NameAddr::new(target.clone()),
            target,
            from: NameAddr::new(SipUri::new("602", "trubka.test")),
            contact: SipUri::from_host("server.test"),
            routes: Vec::new(),
            headers: vec![
                ("Session-ID".into(), session.replace('-', "")),
                ("Answer-Mode".into(), "Auto".into()),
            ],
            sdp: Some("server offers".into()),
            credentials: None,
            ring_timeout_ms: None,
        };
        let leg = self.server.invite(self.now, request);
        self.settle();
        leg
    }

    /// Answers the last offer the phone made in a running call.
    pub(super) fn accept_change(&mut self, leg: CallHandle) {
        self.server
            .accept_reoffer(self.now, leg, "server agrees".to_owned());
        self.settle();
    }

    /// The phone dials; the leg as the server sees it.
    pub(super) fn dial(&mut self, number: &str) -> (CallHandle, CallKey) {
        self.command(Command::Dial {
            number: number.to_owned(),
        });
        (self.invite().call, self.call().key)
    }

    /// The last INVITE the server got.
    pub(super) fn invite(&self) -> sip_core::IncomingInvite {
        let invites = self.seen.iter().rev().filter_map(|event| match event {
            Event::IncomingInvite(invite) => Some(*invite.clone()),
            _ => None,
        });
        invites.into_iter().next().expect("an INVITE")
    }

    pub(super) fn was_invited(&self) -> bool {
        self.seen
            .iter()
            .any(|event| matches!(event, Event::IncomingInvite(_)))
    }

    /// The server answers the phone's call.
    pub(super) fn accept(&mut self, leg: CallHandle, sdp: &str) {
        let contact = SipUri::from_host("server.test");
        self.server
            .accept(self.now, leg, contact, sdp.to_owned(), Vec::new());
        self.settle();
    }

    /// The newest call on the screen.
    pub(super) fn call(&self) -> &CallView {
        self.state.calls.last().expect("a call")
    }

    pub(super) fn phase(&self) -> CallPhase {
        self.call().phase.clone()
    }

    /// A call in which people talk.
    pub(super) fn talking() -> (Self, CallHandle, CallKey) {
        let mut world = Self::ready();
        let (leg, key) = world.dial("602");
        world.accept(leg, "server answers");
        assert_eq!(world.phase(), CallPhase::Talking);
        (world, leg, key)
    }

    /// How the server's leg ended.
    pub(super) fn leg_end(&self) -> Option<(sip_core::EndedBy, u16)> {
        self.seen.iter().find_map(|event| match event {
            Event::Ended { by, cause, .. } => Some((*by, cause.code)),
            _ => None,
        })
    }
}
