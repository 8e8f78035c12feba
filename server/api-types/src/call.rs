//! Calls and recordings.

use serde::{Deserialize, Serialize};

use crate::{ClientCard, ContactRef, ItemRef, PhoneNumber, RowRef, UnixMs};

/// Which way, seen from the company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// From a line to an extension.
    Incoming,
    /// From an extension to a line.
    Outgoing,
    /// Between extensions.
    Internal,
}

/// How far a call is, or how it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// Begun, nobody rings yet.
    Trying,
    /// Rings.
    Ringing,
    /// People talk.
    Talking,
    /// Ended, was answered.
    Answered,
    /// Ended: busy.
    Busy,
    /// Ended: nobody answered (incoming: missed).
    NoAnswer,
    /// Ended: declined.
    Rejected,
    /// Ended: the calling side gave up.
    Cancelled,
    /// Ended: could not be made.
    Failed,
    /// Ended with the server (power cut, kill); closed when it started again.
    Interrupted,
}

/// Who hung up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum HungUpBy {
    /// The employee.
    Agent,
    /// The other side.
    Client,
    /// Trubka itself.
    System,
}

/// An employee named in another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmployeeRef {
    /// Extension.
    pub extension: String,
    /// Name.
    pub name: String,
}

/// A line named in another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LineRef {
    /// Id.
    pub id: String,
    /// Name people see.
    pub label: String,
    /// The line's own number.
    pub number: PhoneNumber,
}

/// State of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RecordingState {
    /// The call runs.
    Running,
    /// The mp3 is being made.
    Finishing,
    /// It can be played.
    Ready,
    /// It could not be made; `CallRecord::recording.note` says why.
    Failed,
}

/// A call's recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Recording {
    /// State.
    pub state: RecordingState,
    /// Milliseconds; 0 until ready.
    pub duration_ms: u64,
    /// Octets of the mp3; 0 until ready.
    pub bytes: u64,
    /// Milliseconds missing (disk full …).
    pub gap_ms: u64,
    /// File name for download, `<id>_<number>_<date>.mp3`.
    pub file_name: String,
    /// Why it failed or has a gap, in words; empty otherwise.
    pub note: String,
    /// When it will go by itself; absent: never.
    #[serde(default)]
    pub kept_until: Option<UnixMs>,
}

/// Who called back after a missed call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Returned {
    /// When.
    pub at: UnixMs,
    /// Who; absent: the client called again and was answered.
    #[serde(default)]
    pub by: Option<EmployeeRef>,
    /// The call.
    pub call: String,
}

/// What whoever is rung by a colleague sees of the client the call is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brought {
    /// Who hands over or asks.
    pub by: EmployeeRef,
    /// The client's call; another one while a colleague asks before handing over.
    pub call: String,
    /// The client, if known.
    pub contact: Option<ContactRef>,
    /// The client's number; absent when withheld.
    pub number: Option<PhoneNumber>,
    /// The line, if one was involved.
    pub line: Option<LineRef>,
    /// What was noted so far.
    pub note: String,
}

