//! The call log: its filter, and how a list follows events.

use api_types::{CallRecord, CallStatus, Direction};

use super::{outcome::Outcome, query::query, stack::plain_id};

/// What the log shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a name or number.
    pub search: String,
    /// One direction.
    pub direction: Option<Direction>,
    /// One result.
    pub status: Option<CallStatus>,
    /// Only calls with a recording.
    pub recorded: bool,
    /// Only calls that sounded bad.
    pub bad: bool,
}

/// Values of the direction filter.
pub const DIRECTIONS: [(Direction, &str); 3] = [
    (Direction::Incoming, "incoming"),
    (Direction::Outgoing, "outgoing"),
    (Direction::Internal, "internal"),
];

/// Values of the result filter: how calls end.
pub const STATUSES: [(CallStatus, &str); 7] = [
    (CallStatus::Answered, "answered"),
    (CallStatus::NoAnswer, "no_answer"),
    (CallStatus::Busy, "busy"),
    (CallStatus::Rejected, "rejected"),
    (CallStatus::Cancelled, "cancelled"),
    (CallStatus::Failed, "failed"),
    (CallStatus::Interrupted, "interrupted"),
];

impl Filter {
    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The query string of `GET /api/v1/calls`.
    pub fn query(&self, limit: u32, cursor: &str) -> String {
        let direction = name_of(&DIRECTIONS, self.direction);
        let status = name_of(&STATUSES, self.status);
        let recorded = if self.recorded { "true" } else { "" };
        let bad = if self.bad { "true" } else { "" };
        let limit = limit.to_string();
        query(&[
            ("q", self.search.trim()),
            ("direction", direction),
            ("status", status),
            ("has_recording", recorded),
            ("bad_quality", bad),
            ("limit", &limit),
            ("cursor", cursor),
        ])
    }

    /// Whether a call that just began or changed belongs on the list. A search is left to the
    /// server: only what is listed already is kept up to date.
    fn takes(&self, call: &CallRecord) -> bool {
        // How a call sounds is known when it is over.
        self.search.trim().is_empty()
            && !self.bad
            && self
                .direction
                .is_none_or(|direction| direction == call.direction)
            && self.status.is_none_or(|status| status == call.status)
            && (!self.recorded || call.recording.is_some())
    }
}

fn name_of<T: PartialEq>(names: &[(T, &'static str)], value: Option<T>) -> &'static str {
    names
        .iter()
        .find(|(known, _)| Some(known) == value.as_ref())
        .map_or("", |(_, name)| name)
}

/// Takes a call that began or changed into a list that is newest first.
pub fn take_in(list: &mut Vec<CallRecord>, call: CallRecord, filter: &Filter) {
    let id = plain_id(&call.id);
    if let Some(known) = list.iter_mut().find(|known| plain_id(&known.id) == id) {
        *known = call;
    } else if filter.takes(&call) {
        let place = list
            .iter()
            .position(|known| known.started_at <= call.started_at)
            .unwrap_or(list.len());
        list.insert(place, call);
    }
}

/// Says the result filter in words.
pub fn status_words(status: CallStatus) -> Outcome {
    Outcome::of(Direction::Outgoing, status)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::card::samples::record;

    #[test]
    fn an_empty_filter_asks_for_everything() {
        assert_eq!(Filter::default().query(50, ""), "?limit=50");
    }

    #[test]
    fn every_part_of_a_filter_reaches_the_server() {
        let filter = Filter {
            search: " 495 ".into(),
            direction: Some(Direction::Incoming),
            status: Some(CallStatus::NoAnswer),
            recorded: true,
            bad: true,
        };
        assert_eq!(
            filter.query(50, "c"),
            "?q=495&direction=incoming&status=no_answer&has_recording=true&bad_quality=true&limit=50&cursor=c"
        );
    }

    #[test]
    fn a_call_that_changes_keeps_its_place_and_a_new_one_comes_by_time() {
        let mut list = Vec::new();
        let mut at = |id: &str, started_at| {
            let mut call = record(id, CallStatus::Ringing);
            call.started_at = started_at;
            take_in(&mut list, call, &Filter::default());
            list.iter().map(|call| call.id.clone()).collect::<Vec<_>>()
        };
        at("a", 10);
        assert_eq!(at("b", 20), ["b", "a"]);
        assert_eq!(at("a", 10), ["b", "a"]);
    }

    #[test]
    fn a_filtered_list_takes_only_what_fits() {
        let mut list = Vec::new();
        let filter = Filter {
            direction: Some(Direction::Outgoing),
            ..Filter::default()
        };
        take_in(&mut list, record("a", CallStatus::Ringing), &filter);
        assert!(list.is_empty());
    }
}
