//! The media plane: browser legs (ICE-lite, DTLS-SRTP on one UDP port), line legs (RTP), and the
//! bridge between them. Threads of its own, no async on the packet path.
//!
//! The signalling side holds an [`Engine`] and speaks SDP text with it; it never sees a packet.

mod addresses;
mod browser;
mod dtls;
mod engine;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod latch;
mod leg;
mod line;
mod plane;
mod port;
mod ringback;
mod sdes;
mod sdp;
mod srtp;
mod stream;
mod stun;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

pub use engine::Engine;

use crate::ports::SrtpMode;

/// Where media is received and what peers are told.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The one UDP socket of all browser legs.
    pub browser_bind: SocketAddr,
    /// Addresses put into ICE candidates, first is preferred; empty: the bind address, or every
    /// local address for a wildcard bind.
    pub browser_public: Vec<IpAddr>,
    /// Address the sockets of line legs are bound to.
    pub line_bind: IpAddr,
    /// Address written into `c=` towards lines; `None`: `line_bind`, or the local address that
    /// reaches the peer for a wildcard bind.
    pub line_public: Option<IpAddr>,
    /// First and last even port for RTP of line legs.
    pub line_ports: (u16, u16),
    /// Folder for recording journals.
    pub journal_dir: PathBuf,
}

/// Names a leg. Never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegId(pub u64);

/// What kind of peer a leg has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LegKind {
    /// A WebRTC peer: `UDP/TLS/RTP/SAVPF`, ICE, DTLS-SRTP.
    Browser,
    /// A SIP peer: `RTP/AVP`, or `RTP/SAVP` with SDES.
    Line,
}

/// What a leg is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegSetup {
    /// What kind of peer it has.
    pub kind: LegKind,
    /// Encryption by SDES; of a line leg. `Optional`: an offer with keys is answered with keys,
    /// plain or not as it came, and ours is `RTP/AVP` with `a=crypto`, which telephones without
    /// SRTP read as plain audio.
    pub srtp: SrtpMode,
}

impl From<LegKind> for LegSetup {
    fn from(kind: LegKind) -> Self {
        let srtp = SrtpMode::Off;
        Self { kind, srtp }
    }
}

/// Which of the two sides of a recording a leg is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// The agent: left.
    Left,
    /// The client: right.
    Right,
}

/// An audio codec the gateway passes through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Codec {
    /// G.711 A-law, payload type 8, 8 kHz.
    Pcma,
    /// G.711 µ-law, payload type 0, 8 kHz.
    Pcmu,
}

impl Codec {
    /// Its payload type without an rtpmap (RFC 3551 table 4).
    #[must_use]
    pub fn static_payload(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
        }
    }
}

/// Why an SDP cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SdpError {
    /// It cannot be read.
    #[error("the SDP cannot be read: {0}")]
    Unreadable(String),
    /// No audio line in it.
    #[error("the SDP offers no audio")]
    NoAudio,
    /// No codec both sides have.
    #[error("no common codec (offered: {0})")]
    NoCommonCodec(String),
    /// Encrypted audio where none may be, or plain audio where it must be encrypted.
    #[error("the SDP offers no audio with the encryption that is set up")]
    WrongProtection,
    /// DTLS fingerprint, SDES keys or ICE credentials are missing.
    #[error("the SDP lacks {0}")]
    Missing(&'static str),
    /// The leg is gone.
    #[error("the leg is gone")]
    NoSuchLeg,
}

/// What the media plane tells.
#[derive(Debug, Clone)]
pub enum MediaEvent {
    /// Media can flow (browser: DTLS is up; line: the first packet came or was sent).
    Connected(LegId),
    /// A DTMF digit ended (RFC 4733); it has been forwarded already to the bridged leg.
    Digit {
        /// Who sent it.
        leg: LegId,
        /// `0`–`9`, `*`, `#`, `A`–`D`.
        digit: char,
    },
    /// Nothing valid has come from a browser leg for 5 s (no consent checks, no RTP).
    Vanished(LegId),
    /// It is back.
    Returned(LegId),
    /// The peer closed DTLS (close_notify) or DTLS failed; in words.
    Closed {
        /// Which leg.
        leg: LegId,
        /// Why.
        reason: String,
    },
    /// Recording lost this many milliseconds (ring or disk full).
    RecordingGap {
        /// The conversation.
        call: uuid::Uuid,
        /// Milliseconds lost.
        ms: u64,
        /// In words.
        reason: String,
    },
}
