//! What a screen needs to show a telephone, and how events change it. Pure.

use crate::{Choices, MediaWay, QualityReport, QualityView};

/// Names a call within this page. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CallKey(pub u64);

/// Whether calls can come in and go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// Not started.
    Off,
    /// Opening the WebSocket or registering.
    Connecting,
    /// Registered; calls work.
    Ready {
        /// Milliseconds of the last signalling round trip.
        round_trip_ms: u32,
    },
    /// Lost; coming back by itself.
    Lost {
        /// Why.
        trouble: Trouble,
        /// Seconds until the next try.
        retry_in_secs: u32,
    },
    /// Refused; will not come back without help.
    Refused {
        /// Why.
        trouble: Trouble,
    },
}

/// What is wrong, each with its own words and remedy on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The browser has no microphone (NotFoundError).
    NoMicrophone,
    /// The person or a policy denied the microphone (NotAllowedError).
    MicrophoneDenied,
    /// Another program holds the microphone (NotReadableError).
    MicrophoneBusy,
    /// The browser waits until the page is looked at before it gives the microphone (Firefox).
    MicrophoneWaits,
    /// The microphone that was chosen or used is unplugged; another is used until it is back.
    MicrophoneGone {
        /// Which is away.
        name: String,
        /// Which is used.
        used: String,
    },
    /// The chosen speaker is unplugged; the system's default plays until it is back.
    SpeakerGone {
        /// Which is away.
        name: String,
    },
    /// The page is not a secure context.
    InsecurePage,
    /// The browser has no WebRTC.
    Unsupported,
    /// The WebSocket cannot be opened or was closed.
    NoServer,
    /// The browser says it is offline.
    Offline,
    /// Wrong SIP password or account (401, 403).
    WrongPassword,
    /// The registrar answered with this code.
    Registrar {
        /// SIP code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
    /// Media could not be set up (ICE, DTLS): UDP is probably blocked.
    NoMedia,
    /// The browser forbids sound before a click.
    SoundBlocked,
}

/// Who began a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// They called us.
    Incoming,
    /// We called them.
    Outgoing,
}

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallPhase {
    /// Outgoing: sent, nothing heard yet.
    Dialling,
    /// Outgoing: the far end rings.
    RingingOut,
    /// Outgoing: early media is heard.
    EarlyMedia,
    /// Incoming: rings here.
    RingingIn,
    /// Incoming: answered here, waiting for the network to confirm.
    Answering,
    /// People talk.
    Talking,
    /// Over.
    Ended(EndReason),
}

/// Why a call is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndReason {
    /// Whether we ended it.
    pub by_us: bool,
    /// SIP code (200 after talk).
    pub code: u16,
    /// SIP reason phrase or `Reason` text.
    pub reason: String,
    /// Talk time, milliseconds; 0 if never answered.
    pub talk_ms: u64,
}

/// One call on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// Names it.
    pub key: CallKey,
    /// The conversation's id (UUID with hyphens, from Session-ID), once known.
    pub call_id: Option<String>,
    /// Who began it.
    pub side: Side,
    /// The other side's number as the network spelled it or as typed; empty: withheld.
    pub number: String,
    /// Display name from the network; empty if none.
    pub display_name: String,
    /// Name of the line called, if the gateway said so.
    pub line: Option<String>,
    /// How far it is.
    pub phase: CallPhase,
    /// Microphone off.
    pub muted: bool,
    /// When it appeared, milliseconds since 1970 on this computer.
    pub began_at: u64,
    /// When talk began.
    pub answered_at: Option<u64>,
    /// Digits sent so far.
    pub digits: String,
    /// We hold the other side, as the network has confirmed.
    pub held: bool,
    /// The page came back to a call that went on without it; audio is not there yet.
    pub returning: bool,
    /// The call this one asks about, before that is handed over.
    pub consults_for: Option<CallKey>,
    /// A transfer, three-way or parking that was asked for, until its end is known.
    pub transfer: Option<Transfer>,
    /// The others of a three-way call.
    pub members: Vec<Member>,
    /// Which way the audio goes, once it does.
    pub way: Option<MediaWay>,
    /// How it sounds, once that is known.
    pub quality: Option<QualityView>,
}

