//! What a person or a page asks of the telephone.

use crate::{CallKey, DeviceName, DeviceRole, FarFigures, Processing};

/// Where and as whom to register. Fetched anew from the API by the shell when the phone asks
/// for it ([`crate::PhoneEvent::CredentialsNeeded`]).
#[derive(Clone, PartialEq, Eq)]
pub struct PhoneConfig {
    /// Absolute URL of the SIP WebSocket.
    pub websocket: String,
    /// Domain of the address of record.
    pub domain: String,
    /// User of the address of record (extension).
    pub extension: String,
    /// Name for digest.
    pub username: String,
    /// Password for digest.
    pub password: String,
    /// Display name for From.
    pub display_name: String,
    /// Whether descriptions wait for our candidates (RFC 8445 §5.1.1): far ends need them, but our own
    /// gateway, which learns them from our checks.
    pub gathers: bool,
    /// TURN servers for the audio; empty: there are none.
    pub ice_servers: Vec<IceServer>,
    /// Seconds for which their credentials are good; 0: for good.
    pub ice_secs: u32,
}

/// A TURN server and what it is reached with.
#[derive(Clone, PartialEq, Eq)]
pub struct IceServer {
    /// `turn:` and `turns:` URLs.
    pub urls: Vec<String>,
    /// Name.
    pub username: String,
    /// Password.
    pub credential: String,
}

impl std::fmt::Debug for IceServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IceServer(…)")
    }
}

/// Why a call is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// Busy (486), no reason given.
    Busy,
    /// Busy, and will call back.
    CallBack,
    /// Not wanted (603).
    Decline,
}

/// A line and one of its numbers, chosen for calls.
#[derive(Clone, PartialEq, Eq)]
pub struct CallFrom {
    /// Id of the line.
    pub line: String,
    /// The number, in E.164.
    pub number: String,
}

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub enum Command {
    /// Connect and register with these credentials (again: replaces them).
    Start(PhoneConfig),
    /// Unregister and close.
    Stop,
    /// Call a number as typed.
    Dial {
        /// As typed.
        number: String,
    },
    /// By which line and number calls go out from now on; `None`: as the server decides.
    CallFrom(Option<CallFrom>),
    /// Answer a ringing call.
    Answer(CallKey),
    /// Reject a ringing call.
    Reject(CallKey, Rejection),
    /// End a call in any phase.
    HangUp(CallKey),
    /// Have the other side wait with music, or talk on; then whoever was heard waits.
    Hold(CallKey, bool),
    /// Hand the other side over to a number, unannounced.
    Transfer {
        /// The call.
        call: CallKey,
        /// As typed.
        number: String,
    },
    /// Hold a call and ask somebody whether they take it.
    Consult {
        /// The call.
        call: CallKey,
        /// As typed.
        number: String,
    },
    /// Put the other sides of two calls together and leave.
    Connect {
        /// The one to be handed over.
        call: CallKey,
        /// The one that takes it.
        to: CallKey,
    },
    /// Make one call of three out of two.
    Join {
        /// Goes on.
        call: CallKey,
        /// Comes in.
        other: CallKey,
    },
    /// Have the other side wait where anybody of the house can pick it up.
    Park(CallKey),
    /// Calls that went on while the page was gone, as [`crate::machine::Output::Remember`] told them.
    Restore(String),
    /// The other side of a call that was taken up again while it rang has answered.
    FarAnswered(CallKey),
    /// The other side put a call into another one, which has this id (UUID).
    PutInto(CallKey, String),
    /// What the gateway measured on the other side's leg of a call.
    FarMeasured(CallKey, FarFigures),
    /// What a report of how a call sounds told is stored; the time is the report's.
    QualityStored(CallKey, u64),
    /// Microphone off or on for a call.
    Mute(CallKey, bool),
    /// Send DTMF digits (RFC 4733).
    SendDigits(CallKey, String),
    /// Take an ended call off the screen.
    Dismiss(CallKey),
    /// Ask for the microphone now (after a denied permission was granted).
    RetryMicrophone,
    /// Use this device from now on, also in a running call; `None`: the system's default, for the
    /// ringer the speaker.
    ChooseDevice {
        /// What for.
        role: DeviceRole,
        /// Which.
        device: Option<DeviceName>,
    },
    /// What the browser does to the voice from now on, also in a running call.
    Process(Processing),
    /// Take all that is no voice out of what the other side sends, or no more.
    CleanTheirs(bool),
    /// Ringing was blocked by the browser; a click has happened, try again.
    UnlockSound,
}
