//! Notices to an employee: what he should look at.

use serde::{Deserialize, Serialize};

use crate::{ContactRef, EmployeeRef, ItemRef, PhoneNumber, UnixMs};

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// A call was missed.
    MissedCall,
    /// A call he had was answered and a deal was made for it.
    DealMade,
    /// A call he had was answered; the client has an open deal.
    DealOpen,
    /// Clients were handed over to him.
    HandedOver,
    /// A task was given to him.
    TaskGiven,
    /// Recordings or records will go soon (administrators).
    GoingSoon,
    /// An import is finished.
    Imported,
}

/// One notice: `GET /api/v1/notices`; `POST /api/v1/notices/{id}/seen`, `POST /api/v1/notices/seen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Notice {
    /// Id.
    pub id: String,
    /// Why.
    pub kind: NoticeKind,
    /// When.
    pub at: UnixMs,
    /// Whether he has seen it.
    pub seen: bool,
    /// The client.
    #[serde(default)]
    pub contact: Option<ContactRef>,
    /// The number, if there is no client.
    #[serde(default)]
    pub number: Option<PhoneNumber>,
    /// The deal, task or entry of Unsorted.
    #[serde(default)]
    pub item: Option<ItemRef>,
    /// The call.
    #[serde(default)]
    pub call: Option<String>,
    /// Who did it.
    #[serde(default)]
    pub by: Option<EmployeeRef>,
    /// How many (handed over, imported, going).
    #[serde(default)]
    pub count: u64,
    /// When it will happen (going).
    #[serde(default)]
    pub on: Option<UnixMs>,
}
