//! What goes into the machine and what comes out of it.

use crate::{
    CallKey, Command, Device, IceServer, MediaWay, MicrophoneWish, PhoneEvent, Trouble,
    quality::Snapshot,
};

/// One instant on both clocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Milliseconds on a clock that never goes back; it times everything.
    pub mono: u64,
    /// Milliseconds since 1970 as this computer believes; only shown to people.
    pub wall: u64,
}

/// What tells this page from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Value of `User-Agent`.
    pub product: String,
    /// UUID with hyphens; the `+sip.instance` of RFC 5626 §4.1. The same after a reload of the tab.
    pub instance: String,
    /// Fresh random bytes; every random choice follows from them.
    pub seed: [u8; 32],
}

/// Names a WebSocket the machine asked for. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocketId(pub u64);

/// Something happened.
#[derive(Clone)]
pub enum Input {
    /// A person or the page wants something.
    Command(Command),
    /// A WebSocket changed.
    Socket(SocketId, SocketEvent),
    /// The choices of devices this browser kept, as [`Output::KeepDevices`] told them.
    DevicesKept(String),
    /// What is plugged in.
    Devices(Vec<Device>),
    /// The answer to [`Output::OpenMicrophone`]: words for the microphone that is open now.
    Microphone(Result<String, Trouble>),
    /// The open microphone was unplugged, or the permission taken back.
    MicrophoneEnded,
    /// The permission for the microphone was given.
    MicrophoneAllowed,
    /// The browser keeps the answer to [`Output::OpenMicrophone`] until the page is looked at.
    MicrophoneWaits,
    /// The peer connection of a call has something to tell.
    Media(CallKey, MediaEvent),
    /// The browser began (`true`) or stopped refusing to play sound.
    SoundBlocked(bool),
    /// The browser says it is online (`true`) or offline.
    Network(bool),
    /// The page became visible (`true`) or hidden.
    Visible(bool),
    /// The page goes: the last [`Output::Remember`] follows, and nothing else counts.
    Leaving,
}

/// What happens to a WebSocket. Nothing follows `Closed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// It may be written to.
    Opened,
    /// One message, text or binary.
    Received(Vec<u8>),
    /// It failed to open or is gone.
    Closed,
}

/// What a peer connection tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaEvent {
    /// The answer to `MakeOffer` and `AnswerOffer`: set as local description, to be sent now.
    LocalDescription(String),
    /// A description could not be made or applied.
    DescriptionFailed,
    /// Packets can flow.
    Connected,
    /// Packets that have come in so far; told about once a second.
    Received(u64),
    /// Octets of all that has come in so far, reports of the far end included; told about once a
    /// second.
    Heard(u64),
    /// Which way the audio goes; told about once a second.
    Way(MediaWay),
    /// One look at the statistics; told about once a second.
    Look(Box<Snapshot>),
    /// Packets stopped; the browser still tries.
    Disconnected,
    /// ICE or DTLS gave up.
    Failed,
}

/// Something to do, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Open a WebSocket with subprotocol `sip`.
    OpenSocket(SocketId, String),
    /// One text message; silently lost if the socket is gone.
    Send(SocketId, Vec<u8>),
    /// Close it; no further event is wanted.
    CloseSocket(SocketId),
    /// Ask for a microphone; [`Input::Microphone`] answers. One that is open already stays so until
    /// the other is there.
    OpenMicrophone(MicrophoneWish),
    /// No call needs the microphone any more.
    CloseMicrophone,
    /// For the peer connection of a call.
    Media(CallKey, MediaAction),
    /// Play this instead of what was played before.
    Play(Sound),
    /// Play the other side and ring by these devices, by their ids; empty: the system's default.
    Direct {
        /// Plays the other side.
        speaker: String,
        /// Rings.
        ringer: String,
    },
    /// Take all that is no voice out of what the other sides send, or no more.
    CleanTheirs(bool),
    /// Tell what is plugged in, changed or not.
    FindDevices,
    /// Look what is plugged in again and again (`true`), because not every browser tells by itself.
    WatchDevices(bool),
    /// Keep the choices of devices.
    KeepDevices(String),
    /// Find out whether the browser allows sound, before anything rings.
    TrySound,
    /// A click has happened: try blocked sound again.
    UnlockSound,
    /// Whether descriptions made from now on wait for our candidates.
    GatherFirst(bool),
    /// Keep this for the page that comes after, in place of what was kept before: it is handed to
    /// [`Command::Restore`]. Empty: nothing.
    Remember(String),
    /// These are the TURN servers from now on, also of the calls that run.
    UseRelays(Vec<IceServer>),
    /// Tell the page.
    Event(PhoneEvent),
}

/// What to do with the peer connection of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MediaAction {
    /// Make an offer, with a new peer connection if there is none.
    MakeOffer {
        /// With new ICE credentials.
        restart_ice: bool,
    },
    /// Apply the far end's offer, with a new peer connection if there is none, and answer it.
    AnswerOffer(String),
    /// Apply the far end's answer to our offer.
    ApplyAnswer(String),
    /// Forget the offer that was refused.
    Rollback,
    /// Microphone off (`true`) or on.
    SetMuted(bool),
    /// The other side neither hears nor is heard (`true`), and descriptions made from now on say
    /// so; or the opposite.
    SetHold(bool),
    /// Send DTMF digits (RFC 4733).
    SendDigits(String),
    /// Send what the microphone takes that was opened last, if the connection is there.
    RenewTrack,
    /// Tell at once how many packets came in: [`MediaEvent::Received`].
    Count,
    /// Close it for good.
    Close,
}

/// What the page plays by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sound {
    /// Nothing.
    #[default]
    Silence,
    /// A call comes in.
    Ring,
    /// Another call comes in while people talk.
    CallWaiting,
    /// The far end rings and sends no tone itself.
    Ringback,
}
