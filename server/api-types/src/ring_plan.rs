//! Who rings when a call comes in, and what was done.

use serde::{Deserialize, Serialize};

use crate::UnixMs;

/// Who rings, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RingPlan {
    /// Seconds the employee responsible for the caller rings first (10 is usual); absent: not at
    /// all.
    pub responsible_secs: Option<u32>,
    /// Then these, one after the other.
    pub stages: Vec<RingStage>,
    /// Then this number.
    pub forward: Option<Forward>,
}

/// Employees who ring together or in turn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct RingStage {
    /// Ids of users, in order.
    pub users: Vec<String>,
    /// Id of a group; its members come after `users`.
    pub group: Option<String>,
    /// Together or in turn.
    pub order: RingOrder,
    /// Seconds the stage rings; in turn: each of them.
    pub secs: u32,
}

/// How a stage rings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RingOrder {
    /// All at once.
    #[default]
    Together,
    /// One after the other.
    InTurn,
}

/// A number outside that takes the call when nobody inside does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Forward {
    /// In any spelling.
    pub number: String,
    /// Seconds it is called.
    #[serde(default = "fifteen")]
    pub secs: u32,
}

fn fifteen() -> u32 {
    15
}

/// `GET /api/v1/calls/{id}/path`: a step of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallStep {
    /// When.
    pub at: UnixMs,
    /// What.
    pub kind: CallStepKind,
    /// Extensions it is about.
    pub extensions: Vec<String>,
    /// Names: of the employees, the group, the line; the number forwarded to.
    pub detail: String,
    /// Seconds it may last; 0: no limit of its own.
    pub secs: u32,
}

/// A step of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStepKind {
    /// The responsible employee rings.
    Responsible,
    /// There is one, but not to be reached; passed over.
    ResponsibleAway,
    /// Employees ring.
    Ring,
    /// Nobody of a stage can be reached; passed over.
    NobodyReachable,
    /// It is forwarded.
    Forward,
    /// The caller's number is blocked.
    Blocked,
    /// The caller hides his number and is refused.
    Anonymous,
    /// A line is tried; `detail` is its name.
    Line,
    /// A line failed; `detail` is its name, code and reason.
    LineFailed,
    /// Refused; `detail` is why, in English.
    Refused,
    /// Answered.
    Answered,
    /// Over.
    Ended,
}
