//! The call log: its filter, and how a list follows events.

use api_types::{CallRecord, CallStatus, Direction};

use super::{
    outcome::Outcome,
    query::{pairs, query},
    stack::plain_id,
};

/// What the log shows. Texts are empty for "any".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Part of a name, number or note.
    pub search: String,
    /// One direction.
    pub direction: Option<Direction>,
    /// One way of ending.
    pub status: Option<CallStatus>,
    /// Key of a result; [`NO_RESULT`]: none.
    pub result: String,
    /// Extension, or `me`.
    pub employee: String,
    /// Line id.
    pub line: String,
    /// When.
    pub days: Days,
    /// Talked at least so long, minutes; 0: any.
    pub minutes: u32,
    /// Only missed calls nobody returned.
    pub missed: bool,
    /// Only calls with a recording.
    pub recorded: bool,
    /// Only calls that sounded bad.
    pub bad: bool,
}

/// What stands for calls without a result.
pub const NO_RESULT: &str = "-";

/// Which days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Days {
    /// All.
    #[default]
    Any,
    /// This many, today the last.
    Last(u32),
    /// From the first to the last, as `2026-11-22`; empty: open.
    Between(String, String),
}

impl Days {
    /// As it stands in an address: `7`, `2026-11-01..2026-11-22`, nothing.
    pub fn name(&self) -> String {
        match self {
            Self::Any => String::new(),
            Self::Last(days) => days.to_string(),
            Self::Between(first, last) => format!("{first}..{last}"),
        }
    }

    /// Of an address.
    pub fn named(name: &str) -> Self {
        match (name.split_once(".."), name.parse()) {
            (Some((first, last)), _) => Self::Between(first.to_owned(), last.to_owned()),
            (None, Ok(days)) if days > 0 => Self::Last(days),
            (None, _) => Self::Any,
        }
    }

    /// From and to in ms since 1970; `start(offset, day)` is the beginning of a day, of `day` or, where
    /// that is empty, of today, `offset` days later.
    pub fn span(&self, start: impl Fn(i32, &str) -> Option<i64>) -> (Option<i64>, Option<i64>) {
        match self {
            Self::Any => (None, None),
            Self::Last(days) => {
                let back = i32::try_from(days.saturating_sub(1)).unwrap_or(i32::MAX);
                (start(-back, ""), None)
            }
            Self::Between(first, last) => {
                let of = |offset, day: &str| {
                    if day.is_empty() {
                        None
                    } else {
                        start(offset, day)
                    }
                };
                (of(0, first), of(1, last))
            }
        }
    }
}

