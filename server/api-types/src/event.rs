//! What `GET /api/v1/events` (SSE) carries. The SSE `id` is a growing number; a browser that comes
//! back sends `Last-Event-ID`; when too much was missed it gets [`Event::Resync`].

use serde::{Deserialize, Serialize};

use crate::{CallRecord, Colleague, Contact, FarQuality, Item, Line, Notice, WorkSettings};

/// One event: `data` of an SSE message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "made, written and dropped; never kept in numbers"
)]
pub enum Event {
    /// A call began or changed; the whole record as it is now.
    Call(CallRecord),
    /// A contact was made or changed.
    Contact(Contact),
    /// A contact was deleted.
    ContactDeleted {
        /// Its id.
        id: String,
    },
    /// An item was made or changed.
    Item(Item),
    /// An item was deleted.
    ItemDeleted {
        /// Its id.
        id: String,
    },
    /// A file was added, deleted or brought back.
    Files {
        /// Id of the contact, item or call it stands with, as in [`crate::StoredFile`].
        id: String,
    },
    /// A notice to this employee, new or seen now.
    Notice(Notice),
    /// Many records changed at once (import, merge, hand-over): lists are to be read again.
    Many,
    /// How the house works was changed.
    Work(Box<WorkSettings>),
    /// What colleagues see of somebody changed.
    Colleague(Colleague),
    /// A leg of a call drops packets, or does so no more.
    FarQuality(FarQuality),
    /// A line was made or changed, or its registration did.
    Line(Line),
    /// A line was deleted.
    LineDeleted {
        /// Its id.
        id: String,
    },
    /// Too much was missed: read everything shown again.
    Resync,
}