/// One conversation. The row exists from its first second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallRecord {
    /// Id; also the SIP Session-ID (RFC 7989) without its hyphens.
    pub id: String,
    /// Which way.
    pub direction: Direction,
    /// How far, or how it ended.
    pub status: CallStatus,
    /// Began.
    pub started_at: UnixMs,
    /// Answered.
    pub answered_at: Option<UnixMs>,
    /// Ended.
    pub ended_at: Option<UnixMs>,
    /// The employee who talks or talked, or who called.
    pub employee: Option<EmployeeRef>,
    /// Extensions that were rung.
    pub rung: Vec<String>,
    /// The client, if the number is known. The first of several with this number.
    pub contact: Option<ContactRef>,
    /// The row of an own table the number stands in, where it belongs to no client.
    #[serde(default)]
    pub row: Option<RowRef>,
    /// The other side's number; absent when withheld.
    pub number: Option<PhoneNumber>,
    /// The display name the network sent.
    pub network_name: Option<String>,
    /// The line, if one was involved.
    pub line: Option<LineRef>,
    /// Who hung up.
    pub hung_up_by: Option<HungUpBy>,
    /// SIP code that ended or refused it; 0 while it runs.
    pub sip_code: u16,
    /// SIP reason phrase.
    pub sip_reason: String,
    /// The recording, if there is one.
    pub recording: Option<Recording>,
    /// Digits received from the other side.
    pub digits: String,
    /// Notes.
    pub note: String,
    /// What comes with it: a colleague hands the call over, or asks about one.
    #[serde(default)]
    pub brought: Option<Brought>,
    /// The slot it is parked in now: anyone picks it up by dialling `*` and this.
    #[serde(default)]
    pub parked_in: Option<u8>,
    /// The call whoever was asked was put into: they talk in that one now.
    #[serde(default)]
    pub put_into: Option<String>,
    /// A side has it on hold now.
    #[serde(default)]
    pub is_held: bool,
    /// What is known of the client; only while the call goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Box<ClientCard>>,
    /// From the beginning to the answer, or to the end where nobody answered.
    #[serde(default)]
    pub wait_ms: u64,
    /// From the answer to the end; 0 while it runs.
    #[serde(default)]
    pub talk_ms: u64,
    /// The deal it is about.
    #[serde(default)]
    pub deal: Option<ItemRef>,
    /// Key of its result.
    #[serde(default)]
    pub result: Option<String>,
    /// Key of its reason.
    #[serde(default)]
    pub reason: Option<String>,
    /// A missed call: who called back and when.
    #[serde(default)]
    pub returned: Option<Returned>,
    /// A missed call: how often it was tried in vain to call back.
    #[serde(default)]
    pub tries: u32,
    /// A missed call: who is calling back this moment.
    #[serde(default)]
    pub calling_back: Option<EmployeeRef>,
    /// Neither it nor its recording goes, whatever the rules say.
    #[serde(default)]
    pub legal_hold: bool,
}

/// `PATCH /api/v1/calls/{id}`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallPatch {
    /// New notes.
    #[serde(default)]
    pub note: Option<String>,
    /// Key of the result; empty: none.
    #[serde(default)]
    pub result: Option<String>,
    /// Key of the reason; empty: none.
    #[serde(default)]
    pub reason: Option<String>,
    /// Contact id of who it was with, where several have the number or none has; empty: by the number.
    #[serde(default)]
    pub contact: Option<String>,
    /// Deal id; empty: none.
    #[serde(default)]
    pub deal: Option<String>,
    /// Keep it, whatever the rules say (administrators).
    #[serde(default)]
    pub legal_hold: Option<bool>,
}

/// Figures over all calls a filter finds: `GET /api/v1/calls/totals`, with the filter of `GET
/// /api/v1/calls`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallTotals {
    /// How many.
    pub calls: u64,
    /// Answered.
    pub answered: u64,
    /// Incoming that nobody answered.
    pub missed: u64,
    /// Of those, not called back.
    pub not_returned: u64,
    /// Talk time together.
    pub talk_ms: u64,
    /// Mean wait.
    pub wait_ms: u64,
    /// Octets of recordings.
    pub recording_bytes: u64,
}

/// `GET /api/v1/calls/{id}/recording/peaks`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Peaks {
    /// Steps a second.
    pub per_sec: u32,
    /// Agent, 0–255 a step.
    pub left: Vec<u8>,
    /// Client, 0–255 a step.
    pub right: Vec<u8>,
}

/// What recordings take up: `GET /api/v1/recordings/usage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordingsUsage {
    /// How many.
    pub recordings: u64,
    /// Octets.
    pub bytes: u64,
    /// When the oldest call with one began.
    #[serde(default)]
    pub oldest: Option<UnixMs>,
}

/// `POST /api/v1/recordings/delete`: exactly one of the three. Answered with [`RecordingsDeleted`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordingsToDelete {
    /// All of them.
    #[serde(default)]
    pub all: bool,
    /// Those of calls that began before.
    #[serde(default)]
    pub before: Option<UnixMs>,
    /// Those of these calls.
    #[serde(default)]
    pub ids: Vec<String>,
}

/// What was deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordingsDeleted {
    /// How many.
    pub deleted: u64,
    /// Their octets.
    pub bytes: u64,
    /// Kept: under legal hold, or still being made.
    pub kept: u64,
}
