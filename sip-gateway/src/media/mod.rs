//! The media plane: browser legs (ICE-lite, DTLS-SRTP on one UDP and one TCP port), line legs (RTP), and the
//! bridge between them. Threads of its own, no async on the packet path.
//!
//! The signalling side holds an [`Engine`] and speaks SDP text with it; it never sees a packet.

mod addresses;
mod browser;
mod doors;
mod dtls;
mod engine;
mod events;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod gauge;
mod keys;
mod latch;
mod leg;
mod line;
mod path;
mod plane;
mod player;
mod port;
mod room;
mod sdes;
mod sdp;
mod sound;
mod srtp;
mod stream;
mod streams;
mod stun;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

pub use engine::Engine;
pub use sound::Sound;

use crate::ports::{DtmfMode, LegFigures, SrtpMode};

/// Where media is received and what peers are told.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// The one UDP socket of all browser legs.
    pub browser_bind: SocketAddr,
    /// The TCP port of browsers whose network blocks UDP; port 0: that of the UDP socket if it is free.
    /// `None`: there is none.
    pub browser_tcp: Option<SocketAddr>,
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
    /// How keys are sent to it, and heard from it beside telephone events. By `Info` nothing is sent
    /// here: [`MediaEvent::Digit`] tells of the key. `InBand` needs G.711; with another codec keys go
    /// as events.
    pub dtmf: DtmfMode,
}

impl From<LegKind> for LegSetup {
    fn from(kind: LegKind) -> Self {
        Self {
            kind,
            srtp: SrtpMode::Off,
            dtmf: DtmfMode::Rfc4733,
        }
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
    /// G.722, payload type 9: 16 kHz, with an RTP clock of 8 kHz (RFC 3551 §4.5.2).
    G722,
    /// Opus (RFC 7587), 48 kHz.
    Opus,
}

impl Codec {
    /// All of them, the best sounding first.
    pub const ALL: [Self; 4] = [Self::Opus, Self::G722, Self::Pcma, Self::Pcmu];

    /// Its payload type without an rtpmap (RFC 3551 table 4); for Opus the one we use.
    #[must_use]
    pub fn static_payload(self) -> u8 {
        match self {
            Self::Pcma => 8,
            Self::Pcmu => 0,
            Self::G722 => 9,
            Self::Opus => 111,
        }
    }

    /// Ticks a second of its RTP clock.
    #[must_use]
    pub fn clock_hz(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    /// Whether the bridge can make `other` out of it; the others pass only as they are.
    #[must_use]
    pub fn becomes(self, other: Self) -> bool {
        let is_g711 = |codec| matches!(codec, Self::Pcma | Self::Pcmu);
        self == other || (is_g711(self) && is_g711(other))
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
    /// A DTMF digit ended (RFC 4733) or began (in the audio); it has been forwarded already to the
    /// bridged leg, unless that one wants INFO.
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
    /// How packets travelled on a connected leg since it was measured last.
    Measured {
        /// Which leg.
        leg: LegId,
        /// What was measured.
        figures: LegFigures,
    },
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

impl MediaEvent {
    /// The leg it is about.
    #[must_use]
    pub fn leg(&self) -> Option<LegId> {
        match self {
            Self::Connected(leg) | Self::Vanished(leg) | Self::Returned(leg) => Some(*leg),
            Self::Digit { leg, .. } | Self::Closed { leg, .. } | Self::Measured { leg, .. } => {
                Some(*leg)
            }
            Self::RecordingGap { .. } => None,
        }
    }
}
