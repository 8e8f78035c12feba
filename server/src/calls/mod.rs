//! Calls: from what the gateway tells to records, events and rows.
//!
//! ```text
//! gateway ─event─► CallBook::apply ─► state in memory ─► record ─► browsers (at once)
//!                                            └─► Writer ─► database, else journal
//! ```
//! Nothing in the upper row waits for the lower one. A state is written as a whole with a version,
//! so writing it twice, or late, does no harm.

mod about;
mod book;
mod journal;
mod path;
mod record;
mod recovery;
mod rows;
mod writer;

pub(crate) use book::{Beat, CallBook};
pub(crate) use journal::Journal;
pub(crate) use path::{decided, read as read_path};
pub(crate) use record::{name_of, recording_name, to_record, word};
pub(crate) use recovery::{adopt_recordings, close_open_calls, open_calls};
pub(crate) use rows::blank;
pub(crate) use writer::Writer;
