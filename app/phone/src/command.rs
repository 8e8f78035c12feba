//! What a person or a page asks of the telephone.

use crate::CallKey;

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
    /// Answer a ringing call.
    Answer(CallKey),
    /// Reject a ringing call (486 Busy Here).
    Reject(CallKey),
    /// End a call in any phase.
    HangUp(CallKey),
    /// Microphone off or on for a call.
    Mute(CallKey, bool),
    /// Send DTMF digits (RFC 4733).
    SendDigits(CallKey, String),
    /// Take an ended call off the screen.
    Dismiss(CallKey),
    /// Ask for the microphone now (after a denied permission was granted).
    RetryMicrophone,
    /// Ringing was blocked by the browser; a click has happened, try again.
    UnlockSound,
}
