//! The media plane: browser legs (ICE-lite, DTLS-SRTP on one UDP port), line legs (RTP), and the
//! bridge between them. Threads of its own, no async on the packet path.
//!
//! The signalling side holds an [`Engine`] and speaks SDP text with it; it never sees a packet.

mod sdp;
mod srtp;

use std::{io, net::{IpAddr, SocketAddr}, path::PathBuf};

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
    /// A SIP peer: `RTP/AVP`.
    Line,
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
    /// DTLS fingerprint or ICE credentials are missing.
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

/// Handle of the media plane; cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {}

#[expect(unused_variables, clippy::todo, reason = "the shape before the code")]
impl Engine {
    /// Binds the sockets and starts the threads. Events come on the returned channel.
    ///
    /// # Errors
    /// When a socket cannot be bound (the message names the port).
    pub fn start(config: MediaConfig) -> io::Result<(Self, tokio::sync::mpsc::UnboundedReceiver<MediaEvent>)> { todo!() }

    /// The browser socket's local address (the port matters when 0 was asked for).
    #[must_use]
    pub fn browser_addr(&self) -> SocketAddr { todo!() }

    /// A new leg (binds an RTP port for a line leg).
    ///
    /// # Errors
    /// When all RTP ports are taken.
    pub fn create_leg(&self, kind: LegKind) -> io::Result<LegId> { todo!() }

    /// Our offer on this leg with these codecs in order (and telephone-event).
    ///
    /// # Errors
    /// [`SdpError::NoSuchLeg`].
    pub async fn offer(&self, leg: LegId, codecs: &[Codec]) -> Result<String, SdpError> { todo!() }
    /// The peer's answer to our offer; `Ok` is the codec agreed on.
    ///
    /// # Errors
    /// See [`SdpError`].
    pub async fn accept_answer(&self, leg: LegId, sdp: &str) -> Result<Codec, SdpError> { todo!() }
    /// Takes the peer's offer and says which codecs of `allowed` it has, in the peer's order. The
    /// answer is made by [`Self::answer`], perhaps much later.
    ///
    /// # Errors
    /// See [`SdpError`].
    pub async fn accept_offer(&self, leg: LegId, sdp: &str, allowed: &[Codec]) -> Result<Vec<Codec>, SdpError> { todo!() }
    /// Our answer to the offer taken before, with this one codec (and telephone-event if offered).
    /// Directions follow RFC 3264 §6.1 (sendonly → recvonly, …).
    ///
    /// # Errors
    /// See [`SdpError`].
    pub async fn answer(&self, leg: LegId, codec: Codec) -> Result<String, SdpError> { todo!() }

    /// Lets audio and DTMF flow between two legs, both ways. Joining a leg again unjoins it first.
    pub fn join(&self, a: LegId, b: LegId) { todo!() }
    /// Starts recording: `left` and `right` into one journal named after the call.
    pub fn record(&self, call: uuid::Uuid, left: LegId, right: LegId) -> PathBuf { todo!() }
    /// Writes what is buffered, syncs and closes the journal; returns when that is done.
    pub async fn stop_recording(&self, call: uuid::Uuid) { todo!() }
    /// Plays ringback (425 Hz, 1 s on, 4 s off) towards a leg until it is joined or closed.
    pub fn ringback(&self, leg: LegId) { todo!() }
    /// Ends a leg: DTLS close_notify, ports freed.
    pub fn close(&self, leg: LegId) { todo!() }
    /// Ends the threads and syncs all journals.
    pub async fn shutdown(&self) { todo!() }
}
