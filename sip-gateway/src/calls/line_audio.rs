//! What a line's settings mean for the audio of a leg.

use super::conversation::Conversation;
use crate::{
    media::{LegKind, LegSetup},
    ports::{LineConfig, LineId, SrtpMode},
};

impl Conversation {
    /// How a leg of this line is made.
    pub(super) fn line_setup(&self, line: LineId) -> LegSetup {
        let srtp = self.with_line(line, |config| config.srtp);
        LegSetup {
            kind: LegKind::Line,
            srtp: srtp.unwrap_or_default(),
        }
    }

    fn with_line<T>(&self, line: LineId, read: impl FnOnce(&LineConfig) -> T) -> Option<T> {
        let lines = self.services.lines.borrow();
        let config = lines.iter().find(|config| config.id == line);
        config.map(read)
    }
}

/// A phone that calls chooses by itself whether it encrypts.
pub(super) fn calling_phone(kind: LegKind) -> LegSetup {
    LegSetup {
        kind,
        srtp: SrtpMode::Optional,
    }
}
