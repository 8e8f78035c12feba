//! Numbers whose calls are refused.

pub(super) mod block;
pub(super) mod list;
pub(super) mod unblock;

use api_types::{BlockedNumber, PhoneNumber};
use store::entity::blocked_number;

fn show(row: blocked_number::Model) -> BlockedNumber {
    BlockedNumber {
        id: row.id.to_string(),
        number: PhoneNumber {
            e164: row.e164,
            display: row.display,
        },
        note: row.note,
        blocked_by: row.blocked_by,
        blocked_at: row.blocked_at,
    }
}
