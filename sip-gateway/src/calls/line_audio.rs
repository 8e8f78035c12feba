//! What a line's settings mean for the audio of a leg.

use super::{Destination, conversation::Conversation, setup::first_and_rest, state::State};
use crate::{
    media::{Codec, LegKind, LegSetup},
    ports::{LineCodec, LineConfig, LineId, SrtpMode},
};

/// What is spoken over a line that says nothing of it.
const USUAL: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

impl Conversation {
    /// How a leg of this line is made.
    pub(super) fn line_setup(&self, line: LineId) -> LegSetup {
        let set = self.with_line(line, |config| (config.srtp, config.dtmf));
        let (srtp, dtmf) = set.unwrap_or_default();
        LegSetup {
            kind: LegKind::Line,
            srtp,
            dtmf,
        }
    }

    /// The codecs of this line in its order.
    pub(super) fn codecs_of(&self, line: LineId) -> Vec<Codec> {
        let set = self.with_line(line, |config| {
            config.codecs.iter().copied().map(codec).collect()
        });
        set.filter(|codecs: &Vec<Codec>| !codecs.is_empty())
            .unwrap_or_else(|| USUAL.to_vec())
    }

    /// What is offered to the called side: what the caller has and what the bridge makes of it,
    /// towards a line in the line's order.
    pub(super) fn codecs_towards(&self, to: &Destination) -> Vec<Codec> {
        let possible = self.possible_codecs();
        match to {
            Destination::Phone(_) => possible,
            Destination::Line(attempt) => {
                let mut codecs = self.codecs_of(attempt.line);
                codecs.retain(|codec| possible.contains(codec));
                codecs
            }
        }
    }

    /// What the side speaks that the called one is to hear: the caller, or who stays in a transfer.
    pub(super) fn possible_codecs(&self) -> Vec<Codec> {
        let (called, goes) = match self.state {
            State::Transferring { called, by, .. } => (called, by),
            State::Parked { called, gone, .. } => (called, gone),
            _ => return first_and_rest(&self.codecs),
        };
        let stays = self.other_side(goes, called);
        let spoken = self.legs.get(&stays).and_then(|leg| leg.codec);
        first_and_rest(spoken.map_or(self.codecs.as_slice(), |_| spoken.as_slice()))
    }

    fn with_line<T>(&self, line: LineId, read: impl FnOnce(&LineConfig) -> T) -> Option<T> {
        let lines = self.services.lines.borrow();
        let config = lines.iter().find(|config| config.id == line);
        config.map(read)
    }
}

fn codec(configured: LineCodec) -> Codec {
    match configured {
        LineCodec::Pcma => Codec::Pcma,
        LineCodec::Pcmu => Codec::Pcmu,
        LineCodec::G722 => Codec::G722,
        LineCodec::Opus => Codec::Opus,
    }
}

/// A phone that calls chooses by itself whether it encrypts.
pub(super) fn calling_phone(kind: LegKind) -> LegSetup {
    LegSetup {
        srtp: SrtpMode::Optional,
        ..kind.into()
    }
}
