//! How a call sounds: from the browser's statistics to figures, a word and advice, and to the series
//! that is stored with the call.
//!
//! ```text
//!  Snapshot ─► figures (10 s) ─► Watch ─► QualityView on the card
//!     └──────► Series: slots of 10 s and incidents ─► QualityReport, until it is stored
//! ```
//! All of it is pure; times come in.

mod figures;
mod series;
mod snapshot;
mod watch;

pub use figures::{Figures, WayFigures, figures};
pub(crate) use series::Series;
pub use series::{Incident, IncidentKind, QualityReport, Slot};
pub use snapshot::{Codec, Heard, Loudness, ReceiverReport, Said, Snapshot};
pub(crate) use watch::Circumstances;
pub use watch::{Advice, FarFigures, Grade, QualityView};

/// Looks kept: figures on the card are those of the last ten seconds.
const LOOKS: usize = 11;
/// The first looks say nothing of the call: buffers are being filled.
const WARM_UP: usize = 2;

/// What is known of how one call sounds.
#[derive(Debug, Default)]
pub(crate) struct Quality {
    /// The oldest first; a ring would need more code than it saves time.
    looks: Vec<Snapshot>,
    last: Option<Snapshot>,
    /// Looks so far, as long as that matters.
    begun: usize,
    watch: watch::Watch,
    pub(crate) series: Series,
}

impl Quality {
    /// One more look, about a second after the one before; `wall` is its time on the clock people see.
    pub(crate) fn look(&mut self, mut now: Snapshot, wall: u64, circumstances: Circumstances) {
        if let Some(before) = &self.last {
            if now.at_ms <= before.at_ms {
                return;
            }
            if now.heard.packets < before.heard.packets {
                // Another peer connection counts from nothing.
                self.series.close();
                self.looks.clear();
                self.begun = 0;
            } else {
                now.follow(before);
            }
        }
        self.last = Some(now);
        self.begun += 1;
        if self.begun <= WARM_UP {
            return;
        }
        self.series.look(&now, wall);
        if self.looks.len() == LOOKS {
            self.looks.remove(0);
        }
        self.looks.push(now);
        if let Some(first) = self.looks.first().filter(|first| first.at_ms < now.at_ms) {
            self.watch.take(&figures(first, &now), circumstances);
        }
    }

    /// What the far end's leg met, as the gateway measured it.
    pub(crate) fn far_measured(&mut self, far: FarFigures) {
        self.watch.far_measured(far);
    }

    /// What the card shows; `None`: nothing is known yet.
    pub(crate) fn view(&self) -> Option<QualityView> {
        self.watch.view()
    }
}
