//! Everything done with and for clients: deals, tasks, meetings, interactions, orders with invoices and
//! payments, support requests, notes, Unsorted, rows of the house's own tables. One shape for all:
//! what a kind has no use for stays empty.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{ContactRef, UnixMs};

/// Values of custom fields by the field's key, as text: a number as `12.5`, a date as `2026-01-31`,
/// a flag as `true`, a choice as its own text, a phone as E.164.
pub type Fields = BTreeMap<String, String>;

/// What an item is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Of a pipeline; `state` is a stage of it.
    Deal,
    /// To be done by the owner; `state` is `open` or `done`.
    #[default]
    Task,
    /// With place, participants and an end; `state` is `open` or `done`.
    Meeting,
    /// What was said, and the result; `state` is the key of a result of calls, or empty.
    Interaction,
    /// `state` is the key of a state of orders, `sort` is `order`, `one_click` or `pre_order`.
    Order,
    /// Of an order; `state` is `open` or `paid`.
    Invoice,
    /// For an order or an invoice; `state` is empty.
    Payment,
    /// A support request; `state` is `open` or `closed`.
    Request,
    /// A call or request nobody has taken care of; `state` is `open`, `accepted` or `dismissed`.
    Unsorted,
    /// A text; with `moment_ms`, on a moment of the call's recording.
    Note,
    /// A row of a table of the house's own; `table` names it.
    Own,
}

/// An item named in another record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemRef {
    /// Id.
    pub id: String,
    /// Title.
    pub title: String,
}

/// One item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Item {
    /// Id.
    pub id: String,
    /// What it is.
    pub kind: ItemKind,
    /// Its number, as people say it: rises over all items.
    pub number: i64,
    /// Key of the house's own table; only [`ItemKind::Own`].
    #[serde(default)]
    pub table: Option<String>,
    /// Title; of an order its number with the client's or the shop's own system.
    pub title: String,
    /// Text.
    pub text: String,
    /// State; see the kind.
    pub state: String,
    /// Whether it is still to be dealt with: a stage that is neither won nor lost, not done, not paid.
    pub is_open: bool,
    /// Key of the pipeline; only deals.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// A finer kind: of orders, and of entries of Unsorted (`missed`, `request`, `voicemail`).
    pub sort: String,
    /// The client.
    #[serde(default)]
    pub contact: Option<ContactRef>,
    /// The deal it belongs to.
    #[serde(default)]
    pub deal: Option<ItemRef>,
    /// The order or invoice it belongs to.
    #[serde(default)]
    pub parent: Option<ItemRef>,
    /// The call it was made in or is about.
    #[serde(default)]
    pub call: Option<String>,
    /// User id of who it is for: responsible for the deal, assigned the task.
    #[serde(default)]
    pub owner: Option<String>,
    /// Sum in hundredths of the currency.
    #[serde(default)]
    pub amount: Option<i64>,
    /// ISO 4217; empty where there is no sum.
    pub currency: String,
    /// When it is due or begins.
    #[serde(default)]
    pub due_at: Option<UnixMs>,
    /// When a meeting ends.
    #[serde(default)]
    pub ends_at: Option<UnixMs>,
    /// When it was done, won, lost, paid, closed.
    #[serde(default)]
    pub done_at: Option<UnixMs>,
    /// Where a meeting is.
    pub place: String,
    /// User ids of who takes part.
    #[serde(default)]
    pub participants: Vec<String>,
    /// Where in the call's recording a note stands.
    #[serde(default)]
    pub moment_ms: Option<u64>,
    /// Custom fields.
    #[serde(default)]
    pub fields: Fields,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// When it was made.
    pub created_at: UnixMs,
    /// User id of who made it; absent: a rule did.
    #[serde(default)]
    pub created_by: Option<String>,
    /// When it was changed last.
    pub updated_at: UnixMs,
    /// Rises with every change.
    pub version: i64,
}

/// `POST /api/v1/items`, `PUT /api/v1/items/{id}`. Ids are those of [`Item`]; absent means none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemDraft {
    /// What it is; cannot be changed later.
    pub kind: ItemKind,
    /// Key of the house's own table.
    #[serde(default)]
    pub table: Option<String>,
    /// Title. Empty: made from what is known (client, number, date).
    #[serde(default)]
    pub title: String,
    /// Text.
    #[serde(default)]
    pub text: String,
    /// State; empty: the first.
    #[serde(default)]
    pub state: String,
    /// Key of the pipeline; absent: the first.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// A finer kind.
    #[serde(default)]
    pub sort: String,
    /// Contact id.
    #[serde(default)]
    pub contact: Option<String>,
    /// Deal id.
    #[serde(default)]
    pub deal: Option<String>,
    /// Id of the order or invoice.
    #[serde(default)]
    pub parent: Option<String>,
    /// Call id.
    #[serde(default)]
    pub call: Option<String>,
    /// User id; absent: whoever makes it (`POST`), nobody (`PUT`).
    #[serde(default)]
    pub owner: Option<String>,
    /// Hundredths of the currency.
    #[serde(default)]
    pub amount: Option<i64>,
    /// ISO 4217; empty: the house's.
    #[serde(default)]
    pub currency: String,
    /// When it is due or begins.
    #[serde(default)]
    pub due_at: Option<UnixMs>,
    /// When a meeting ends.
    #[serde(default)]
    pub ends_at: Option<UnixMs>,
    /// Where a meeting is.
    #[serde(default)]
    pub place: String,
    /// User ids.
    #[serde(default)]
    pub participants: Vec<String>,
    /// Where in the recording.
    #[serde(default)]
    pub moment_ms: Option<u64>,
    /// Custom fields.
    #[serde(default)]
    pub fields: Fields,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The version that was changed; another one by now: 409 `changed_meanwhile`. Absent: not asked.
    #[serde(default)]
    pub version: Option<i64>,
}

/// `POST /api/v1/items/bulk`: the same for many. Answered with [`Undo`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ItemBulk {
    /// Item ids, 1 to 1000.
    pub ids: Vec<String>,
    /// New state.
    #[serde(default)]
    pub state: Option<String>,
    /// New owner (user id; empty: nobody).
    #[serde(default)]
    pub owner: Option<String>,
    /// New due time.
    #[serde(default)]
    pub due_at: Option<UnixMs>,
    /// Tag to add.
    #[serde(default)]
    pub add_tag: Option<String>,
    /// Tag to take away.
    #[serde(default)]
    pub remove_tag: Option<String>,
    /// Delete them.
    #[serde(default)]
    pub delete: bool,
}

/// Something done to one or many records that can be taken back:
/// `POST /api/v1/operations/{id}/undo`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Undo {
    /// Operation id.
    pub operation: String,
    /// Records changed.
    pub changed: u64,
}

/// One change of a contact, item, call or setting: `GET /api/v1/contacts/{id}/changes`,
/// `GET /api/v1/items/{id}/changes`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Change {
    /// When.
    pub at: UnixMs,
    /// Name of who; absent: a rule.
    #[serde(default)]
    pub by: Option<String>,
    /// `created`, `changed`, `deleted`, `restored`, `merged`, `handed_over`, `imported`, `listened`,
    /// `downloaded`.
    pub what: String,
    /// Fields that changed: name, before, after.
    pub fields: Vec<(String, String, String)>,
}
