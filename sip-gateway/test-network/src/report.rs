//! What the far end saw of each call.

use serde::Serialize;

/// Names one call of the far end; rises with every call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct FarCallId(pub u64);

/// One call as the far end saw it. Everything here was observed, nothing was told by the caller.
#[derive(Debug, Clone, Serialize)]
pub struct FarCall {
    /// The far end's name for the call.
    pub id: FarCallId,
    /// Who called whom.
    pub direction: Direction,
    /// The SIP Call-ID.
    pub call_id: String,
    /// The account's user name.
    pub account: String,
    /// The number dialled (600 …), or the robot's caller number (`None`: anonymous).
    pub number: Option<String>,
    /// Where the call stands.
    pub state: FarState,
    /// Who ended it; `None` while it lives and when it timed out.
    pub ended_by: Option<EndedBy>,
    /// The INVITE's final response code.
    pub final_code: Option<u16>,
    /// The reason phrase of the INVITE's final response, or why there was none.
    pub reason: String,
    /// Seconds since the answer, or between answer and end.
    pub seconds: f64,
    /// The other side has put the far end on hold.
    pub held: bool,
    /// How many re-INVITEs and UPDATEs with an offer were answered.
    pub reoffers: u32,
    /// What was heard and counted.
    pub media: MediaReport,
}

/// What came and went over RTP.
#[derive(Debug, Clone, Default, Serialize)]
pub struct MediaReport {
    /// The codec agreed on, `PCMA` or `PCMU`; empty before.
    pub codec: &'static str,
    /// Steady tones heard, in the order they were first heard; at most 16.
    pub tones: Vec<ToneHeard>,
    /// The tones sounding in the latest tenth of a second, Hz.
    pub hears_now: Vec<f32>,
    /// DTMF digits received, by RFC 4733 or INFO; the latest 64.
    pub digits: String,
    /// RTP packets received.
    pub packets_in: u64,
    /// RTP packets sent.
    pub packets_out: u64,
}

impl MediaReport {
    /// How long a tone within `tolerance_hz` of `hz` was heard in all, ms.
    pub fn heard_ms(&self, hz: f32, tolerance_hz: f32) -> u64 {
        let near = |tone: &&ToneHeard| (tone.hz - hz).abs() <= tolerance_hz;
        self.tones
            .iter()
            .filter(near)
            .map(|tone| tone.heard_ms)
            .sum()
    }
}

/// A steady tone.
#[derive(Debug, Clone, Serialize)]
pub struct ToneHeard {
    /// Its frequency, Hz, good to a few Hz.
    pub hz: f32,
    /// Its level as heard last, dB below a full-scale sine.
    pub level_dbfs: f32,
    /// How long it was heard in all, ms.
    pub heard_ms: u64,
}

/// Who called whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// An account called a number of the test network.
    FromAccount,
    /// The robot called an account.
    ToAccount,
}

/// Where a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FarState {
    /// The INVITE went or came; nobody rings yet.
    Trying,
    /// 180 or 183 went or came.
    Ringing,
    /// Both talk.
    Answered,
    /// Over.
    Ended,
}

/// Who ended a call, seen from the far end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The far end: it declined, gave up or hung up.
    Us,
    /// The account's side.
    Them,
}
