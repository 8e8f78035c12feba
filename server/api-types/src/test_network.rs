//! The built-in test network (`--demo`).

use serde::{Deserialize, Serialize};

/// `POST /api/v1/test-network/calls`: the robot calls in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RobotCall {
    /// Caller's number in any spelling; absent: withheld.
    #[serde(default)]
    pub caller: Option<String>,
    /// Display name.
    #[serde(default)]
    pub caller_name: Option<String>,
    /// Tone it plays, Hz; 850 unless told.
    #[serde(default)]
    pub tone_hz: Option<f32>,
    /// Seconds it talks before it hangs up; 30 unless told.
    #[serde(default)]
    pub talk_secs: Option<u32>,
    /// Seconds it lets ring before it gives up; 30 unless told.
    #[serde(default)]
    pub ring_secs: Option<u32>,
    /// Digits it sends after the answer.
    #[serde(default)]
    pub digits: Option<String>,
}

/// A tone the far end heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeardTone {
    /// Frequency, Hz.
    pub frequency_hz: f32,
    /// Level, dB below full scale (negative).
    pub level_dbfs: f32,
    /// How long, milliseconds.
    pub heard_ms: u32,
}

/// `GET /api/v1/test-network/calls`: a call as the far end saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FarCall {
    /// Number of the call within the test network.
    pub id: u64,
    /// True when the robot called in.
    pub robot: bool,
    /// The number dialled (or the robot's own).
    pub number: String,
    /// `trying`, `ringing`, `answered`, `ended`.
    pub state: String,
    /// `us` (the far end) or `them` (Trubka), once ended.
    pub ended_by: Option<String>,
    /// Final SIP code, once known.
    pub code: Option<u16>,
    /// Tones heard from the agent.
    pub tones: Vec<HeardTone>,
    /// Digits received (RFC 4733).
    pub digits: String,
    /// RTP packets received.
    pub packets_in: u64,
    /// RTP packets sent.
    pub packets_out: u64,
}
