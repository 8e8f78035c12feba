//! Missed calls to be returned: one row for each caller.

use api_types::{CallRecord, CallStatus, Direction};

use super::outcome;

/// Whether a call was missed and nobody has called back.
pub fn waits(call: &CallRecord) -> bool {
    call.direction == Direction::Incoming
        && call.answered_at.is_none()
        && outcome::is_over(call.status)
        && call.status != CallStatus::Answered
        && call.returned.is_none()
}

/// Takes a call that changed into a list that is newest first.
pub fn take_in(list: &mut Vec<CallRecord>, call: &CallRecord) {
    list.retain(|known| known.id != call.id);
    if waits(call) {
        let at = list.partition_point(|known| known.started_at > call.started_at);
        list.insert(at, call.clone());
    }
}

/// The newest of each number; callers who hide theirs stand for themselves.
pub fn callers(list: &[CallRecord]) -> Vec<CallRecord> {
    let mut callers: Vec<CallRecord> = Vec::new();
    for call in list {
        let number = call.number.as_ref();
        let is_known = number.is_some() && callers.iter().any(|one| one.number.as_ref() == number);
        if !is_known {
            callers.push(call.clone());
        }
    }
    callers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::card::samples::record;

    fn missed(id: &str, at: i64) -> CallRecord {
        let mut call = record(id, CallStatus::NoAnswer);
        call.started_at = at;
        call
    }

    #[test]
    fn a_call_waits_until_it_was_returned() {
        let mut list = Vec::new();
        take_in(&mut list, &missed("a", 1));
        take_in(&mut list, &missed("b", 2));
        assert_eq!(
            list.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        let mut returned = missed("a", 1);
        returned.returned = Some(api_types::Returned {
            at: 3,
            by: None,
            call: "c".into(),
        });
        take_in(&mut list, &returned);
        assert_eq!(list.len(), 1);
        take_in(&mut list, &record("r", CallStatus::Ringing));
        take_in(&mut list, &record("r", CallStatus::Answered));
        assert_eq!(list.len(), 1);
    }

    #[test]
    fn who_called_three_times_is_one_row_and_who_hides_the_number_is_each() {
        let mut hidden = [missed("h", 5), missed("i", 4)];
        for call in &mut hidden {
            call.number = None;
        }
        let list = [&hidden[..], &[missed("b", 2), missed("a", 1)]].concat();
        let ids: Vec<_> = callers(&list).into_iter().map(|call| call.id).collect();
        assert_eq!(ids, ["h", "i", "b"]);
    }
}
