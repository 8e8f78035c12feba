//! The telephone without a browser: what it decides, on a clock that is handed in.
//!
//! ```text
//!  commands ─┐                        ┌─► WebSocket: open, send, close
//!  WebSocket ┼─► Machine ◄─► sip-core ┼─► peer connections, microphone, sounds
//!  media ────┘     (calls, link)      └─► events for the screen
//! ```
//! The rules are those of `sip-core`: after every call that takes a [`Moment`], drain
//! [`Machine::poll_output`]; then call [`Machine::handle_timeout`] when [`Machine::poll_timeout`]
//! says so.

mod call;
mod dial;
mod gear;
mod hold;
mod io;
mod link;
mod media;
mod party;
mod quality;
mod random;
mod refer;
mod registration;
mod relays;
mod remember;
mod repair;
mod returning;
mod ring;
mod signalling;
mod sounds;
mod talk;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::VecDeque;

use sip_core::{AgentConfig, CallHandle, Flow, OutgoingHandle, UserAgent};

pub use io::{
    Identity, Input, MediaAction, MediaEvent, Moment, Output, SocketEvent, SocketId, Sound,
};

use crate::{CallFrom, CallKey, Command, IceServer, PhoneEvent, Trouble};
use call::Call;
use gear::Gear;
use link::Link;
use media::Microphone;
use random::Random;
pub use random::fresh_uuid;
pub use remember::extension_of;

/// Requests the phone takes.
const ALLOW: [&str; 6] = ["INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE"];

/// The telephone's decisions. See the module's documentation.
pub struct Machine {
    agent: UserAgent,
    now: Moment,
    random: Random,
    /// `+sip.instance`, a UUID with hyphens.
    instance: String,
    /// A name nobody can resolve, in Via and Contact (RFC 7118 §5).
    host: String,
    link: Link,
    calls: Vec<Call>,
    next_key: u64,
    /// Legs to be ended as soon as there is a connection.
    farewells: Vec<CallHandle>,
    /// Whether the server still knows a call was asked.
    questions: Vec<(OutgoingHandle, CallKey)>,
    /// What was last kept for the page that comes after.
    remembered: String,
    /// Calls whose media is to be closed once everything is sent.
    closing: Vec<CallKey>,
    /// By which line and number calls go out.
    call_from: Option<CallFrom>,
    microphone: Microphone,
    relays: Vec<IceServer>,
    /// When new credentials for them are asked for.
    relays_due: Option<Moment>,
    gear: Gear,
    /// It ended while it was open.
    microphone_was_lost: bool,
    troubles: Vec<Trouble>,
    sound: Sound,
    outputs: VecDeque<Output>,
}

impl Machine {
    /// A telephone that is off.
    #[must_use]
    pub fn new(identity: Identity) -> Self {
        let mut random = Random::new(&identity.seed);
        let host = format!("{}.invalid", random.word());
        let config = AgentConfig {
            product: identity.product,
            via_host: host.clone(),
            allow: ALLOW.map(str::to_owned).to_vec(),
        };
        Self {
            agent: UserAgent::new(config, identity.seed),
            now: Moment::default(),
            instance: identity.instance,
            link: Link::new(random.word()),
            random,
            host,
            calls: Vec::new(),
            next_key: 1,
            farewells: Vec::new(),
            questions: Vec::new(),
            remembered: String::new(),
            closing: Vec::new(),
            call_from: None,
            microphone: Microphone::Closed,
            relays: Vec::new(),
            relays_due: None,
            gear: Gear::default(),
            microphone_was_lost: false,
            troubles: Vec::new(),
            sound: Sound::Silence,
            outputs: VecDeque::new(),
        }
    }

