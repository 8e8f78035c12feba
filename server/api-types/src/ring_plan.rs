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

/// `GET /api/v1/calls/{id}/path`: a step of a call. Which of the fields are filled follows from
/// `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallStep {
    /// When.
    pub at: UnixMs,
    /// What.
    pub kind: CallStepKind,
    /// Which rule of the plan.
    pub rule: Option<PlanRule>,
    /// Names: the group, the line, the number forwarded to.
    pub detail: String,
    /// Extensions it is about.
    pub extensions: Vec<String>,
    /// Those of them that had a phone.
    pub reachable: Vec<String>,
    /// Seconds it may last, or a hold lasted that is over (`resumed`); 0: no limit of its own.
    pub secs: u32,
    /// SIP code of what failed; else 0.
    pub code: u16,
    /// SIP reason phrase of what failed.
    pub reason: String,
}

/// A rule of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum PlanRule {
    /// The employee responsible for the caller.
    Responsible,
    /// Employees named in the plan.
    Employees,
    /// A group; `detail` is its name.
    Group,
    /// Everybody who takes calls: no plan is set.
    Everybody,
    /// The number calls are forwarded to.
    Forward,
}

/// A step of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStepKind {
    /// Extensions ring.
    Rings,
    /// One of them answered.
    Answered,
    /// Nobody answered in time.
    NoAnswer,
    /// All who rang declined or were busy.
    Declined,
    /// None of them has a phone that answers; passed over.
    Unreachable,
    /// The caller hung up.
    CallerGone,
    /// A line is tried; `detail` is its name.
    LineTried,
    /// It did not carry the call.
    LineFailed,
    /// An employee handed the other side over; `extensions`: who did, then who talks now if it is
    /// one of the house; `detail`: what was dialled for it.
    Transferred,
    /// Passed over: not available; `detail` is what he said ([`crate::Availability`]).
    Absent,
    /// The caller's number is blocked.
    Blocked,
    /// The caller hides his number and is refused.
    Anonymous,
    /// The other side went on in another call; `detail` is its id.
    Joined,
    /// Put on hold, by an employee or (nobody named) by the other side.
    Held,
    /// Taken off hold.
    Resumed,
    /// The page or network of a side was gone.
    Vanished,
    /// It came back, or another phone of the same person took over.
    Reattached,
    /// An employee parked the call; `detail` is the slot.
    Parked,
    /// Somebody picked it up.
    PickedUp,
    /// An employee brought a third in; `detail` is who.
    ThirdJoined,
    /// One of three left.
    ThirdLeft,
}
