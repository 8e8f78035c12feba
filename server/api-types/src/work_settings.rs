//! How the house works with clients: `GET /api/v1/work` (everybody), `PUT /api/v1/settings/work`
//! (administrators). It takes effect at once and is told by [`crate::Event::Work`].

use serde::{Deserialize, Serialize};

/// Everything set up for work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct WorkSettings {
    /// ISO 4217.
    pub currency: String,
    /// At least one.
    pub pipelines: Vec<Pipeline>,
    /// Results of calls and interactions.
    pub results: Vec<Choice>,
    /// Reasons of calls.
    pub reasons: Vec<Choice>,
    /// A call is finished only with a result.
    pub result_required: bool,
    /// A call is finished only with a reason.
    pub reason_required: bool,
    /// States of contacts.
    pub statuses: Vec<Choice>,
    /// States of orders.
    pub order_states: Vec<Choice>,
    /// Keys of the fields the card shows, in order: `company`, `status`, `email`, `manager`, `position`,
    /// `address`, and those of custom fields of contacts.
    pub card_fields: Vec<String>,
    /// Orders on the card, 0 to 20.
    pub card_orders: u8,
    /// Custom fields.
    pub fields: Vec<FieldDef>,
    /// The house's own tables.
    pub tables: Vec<TableDef>,
    /// Where a caller is looked up, in order: `contacts`, `companies`, keys of own tables that have a field for
    /// phones. The first one the number stands in decides; where it is a row of a client, the client is shown.
    pub lookup: Vec<String>,
    /// What happens by itself.
    pub rules: WorkRules,
    /// How long things are kept.
    pub retention: Retention,
}

/// A way deals go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pipeline {
    /// Key.
    pub key: String,
    /// Name; empty: the app knows the key (`sales`).
    pub name: String,
    /// Stages in order; at least one of each [`StageKind`].
    pub stages: Vec<Stage>,
}

/// A stage.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Stage {
    /// Key.
    pub key: String,
    /// Name; empty: the app knows the key (`in_progress`, `won`, `cancelled`).
    pub name: String,
    /// What it means.
    pub kind: StageKind,
    /// What is said at this stage, for the card of a client whose deal is here; up to 4000 characters.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub script: String,
}

/// What a stage means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// Goes on.
    Open,
    /// Won.
    Won,
    /// Lost.
    Lost,
}

/// One of a list people choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Key, stored; stays when the name changes.
    pub key: String,
    /// Name; empty: the app knows the key.
    pub name: String,
}

/// What a custom field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text.
    Text,
    /// A number.
    Number,
    /// A day.
    Date,
    /// One of a list.
    Choice,
    /// Yes or no.
    Flag,
    /// An address on the web.
    Link,
    /// A phone number: callers are found by it.
    Phone,
}

/// A custom field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldDef {
    /// Key; unique within its table.
    pub key: String,
    /// Where: `contacts`, `companies`, `deals`, `orders`, `requests`, `tasks`, or an own table's key.
    pub table: String,
    /// Label.
    pub label: String,
    /// What it holds.
    pub kind: FieldKind,
    /// What can be chosen.
    #[serde(default)]
    pub choices: Vec<String>,
    /// A record is saved only with it.
    #[serde(default)]
    pub required: bool,
}

/// A table of the house's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TableDef {
    /// Key.
    pub key: String,
    /// Name of the table.
    pub name: String,
}

/// Who is told of something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "to", content = "users")]
pub enum Told {
    /// Nobody.
    Nobody,
    /// Everybody with an extension.
    #[default]
    Everyone,
    /// Who is responsible for the client or owns the deal.
    Owner,
    /// The owner's groups.
    OwnerGroups,
    /// These users (ids).
    Users(Vec<String>),
}

/// What happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "switches of one page")]
pub struct WorkRules {
    /// An answered incoming call of a client with no open deal, or of nobody known, makes one.
    pub deal_on_answered: bool,
    /// An outgoing call that was answered does.
    pub deal_on_outgoing: bool,
    /// Whoever talked gets a notice with the deal.
    pub notice_on_deal: bool,
    /// An unknown caller who was answered becomes a contact with his number as name.
    pub contact_on_answered: bool,
    /// A missed call of nobody known, or of a client with no open deal, goes to Unsorted.
    pub missed_to_unsorted: bool,
    /// Who is told of that.
    pub missed_told: Told,
    /// Who is told of a missed call of a client with an open deal.
    pub missed_deal_told: Told,
    /// Calling back (or being called again and answering) closes missed calls and their entries.
    pub close_returned: bool,
    /// Being given a task opens the call it is about, with its recording.
    pub task_opens_call: bool,
    /// The client's page opens by itself when a call is answered.
    pub open_client: bool,
}

/// How long things are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Retention {
    /// Days recordings are kept; absent: for ever.
    pub recording_days: Option<u32>,
    /// Other days for calls of some lines (line id, days).
    pub recording_lines: Vec<(String, u32)>,
    /// Other days for calls of some groups' members (group id, days); the longest counts.
    pub recording_groups: Vec<(String, u32)>,
    /// Days records of calls are kept; absent: for ever.
    pub record_days: Option<u32>,
    /// Days before a batch goes that administrators are warned.
    pub warn_days: u32,
}

impl Default for WorkSettings {
    fn default() -> Self {
        let choices = |keys: &[&str]| keys.iter().map(|key| Choice::known(key)).collect();
        Self {
            currency: "RUB".to_owned(),
            pipelines: vec![Pipeline::default()],
            results: choices(&[
                "sale",
                "appointment",
                "quote",
                "thinking",
                "refusal",
                "wrong_number",
            ]),
            reasons: choices(&["order", "question", "complaint", "delivery", "other"]),
            result_required: false,
            reason_required: false,
            statuses: choices(&["new", "regular", "key_account", "former"]),
            order_states: choices(&["new", "paid", "shipped", "delivered", "cancelled"]),
            card_fields: ["company", "status", "email", "manager"]
                .map(str::to_owned)
                .to_vec(),
            card_orders: 5,
            fields: Vec::new(),
            tables: Vec::new(),
            lookup: ["contacts", "companies"].map(str::to_owned).to_vec(),
            rules: WorkRules::default(),
            retention: Retention {
                warn_days: 7,
                ..Retention::default()
            },
        }
    }
}

impl Default for Pipeline {
    /// In progress, won, cancelled.
    fn default() -> Self {
        let stage = |key: &str, kind| Stage {
            key: key.to_owned(),
            name: String::new(),
            kind,
            script: String::new(),
        };
        Self {
            key: "sales".to_owned(),
            name: String::new(),
            stages: vec![
                stage("in_progress", StageKind::Open),
                stage("won", StageKind::Won),
                stage("cancelled", StageKind::Lost),
            ],
        }
    }
}

impl Choice {
    /// One whose name the app knows.
    #[must_use]
    pub fn known(key: &str) -> Self {
        Self {
            key: key.to_owned(),
            name: String::new(),
        }
    }
}

impl Default for WorkRules {
    fn default() -> Self {
        Self {
            deal_on_answered: true,
            deal_on_outgoing: true,
            notice_on_deal: true,
            contact_on_answered: false,
            missed_to_unsorted: true,
            missed_told: Told::Everyone,
            missed_deal_told: Told::Everyone,
            close_returned: true,
            task_opens_call: true,
            open_client: false,
        }
    }
}
