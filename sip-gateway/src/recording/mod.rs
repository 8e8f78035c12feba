//! From packets to files: the journal written while the call runs, the mp3 and peaks made after it.
//!
//! ```text
//!  media thread ──► Sink ──ring──► Writer's thread ──► <call>.journal      while the call runs
//!                                                           │
//!  Finisher's thread: align, conceal, decode, encode ◄──────┘              after it, or after a crash
//!        └──► <call>.mp3, <call>.peaks; only then is the journal removed
//! ```
//! Invariant: a packet handed to a [`Sink`] is in the file within a quarter of a second, and on the
//! disk within a second and the time of a sync; neither ever makes the media thread wait.
//!
//! Invariant: at every moment the journal or the finished mp3 is complete on disk.

use std::path::PathBuf;

mod decode;
mod finish;
mod finisher;
pub mod journal;
mod mp3;
mod peaks;
mod recover;
mod sink;
mod writer;

pub use finish::{FinishError, finish};
pub use finisher::Finisher;
pub use journal::Mark;
pub use recover::{Recovered, recover};
pub use sink::Sink;
pub use writer::{Alarm, Closed, Writer};

/// Steps a second in the waveform peaks.
pub const PEAKS_PER_SEC: u32 = peaks::PER_SEC;

/// What a finished recording consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Stereo mp3: left the agent, right the client.
    pub mp3: PathBuf,
    /// Waveform peaks: two bytes a step (left, right; 0–255), `peaks_per_sec` steps a second.
    pub peaks: PathBuf,
    /// Steps a second in `peaks`.
    pub peaks_per_sec: u32,
    /// Length in milliseconds.
    pub duration_ms: u64,
    /// Octets of the mp3.
    pub bytes: u64,
    /// Milliseconds that are missing because a ring or disk was full; 0 is complete.
    pub gap_ms: u64,
}

#[cfg(test)]
mod tests;
