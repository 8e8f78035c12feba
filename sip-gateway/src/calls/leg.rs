//! One leg of a conversation: what is known of a peer.

use sip_core::SipCause;

use super::Shown;
use crate::media::{Codec, LegId};

/// A leg.
#[derive(Debug)]
pub(super) struct Leg {
    /// Its media.
    pub media: LegId,
    /// The extension; `None`: the network behind a line.
    pub extension: Option<String>,
    /// Where it stands.
    pub progress: Progress,
    /// Codec agreed on with this peer.
    pub codec: Option<Codec>,
    /// Our answer to the peer's offer, once one was given (in 183 or 200; both carry the same).
    pub answer: Option<String>,
    /// Whether the peer made the offer (else our 200 makes it and ACK answers, RFC 3261 §13.2.1).
    pub peer_offered: bool,
    /// Whether keys go to it as INFO.
    pub keys_by_info: bool,
    /// Our 200 has been acknowledged: the peer knows that the call stands.
    pub confirmed: bool,
    /// Its peer has put the call on hold.
    pub held: bool,
    /// Why nothing is heard of it, while its media is gone.
    pub gone: Option<&'static str>,
    /// Who it is, of one that came from another conversation.
    pub party: Option<Shown>,
}

/// How far a leg has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// INVITE sent or received.
    Calling,
    /// Answered with 200.
    Up,
    /// Over; `None`: we ended it.
    Over(Option<SipCause>),
}

impl Leg {
    pub(super) fn new(media: LegId, extension: Option<String>) -> Self {
        Self {
            media,
            extension,
            progress: Progress::Calling,
            codec: None,
            answer: None,
            peer_offered: false,
            keys_by_info: false,
            confirmed: false,
            held: false,
            gone: None,
            party: None,
        }
    }

    /// Whether SIP still knows it.
    pub(super) fn is_live(&self) -> bool {
        !matches!(self.progress, Progress::Over(_))
    }

    /// Whether it is being called.
    pub(super) fn is_calling(&self) -> bool {
        self.progress == Progress::Calling
    }
}