/// The tabs every log has: name in the address, filter.
pub fn tabs() -> [(&'static str, Filter); 5] {
    let any = Filter::default;
    [
        ("all", any()),
        (
            "missed",
            Filter {
                missed: true,
                ..any()
            },
        ),
        (
            "mine",
            Filter {
                employee: "me".to_owned(),
                ..any()
            },
        ),
        (
            "long",
            Filter {
                minutes: 10,
                ..any()
            },
        ),
        (
            "no_result",
            Filter {
                status: Some(CallStatus::Answered),
                result: NO_RESULT.to_owned(),
                ..any()
            },
        ),
    ]
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

    /// As it stands in an address and in a view that is kept.
    pub fn address(&self) -> String {
        let minutes = if self.minutes == 0 {
            String::new()
        } else {
            self.minutes.to_string()
        };
        query(&[
            ("q", self.search.trim()),
            ("direction", name_of(&DIRECTIONS, self.direction)),
            ("status", name_of(&STATUSES, self.status)),
            ("result", &self.result),
            ("employee", &self.employee),
            ("line", &self.line),
            ("days", &self.days.name()),
            ("minutes", &minutes),
            ("missed", yes(self.missed)),
            ("recorded", yes(self.recorded)),
            ("bad", yes(self.bad)),
        ])
    }

    /// Of an address; `view=missed` names one of [`tabs`].
    pub fn read(address: &str) -> Self {
        let mut filter = Self::default();
        for (name, value) in pairs(address) {
            match name.as_str() {
                "view" => {
                    let known = tabs().into_iter().find(|(known, _)| *known == value);
                    filter = known.map(|(_, filter)| filter).unwrap_or_default();
                }
                "q" => filter.search = value,
                "direction" => filter.direction = value_of(&DIRECTIONS, &value),
                "status" => filter.status = value_of(&STATUSES, &value),
                "result" => filter.result = value,
                "employee" => filter.employee = value,
                "line" => filter.line = value,
                "days" => filter.days = Days::named(&value),
                "minutes" => filter.minutes = value.parse().unwrap_or_default(),
                "missed" => filter.missed = value == "true",
                "recorded" => filter.recorded = value == "true",
                "bad" => filter.bad = value == "true",
                _ => {}
            }
        }
        filter
    }

    /// The query string of `GET /api/v1/calls`; `span` is when, ms since 1970.
    pub fn query(&self, span: (Option<i64>, Option<i64>), limit: u32, cursor: &str) -> String {
        let text =
            |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let min = Some(i64::from(self.minutes) * 60_000).filter(|min| *min > 0);
        let limit = if limit == 0 {
            String::new()
        } else {
            limit.to_string()
        };
        query(&[
            ("q", self.search.trim()),
            ("direction", name_of(&DIRECTIONS, self.direction)),
            ("status", name_of(&STATUSES, self.status)),
            ("result", &self.result),
            ("employee", &self.employee),
            ("line", &self.line),
            ("from", &text(span.0)),
            ("to", &text(span.1)),
            ("min_ms", &text(min)),
            ("missed_not_returned", yes(self.missed)),
            ("has_recording", yes(self.recorded)),
            ("bad_quality", yes(self.bad)),
            ("limit", &limit),
            ("cursor", cursor),
        ])
    }

    /// Whether a call that just began or changed belongs on the list. A search is left to the
    /// server: only what is listed already is kept up to date.
    fn takes(&self, call: &CallRecord) -> bool {
        // How a call sounds is known when it is over; who "me" is only the server knows.
        let is_his = |one: &api_types::EmployeeRef| one.extension == self.employee;
        let is_on = |line: &api_types::LineRef| line.id == self.line;
        self.search.trim().is_empty()
            && !self.bad
            && !matches!(self.days, Days::Between(..))
            && (self.employee.is_empty() || call.employee.as_ref().is_some_and(is_his))
            && (self.line.is_empty() || call.line.as_ref().is_some_and(is_on))
            && match self.result.as_str() {
                "" => true,
                NO_RESULT => call.result.is_none(),
                key => call.result.as_deref() == Some(key),
            }
            && (self.minutes == 0 || call.talk_ms >= u64::from(self.minutes) * 60_000)
            && (!self.missed || super::missed::waits(call))
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

fn value_of<T: Copy>(names: &[(T, &'static str)], name: &str) -> Option<T> {
    let found = names.iter().find(|(_, known)| *known == name);
    found.map(|(value, _)| *value)
}

fn yes(is: bool) -> &'static str {
    if is { "true" } else { "" }
}

/// Takes a call that began or changed into a list that is newest first.
pub fn take_in(list: &mut Vec<CallRecord>, call: CallRecord, filter: &Filter) {
    let id = plain_id(&call.id);
    if let Some(known) = list.iter_mut().find(|known| plain_id(&known.id) == id) {
        // The client is known while the call goes on; the log needs no more of it.
        *known = CallRecord {
            client: None,
            ..call
        };
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
        assert_eq!(Filter::default().query((None, None), 50, ""), "?limit=50");
    }

    fn full() -> Filter {
        Filter {
            search: " 495 ".into(),
            direction: Some(Direction::Incoming),
            status: Some(CallStatus::NoAnswer),
            result: "sale".into(),
            employee: "me".into(),
            line: "l".into(),
            days: Days::Between("2026-11-01".into(), String::new()),
            minutes: 10,
            missed: true,
            recorded: true,
            bad: true,
        }
    }

    #[test]
    fn every_part_of_a_filter_reaches_the_server() {
        assert_eq!(
            full().query((Some(1), Some(2)), 50, "c"),
            "?q=495&direction=incoming&status=no_answer&result=sale&employee=me&line=l&from=1&to=2&min_ms=600000&missed_not_returned=true&has_recording=true&bad_quality=true&limit=50&cursor=c"
        );
    }

    #[test]
    fn a_filter_is_found_again_by_its_address() {
        let trimmed = Filter {
            search: "495".into(),
            ..full()
        };
        assert_eq!(Filter::read(&full().address()), trimmed);
        assert_eq!(Filter::default().address(), "");
        let missed = Filter::read("?view=missed&call=7");
        assert!(missed.missed);
        assert_eq!(Filter::read("?days=7").days, Days::Last(7));
    }

    #[test]
    fn days_begin_and_end_where_days_do() {
        let start = |offset: i32, day: &str| Some(i64::from(offset) * 10 + day.len() as i64);
        assert_eq!(Days::Any.span(start), (None, None));
        assert_eq!(Days::Last(1).span(start), (Some(0), None));
        assert_eq!(Days::Last(7).span(start), (Some(-60), None));
        let between = Days::Between("2026-11-01".into(), "2026-11-22".into());
        assert_eq!(between.span(start), (Some(10), Some(20)));
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
