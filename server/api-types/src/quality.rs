//! How a call sounded: figures of its legs, and what their browsers met meanwhile.

use serde::{Deserialize, Serialize};

use crate::UnixMs;

/// One direction over some seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DirectionFigures {
    /// Packets lost in a thousand.
    pub loss_permille: u16,
    /// Interarrival jitter, milliseconds.
    pub jitter_ms: u16,
    /// Tenths of MOS by the E-model (ITU-T G.107), 10 to 45.
    pub mos_tenths: u8,
    /// Loudness, thousandths of full scale (root mean square); absent where nobody listens.
    #[serde(default)]
    pub level_permille: Option<u16>,
}

/// Figures of a leg over about ten seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualitySlot {
    /// When it began.
    pub at: UnixMs,
    /// Seconds measured, 1 to 60.
    pub secs: u8,
    /// From the other side to this one.
    pub heard: Option<DirectionFigures>,
    /// From this side to the other one.
    pub said: Option<DirectionFigures>,
    /// Milliseconds there and back.
    pub round_trip_ms: Option<u16>,
}

/// What a browser met during a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum IncidentKind {
    /// The connection to the server was lost.
    ConnectionLost,
    /// It is back: the phone is registered again.
    ConnectionBack,
    /// Audio stopped.
    MediaLost,
    /// It flows again.
    MediaBack,
    /// A new path for the audio was looked for (ICE restart).
    PathRenewed,
    /// The page was loaded again or another tab took the call up.
    PageBack,
    /// The microphone is gone.
    MicrophoneLost,
    /// There is a microphone again.
    MicrophoneBack,
    /// Audio goes another way; `detail` says which.
    WayChanged,
}

/// When a browser met something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Incident {
    /// When.
    pub at: UnixMs,
    /// What.
    pub kind: IncidentKind,
    /// More about it; mostly empty.
    #[serde(default)]
    pub detail: String,
}

/// `PUT /api/v1/calls/{id}/quality`: what a browser measured on its own leg. Sent again and again while
/// the call goes on; what was sent before and is sent again changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityReport {
    /// The browser's clock when it was sent; all times in the report are by that clock.
    pub sent_at: UnixMs,
    /// `opus`, `g711` or `g722`; empty: not known yet.
    pub codec: String,
    /// `udp`, `tcp`, `turn-udp`, `turn-tcp` or `turn-tls`; empty: not known yet.
    pub way: String,
    /// What was measured.
    pub slots: Vec<QualitySlot>,
    /// What was met.
    pub incidents: Vec<Incident>,
}

/// Who measured a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Witness {
    /// The browser of the employee.
    Browser,
    /// Trubka's own end of the leg.
    Gateway,
}

/// One leg of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LegQuality {
    /// The employee's extension; absent: the line.
    pub extension: Option<String>,
    /// The employee's name.
    pub name: Option<String>,
    /// Who measured.
    pub witness: Witness,
    /// As in [`QualityReport::codec`].
    pub codec: String,
    /// As in [`QualityReport::way`].
    pub way: String,
    /// The whole leg: a slot as long as all of them; absent: nothing was measured.
    pub total: Option<QualityTotal>,
    /// Oldest first.
    pub slots: Vec<QualitySlot>,
    /// Oldest first.
    pub incidents: Vec<Incident>,
}

/// A whole leg.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct QualityTotal {
    /// Seconds measured.
    pub secs: u32,
    /// From the other side to this one.
    pub heard: Option<DirectionFigures>,
    /// From this side to the other one.
    pub said: Option<DirectionFigures>,
    /// Milliseconds there and back.
    pub round_trip_ms: Option<u16>,
}

impl QualityTotal {
    /// MOS of the worse direction, tenths.
    #[must_use]
    pub fn worst(&self) -> Option<u8> {
        let both = [self.heard, self.said].into_iter().flatten();
        both.map(|way| way.mos_tenths).min()
    }
}

/// `GET /api/v1/calls/{id}/quality`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallQuality {
    /// Its legs: employees first.
    pub legs: Vec<LegQuality>,
}

/// How a leg of a call that goes on fares: for the card of whoever talks with its other end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FarQuality {
    /// The call.
    pub call: String,
    /// Whose leg; absent: the line.
    pub extension: Option<String>,
    /// Packets lost in a thousand, on their way from there to us.
    pub heard_loss_permille: u16,
    /// Packets lost in a thousand, on their way from us to there.
    pub said_loss_permille: u16,
    /// The larger jitter of both ways, milliseconds.
    pub jitter_ms: u16,
}

/// `POST /api/v1/phone/echo`: a browser that wants to hear itself, before any call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EchoOffer {
    /// Its offer (SDP).
    pub sdp: String,
}

/// The answer: audio that is sent comes back for at most 20 seconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EchoAnswer {
    /// Our answer (SDP).
    pub sdp: String,
}
