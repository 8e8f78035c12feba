//! What is said, and the house's reasons, as the database has them.

use api_types::{Availability, Presence, PresenceReason, SaidReason};
use store::entity::{presence, presence_reason};
use uuid::Uuid;

/// What somebody said.
pub(super) fn from_row(row: &presence::Model) -> Presence {
    let reason = row.reason_id.zip(row.reason.as_ref());
    Presence {
        availability: availability(&row.availability),
        since: row.since,
        until: row.until,
        reason: reason.map(|(id, name)| SaidReason {
            id: id.to_string(),
            name: name.clone(),
            takes_calls: row.takes_calls,
        }),
        automatic: row.automatic,
    }
}

/// For the database.
pub(super) fn to_row(user_id: Uuid, presence: &Presence) -> presence::Model {
    let reason = presence.reason.as_ref();
    presence::Model {
        user_id,
        availability: word(presence.availability),
        since: presence.since,
        until: presence.until,
        reason_id: reason.and_then(|reason| reason.id.parse().ok()),
        reason: reason.map(|reason| reason.name.clone()),
        takes_calls: reason.is_some_and(|reason| reason.takes_calls),
        automatic: presence.automatic,
    }
}

/// A reason as the API has it.
pub(crate) fn reason(row: presence_reason::Model) -> PresenceReason {
    PresenceReason {
        id: row.id.to_string(),
        name: row.name,
        availability: availability(&row.availability),
        minutes: row.minutes.and_then(|minutes| u32::try_from(minutes).ok()),
        takes_calls: row.takes_calls,
    }
}

/// A word of a later version: he takes calls rather than losing them.
fn availability(word: &str) -> Availability {
    serde_json::from_value(word.into()).unwrap_or_default()
}

/// As it is written.
pub(crate) fn word(availability: Availability) -> String {
    let word = serde_json::to_value(availability).ok();
    word.and_then(|word| word.as_str().map(str::to_owned))
        .unwrap_or_default()
}
