//! What a card says of a call: its phase, and what becomes of it when it is handed on.

use phone::{CallPhase, CallView, Side, Transfer, TransferKind, TransferProgress};

/// Stable name of a phase, for styles and tests.
pub fn phase_name(phase: &CallPhase) -> &'static str {
    match phase {
        CallPhase::Dialling => "dialling",
        CallPhase::RingingOut => "ringing-out",
        CallPhase::EarlyMedia => "early-media",
        CallPhase::RingingIn => "ringing-in",
        CallPhase::Answering => "answering",
        CallPhase::Talking => "talking",
        CallPhase::Ended(_) => "ended",
    }
}

phrases! {
    /// The word in the card's state bar.
    pub enum PhaseWords {
        /// Sent.
        Dialling => card.dialling,
        /// Far end rings.
        RingingOut => card.ringing_out,
        /// Early media.
        EarlyMedia => card.early_media,
        /// Rings here.
        Incoming => card.incoming,
        /// Being connected.
        Answering => card.answering,
        /// Talk, they called.
        TalkIncoming => card.talk_incoming,
        /// Talk, we called.
        TalkOutgoing => card.talk_outgoing,
        /// Over.
        Ended => card.ended,
        /// Waits with music.
        OnHold => card.on_hold,
        /// The page came back, audio not yet.
        ComingBack => card.coming_back,
        /// Three talk.
        Conference => card.conference,
    }
}

phrases! {
    /// What becomes of a call that is handed on.
    pub enum HandOnWords {
        /// Asked for.
        Trying => hand_on.trying,
        /// Rings there.
        Ringing => hand_on.ringing,
        /// Done.
        Done => hand_on.done,
        /// Two calls are being joined.
        Joining => hand_on.joining,
        /// Being parked.
        Parking => hand_on.parking,
        /// Parked somewhere.
        Parked => hand_on.parked,
        /// Parked in a slot.
        ParkedIn => hand_on.parked_in,
        /// Busy there.
        Busy => hand_on.busy,
        /// Nobody answered.
        NoAnswer => hand_on.no_answer,
        /// No such number.
        NotFound => hand_on.not_found,
        /// Refused for another reason.
        Failed => hand_on.failed,
        /// Not joined.
        NotJoined => hand_on.not_joined,
        /// Not parked.
        NotParked => hand_on.not_parked,
    }
}

impl HandOnWords {
    /// Of a transfer; the number of the slot where one is said.
    pub fn of(transfer: &Transfer) -> (Self, Option<String>) {
        use TransferKind::{Attended, Blind, Join, Park};
        use TransferProgress::{Done, Failed, Ringing, Trying};
        let words = match (transfer.kind, &transfer.progress) {
            (Join, Trying | Ringing | Done { .. }) => Self::Joining,
            (Park, Trying | Ringing) => Self::Parking,
            (Park, Done { note }) => return Self::parked(note),
            (Blind | Attended, Trying) => Self::Trying,
            (Blind | Attended, Ringing) => Self::Ringing,
            (Blind | Attended, Done { .. }) => Self::Done,
            (Join, Failed { .. }) => Self::NotJoined,
            (Park, Failed { .. }) => Self::NotParked,
            (Blind | Attended, Failed { code, .. }) => match code {
                486 | 600 => Self::Busy,
                408 | 480 | 487 => Self::NoAnswer,
                404 | 410 | 484 | 604 => Self::NotFound,
                _ => Self::Failed,
            },
        };
        (words, None)
    }

    fn parked(note: &str) -> (Self, Option<String>) {
        let slot: String = note.chars().filter(char::is_ascii_digit).collect();
        match slot.is_empty() {
            true => (Self::Parked, None),
            false => (Self::ParkedIn, Some(slot)),
        }
    }

    /// Whether the call is ours still.
    pub fn is_failure(self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::NoAnswer
                | Self::NotFound
                | Self::Failed
                | Self::NotJoined
                | Self::NotParked
        )
    }
}

impl PhaseWords {
    /// Of a call.
    pub fn of(call: &CallView) -> Self {
        if call.returning {
            return Self::ComingBack;
        }
        if call.held {
            return Self::OnHold;
        }
        if !call.members.is_empty() && call.is_talking() {
            return Self::Conference;
        }
        match (&call.phase, call.side) {
            (CallPhase::Dialling, _) => Self::Dialling,
            (CallPhase::RingingOut, _) => Self::RingingOut,
            (CallPhase::EarlyMedia, _) => Self::EarlyMedia,
            (CallPhase::RingingIn, _) => Self::Incoming,
            (CallPhase::Answering, _) => Self::Answering,
            (CallPhase::Talking, Side::Incoming) => Self::TalkIncoming,
            (CallPhase::Talking, Side::Outgoing) => Self::TalkOutgoing,
            (CallPhase::Ended(_), _) => Self::Ended,
        }
    }
}
