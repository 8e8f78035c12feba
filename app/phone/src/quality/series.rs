//! What is stored with the call: figures of ten seconds each, and what the browser met.

use super::{Codec, Figures, Snapshot, figures};
use crate::MediaWay;

/// A slot, milliseconds.
const SLOT_MS: u64 = 10_000;
/// A slot that is shorter than this, in milliseconds, is not worth storing.
const SHORTEST_MS: u64 = 1_500;
/// Longest slot, seconds: the page stood still.
const LONGEST: u64 = 60;
/// Slots kept while the server does not take them: an hour.
const MOST_SLOTS: usize = 360;
/// Incidents kept so.
const MOST_INCIDENTS: usize = 100;

/// Figures of about ten seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it began, milliseconds since 1970 on this computer.
    pub at: u64,
    /// Seconds measured.
    pub secs: u16,
    /// What was measured.
    pub figures: Figures,
}

/// What a browser can meet during a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IncidentKind {
    /// The connection to the server was lost.
    ConnectionLost,
    /// Registered again.
    ConnectionBack,
    /// Audio stopped.
    MediaLost,
    /// It flows again.
    MediaBack,
    /// ICE was restarted.
    PathRenewed,
    /// This page took the call up from the one before, or from another tab.
    PageBack,
    /// The microphone is gone.
    MicrophoneLost,
    /// There is one again.
    MicrophoneBack,
    /// Audio goes another way.
    WayChanged(MediaWay),
}

/// When the browser met something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// Milliseconds since 1970 on this computer.
    pub at: u64,
    /// What.
    pub kind: IncidentKind,
}

/// What is to be stored with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualityReport {
    /// The conversation's id.
    pub call_id: String,
    /// The codec.
    pub codec: Codec,
    /// Which way the audio goes.
    pub way: Option<MediaWay>,
    /// Everything that was not stored yet.
    pub slots: Vec<Slot>,
    /// The same.
    pub incidents: Vec<Incident>,
    /// When it was made, milliseconds since 1970 on this computer: [`crate::Command::QualityStored`]
    /// wants to know.
    pub at: u64,
    /// The call is over: there will be no other report.
    pub is_last: bool,
}

/// What of a call is not stored yet.
#[derive(Debug, Default)]
pub(crate) struct Series {
    /// The slot that is open: its time, first and last look.
    open: Option<(u64, Snapshot, Snapshot)>,
    pub(crate) codec: Codec,
    pub(crate) slots: Vec<Slot>,
    pub(crate) incidents: Vec<Incident>,
}

impl Series {
    /// One more look.
    pub(super) fn look(&mut self, now: &Snapshot, wall: u64) {
        self.codec = now.codec;
        match &mut self.open {
            None => self.open = Some((wall, *now, *now)),
            Some((began, _, last)) => {
                *last = *now;
                if wall / SLOT_MS != *began / SLOT_MS {
                    self.close();
                    self.open = Some((wall, *now, *now));
                }
            }
        }
    }

    /// Ends the open slot, if there is anything in it.
    pub(crate) fn close(&mut self) {
        let Some((began, first, last)) = self.open.take() else {
            return;
        };
        let ms = last.at_ms.saturating_sub(first.at_ms);
        if ms < SHORTEST_MS {
            return;
        }
        if self.slots.len() == MOST_SLOTS {
            self.slots.remove(0);
        }
        let secs = ((ms + 500) / 1000).min(LONGEST);
        self.slots.push(Slot {
            at: began / SLOT_MS * SLOT_MS,
            secs: secs as u16,
            figures: figures(&first, &last),
        });
    }

    /// Notes what was met.
    pub(crate) fn note(&mut self, at: u64, kind: IncidentKind) {
        if self.incidents.len() < MOST_INCIDENTS {
            self.incidents.push(Incident { at, kind });
        }
    }

    /// Whether there is anything to store.
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty() && self.incidents.is_empty()
    }

    /// What was there up to then is stored.
    pub(crate) fn stored(&mut self, until: u64) {
        self.slots.retain(|slot| slot.at + SLOT_MS > until);
        self.incidents.retain(|incident| incident.at > until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::Heard;

    /// A look each second from `from` to before `to`, 50 packets each, `lost` of them lost.
    fn looks(series: &mut Series, from: u64, to: u64, lost: u64) {
        for second in from..to {
            let heard = Heard {
                packets: second * (50 - lost),
                lost: (second * lost) as i64,
                ..Heard::default()
            };
            let now = Snapshot {
                at_ms: second * 1000,
                heard,
                ..Snapshot::default()
            };
            series.look(&now, 1_700_000_000_000 + second * 1000);
        }
    }

    #[test]
    fn slots_begin_at_the_tens_of_seconds_and_follow_each_other_without_a_gap() {
        let mut series = Series::default();
        looks(&mut series, 3, 36, 5);
        let slots: Vec<_> = series
            .slots
            .iter()
            .map(|s| (s.at % 100_000, s.secs))
            .collect();
        assert_eq!(slots, [(0, 7), (10_000, 10), (20_000, 10)]);
        let heard = series.slots[1].figures.heard.unwrap();
        assert_eq!(heard.loss_permille, 100);
        series.close();
        assert_eq!(series.slots[3].secs, 5);
    }

    #[test]
    fn what_is_stored_is_forgotten_and_what_came_meanwhile_stays() {
        let mut series = Series::default();
        looks(&mut series, 0, 31, 0);
        series.note(1, IncidentKind::PageBack);
        let until = 1_700_000_030_000;
        looks(&mut series, 31, 41, 0);
        series.note(until + 1, IncidentKind::PathRenewed);
        series.stored(until);
        assert_eq!((series.slots.len(), series.incidents.len()), (1, 1));
        series.stored(until + 10_000);
        assert!(series.is_empty());
    }

    #[test]
    fn a_moment_is_no_slot_and_an_hour_without_a_server_is_kept() {
        let mut series = Series::default();
        looks(&mut series, 0, 2, 0);
        series.close();
        assert!(series.is_empty());
        looks(&mut series, 10, 10 + 4000, 0);
        assert_eq!(series.slots.len(), MOST_SLOTS);
        for _ in 0..200 {
            series.note(1, IncidentKind::MediaLost);
        }
        assert_eq!(series.incidents.len(), MOST_INCIDENTS);
    }
}
