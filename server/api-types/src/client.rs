//! A client as seen during a call, and everything that happened with him.

use serde::{Deserialize, Serialize};

use crate::{CallRecord, ContactRef, EmployeeRef, Item, UnixMs};

/// What a card knows of the client. It comes with the ring: [`crate::CallRecord::client`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientCard {
    /// Everybody with this number, the one shown first; several: the agent chooses.
    pub contacts: Vec<ContactRef>,
    /// The fields chosen in settings that hold something: key (`company`, `status`, `email`, `manager`,
    /// `position`, `address`, or that of a custom field), the custom field's label (else empty), value.
    pub fields: Vec<CardField>,
    /// Tags.
    pub tags: Vec<String>,
    /// Open deals, newest first, at most five.
    pub deals: Vec<DealBrief>,
    /// Open tasks and meetings, next first, at most five.
    pub tasks: Vec<ItemBrief>,
    /// Last orders, at most as many as set.
    pub orders: Vec<ItemBrief>,
    /// Open requests, at most five.
    pub requests: Vec<ItemBrief>,
    /// Last interactions and notes, at most three.
    pub interactions: Vec<ItemBrief>,
    /// Last calls, at most five.
    pub calls: Vec<CallBrief>,
    /// How many calls there were.
    pub call_count: u64,
    /// Colleagues who talk with this client (or somebody of the same company) now.
    pub talking: Vec<EmployeeRef>,
    /// Who is responsible.
    #[serde(default)]
    pub manager: Option<EmployeeRef>,
}

/// A field of the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardField {
    /// Key.
    pub key: String,
    /// Label of a custom field; empty: the app knows the key.
    pub label: String,
    /// Value.
    pub value: String,
}

/// A deal on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DealBrief {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Key of the stage.
    pub stage: String,
    /// The stage's name as the house wrote it; empty: the app knows the key.
    pub stage_name: String,
    /// Which stage of those that are open, from 1.
    pub step: u8,
    /// How many are open.
    pub steps: u8,
    /// Hundredths.
    #[serde(default)]
    pub amount: Option<i64>,
    /// ISO 4217.
    pub currency: String,
    /// What is said at this stage ([`crate::Stage::script`]).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub script: String,
}

/// Another item on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemBrief {
    /// Id.
    pub id: String,
    /// Its number.
    pub number: i64,
    /// Title, or the first words of the text.
    pub title: String,
    /// State.
    pub state: String,
    /// When it is due, else when it was made.
    pub at: UnixMs,
    /// Name of the owner.
    #[serde(default)]
    pub owner: Option<String>,
}

/// An earlier call on the card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CallBrief {
    /// Id.
    pub id: String,
    /// Direction and status as in the log.
    pub direction: crate::Direction,
    /// How it ended.
    pub status: crate::CallStatus,
    /// Began.
    pub started_at: UnixMs,
    /// Talk time.
    pub talk_ms: u64,
    /// Name of the employee.
    #[serde(default)]
    pub employee: Option<String>,
    /// Key of the result.
    #[serde(default)]
    pub result: Option<String>,
    /// Whether there is a recording this viewer's role can play.
    pub has_recording: bool,
}

/// Something in a client's time line, newest first: `GET /api/v1/contacts/{id}/timeline`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "made, written and dropped; never kept in numbers"
)]
pub enum TimelineEntry {
    /// A call.
    Call(CallRecord),
    /// A note, interaction, task, deal, order …
    Item(Item),
    /// A file was added.
    File(crate::StoredFile),
    /// A deal changed its stage, the client his manager: `field` from `before` to `after`.
    Change {
        /// When.
        at: UnixMs,
        /// Name of who; absent: a rule.
        #[serde(default)]
        by: Option<String>,
        /// Item id; absent: the contact itself.
        #[serde(default)]
        item: Option<String>,
        /// Its title.
        title: String,
        /// `stage`, `responsible`, `merged`, `handed_over`.
        field: String,
        /// Before.
        before: String,
        /// After.
        after: String,
    },
}

/// A client in figures: `GET /api/v1/contacts/{id}/figures`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientFigures {
    /// Calls the viewer may see.
    pub calls: u64,
    /// Talk time.
    pub talk_ms: u64,
    /// Missed.
    pub missed: u64,
    /// Orders.
    pub orders: u64,
    /// Their sums in hundredths, by currency.
    pub orders_amount: Vec<(String, i64)>,
    /// First contact.
    pub since: UnixMs,
}
