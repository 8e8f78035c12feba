//! The house's own reasons not to take calls, and what happens by itself.

pub(super) mod activity;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod order;
pub(super) mod set_rules;
pub(super) mod show_rules;
pub(super) mod update;

use api_types::{Availability, PresenceReasonDraft};
use store::{StoreError, entity::presence_reason};
use uuid::Uuid;

use super::error::Error;
use crate::presence::word;

/// Longest time that can be given, minutes.
const LONGEST: u32 = 24 * 60;
/// Longest name, characters.
const LONGEST_NAME: usize = 40;

/// Refuses times that cannot be.
pub(super) fn check_minutes(minutes: Option<u32>) -> Result<(), Error> {
    match minutes {
        Some(minutes) if !(1..=LONGEST).contains(&minutes) => Err(Error::invalid(
            "minutes",
            "minutes",
            "give 1 to 1440 minutes, or none at all",
        )),
        _ => Ok(()),
    }
}

fn to_row(
    id: Uuid,
    position: i32,
    draft: PresenceReasonDraft,
) -> Result<presence_reason::Model, Error> {
    let name = draft.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        let message = "give a name of up to 40 characters";
        return Err(Error::invalid("bad_name", "name", message));
    }
    let state = draft.availability;
    if !matches!(state, Availability::Away | Availability::DoNotDisturb) {
        let message = "a reason stands for away or do_not_disturb";
        return Err(Error::invalid("bad_state", "availability", message));
    }
    check_minutes(draft.minutes)?;
    Ok(presence_reason::Model {
        id,
        name,
        position,
        availability: word(state),
        minutes: draft
            .minutes
            .and_then(|minutes| i32::try_from(minutes).ok()),
        takes_calls: draft.takes_calls,
    })
}

fn refused(error: StoreError) -> Error {
    match error {
        StoreError::Taken(_) => Error::Conflict {
            code: "name_taken",
            field: Some("name"),
            message: "there is a reason with this name already".to_owned(),
        },
        other => other.into(),
    }
}