/// What becomes of a call that is being handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What was asked for.
    pub kind: TransferKind,
    /// The number it goes to; empty when parked.
    pub to: String,
    /// How far it is.
    pub progress: TransferProgress,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransferKind {
    /// The other side goes to a number, unannounced.
    Blind,
    /// The other side goes to somebody we have talked to.
    Attended,
    /// Two calls become one of three.
    Join,
    /// The other side waits until somebody picks it up.
    Park,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TransferProgress {
    /// Asked for.
    Trying,
    /// It rings there.
    Ringing,
    /// Done; `note` is what the network said with it.
    Done {
        /// Words of the network.
        note: String,
    },
    /// Not done; the call is ours still.
    Failed {
        /// SIP code.
        code: u16,
        /// Reason phrase.
        reason: String,
    },
}

/// Somebody else in a three-way call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// As in [`CallView::number`].
    pub number: String,
    /// As in [`CallView::display_name`].
    pub display_name: String,
    /// As in [`CallView::call_id`].
    pub call_id: Option<String>,
}

/// What the telephone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhoneEvent {
    /// The connection changed.
    ConnectionChanged(Connection),
    /// Credentials are missing, about to expire or refused once: fetch and send [`crate::Command::Start`].
    CredentialsNeeded,
    /// Something is wrong (or fixed) apart from the connection.
    TroubleChanged(Vec<Trouble>),
    /// Other devices were chosen, or the same got other names.
    DevicesChanged(Box<Choices>),
    /// A call appeared or changed: the whole call as it is now.
    CallChanged(Box<CallView>),
    /// A call left the screen.
    CallRemoved(CallKey),
    /// To be stored with a call; answered by [`crate::Command::QualityStored`].
    Quality(CallKey, Box<QualityReport>),
}

/// Everything a screen shows of the telephone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneState {
    /// Connection.
    pub connection: Connection,
    /// Troubles apart from the connection, worst first.
    pub troubles: Vec<Trouble>,
    /// Calls, oldest first.
    pub calls: Vec<CallView>,
    /// What was chosen to speak into and to hear by.
    pub devices: Choices,
}

impl Default for PhoneState {
    fn default() -> Self {
        Self {
            connection: Connection::Off,
            troubles: Vec::new(),
            calls: Vec::new(),
            devices: Choices::default(),
        }
    }
}

impl CallView {
    /// Whether the other side was called and has not answered.
    #[must_use]
    pub fn is_dialling(&self) -> bool {
        matches!(
            self.phase,
            CallPhase::Dialling | CallPhase::RingingOut | CallPhase::EarlyMedia
        )
    }

    /// Whether people talk or could, held or not.
    #[must_use]
    pub fn is_talking(&self) -> bool {
        self.phase == CallPhase::Talking
    }

    /// Whether the person hears or calls the other side or has them wait.
    #[must_use]
    pub fn is_engaged(&self) -> bool {
        match self.phase {
            CallPhase::Dialling
            | CallPhase::RingingOut
            | CallPhase::EarlyMedia
            | CallPhase::Answering
            | CallPhase::Talking => true,
            CallPhase::RingingIn | CallPhase::Ended(_) => false,
        }
    }
}

impl PhoneState {
    /// The call the person hears, if any.
    #[must_use]
    pub fn engaged(&self) -> Option<&CallView> {
        self.calls
            .iter()
            .find(|call| call.is_engaged() && !call.held)
    }

    /// The call that goes out and is not answered yet, if any.
    #[must_use]
    pub fn dialling(&self) -> Option<&CallView> {
        self.calls.iter().find(|call| call.is_dialling())
    }

    /// Takes one event in.
    pub fn apply(&mut self, event: PhoneEvent) {
        match event {
            PhoneEvent::ConnectionChanged(connection) => self.connection = connection,
            PhoneEvent::CredentialsNeeded | PhoneEvent::Quality(..) => {}
            PhoneEvent::TroubleChanged(troubles) => self.troubles = troubles,
            PhoneEvent::DevicesChanged(choices) => self.devices = *choices,
            PhoneEvent::CallChanged(call) => {
                match self.calls.iter_mut().find(|known| known.key == call.key) {
                    Some(known) => *known = *call,
                    None => self.calls.push(*call),
                }
            }
            PhoneEvent::CallRemoved(key) => self.calls.retain(|call| call.key != key),
        }
    }
}