    /// Something happened.
    pub fn handle(&mut self, now: Moment, input: Input) {
        self.now = now;
        match input {
            Input::Command(command) => self.command(command),
            Input::Socket(socket, event) => self.socket(socket, event),
            Input::Microphone(result) => self.microphone_answered(result),
            Input::MicrophoneEnded => self.microphone_ended(),
            Input::MicrophoneAllowed => self.microphone_allowed(),
            Input::DevicesKept(kept) => self.restore_devices(&kept),
            Input::Devices(devices) => self.devices_found(devices),
            Input::MicrophoneWaits => self.set_trouble(Trouble::MicrophoneWaits, true),
            Input::Media(call, event) => self.media(call, event),
            Input::SoundBlocked(blocked) => self.set_trouble(Trouble::SoundBlocked, blocked),
            Input::Network(online) => self.network(online),
            Input::Visible(visible) => self.visibility(visible),
            Input::Leaving => self.close_slots(),
        }
        self.settle();
    }

    /// The time [`Self::poll_timeout`] named has come; earlier calls do no harm.
    pub fn handle_timeout(&mut self, now: Moment) {
        self.now = now;
        self.agent.handle_timeout(now.mono);
        self.link_timeout();
        self.media_timeout();
        self.return_timeout();
        self.relays_timeout();
        self.settle();
    }

    /// When [`Self::handle_timeout`] wants to be called next, on the monotonic clock.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<u64> {
        let calls = self.calls.iter().filter_map(Call::deadline);
        self.agent
            .poll_timeout()
            .into_iter()
            .chain(self.link_deadline())
            .chain(self.relays_deadline())
            .chain(calls)
            .min()
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    fn command(&mut self, command: Command) {
        match command {
            Command::Start(config) => self.start(config),
            Command::Stop => self.stop(),
            Command::Dial { number } => self.dial(&number),
            Command::CallFrom(from) => self.call_from = from,
            Command::Answer(call) => self.answer(call),
            Command::Reject(call, rejection) => self.reject(call, rejection),
            Command::HangUp(call) => self.hang_up(call),
            Command::Hold(call, hold) => self.hold(call, hold),
            Command::Transfer { call, number } => self.transfer(call, &number),
            Command::Consult { call, number } => self.consult(call, &number),
            Command::Connect { call, to } => self.connect(call, to),
            Command::Join { call, other } => self.join(call, other),
            Command::Park(call) => self.park(call),
            Command::Restore(kept) => self.restore(&kept),
            Command::FarAnswered(call) => self.far_answered(call),
            Command::PutInto(call, into) => self.put_into(call, into),
            Command::FarMeasured(call, far) => self.far_measured(call, far),
            Command::QualityStored(call, until) => self.quality_stored(call, until),
            Command::Mute(call, muted) => self.mute(call, muted),
            Command::SendDigits(call, digits) => self.send_digits(call, &digits),
            Command::Dismiss(call) => self.dismiss(call),
            Command::RetryMicrophone => self.open_microphone(),
            Command::ChooseDevice { role, device } => self.choose_device(role, device),
            Command::Process(processing) => self.process(processing),
            Command::CleanTheirs(on) => self.clean_theirs(on),
            Command::UnlockSound => self.outputs.push_back(Output::UnlockSound),
        }
    }

    /// Follows up on what a command or input has set going, until nothing more comes of it.
    fn settle(&mut self) {
        self.offer_changes();
        while let Some(output) = self.agent.poll_output() {
            match output {
                sip_core::Output::Transmit { flow, bytes } => self.transmit(flow, bytes),
                sip_core::Output::Event(event) => self.signalled(event),
            }
            self.offer_changes();
        }
        self.close_media();
        self.publish_calls();
        self.choose_sound();
        self.release_microphone();
        self.follow_devices();
        self.remember();
    }

    fn transmit(&mut self, flow: Flow, bytes: Vec<u8>) {
        if let Flow::Stream { id, .. } = flow {
            self.outputs.push_back(Output::Send(SocketId(id), bytes));
        }
    }

    fn tell(&mut self, event: PhoneEvent) {
        self.outputs.push_back(Output::Event(event));
    }

    /// Adds or takes away a trouble and tells so if that changes anything.
    fn set_trouble(&mut self, trouble: Trouble, present: bool) {
        if self.troubles.contains(&trouble) == present {
            return;
        }
        if present {
            self.troubles.push(trouble);
        } else {
            self.troubles.retain(|known| *known != trouble);
        }
        self.tell(PhoneEvent::TroubleChanged(self.troubles.clone()));
    }
}
