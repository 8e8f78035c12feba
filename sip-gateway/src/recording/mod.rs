//! From packets to files: the journal written while the call runs, the mp3 and peaks made after it.

use std::path::PathBuf;

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
