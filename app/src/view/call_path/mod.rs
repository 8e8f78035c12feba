//! The path of a call as rows: who was rung by which rule, which lines were tried, what came of it.

mod words;

#[cfg(test)]
mod tests;

use api_types::{CallRecord, CallStep, CallStepKind, Colleague, Incident, IncidentKind, PlanRule};

use super::format;
pub use words::{PathResult, PathRule, PathWords};

/// The sign before a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dot {
    /// Something happened.
    Plain,
    /// It went well.
    Good,
    /// It did not.
    Bad,
    /// The end.
    End,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRow {
    /// When.
    pub moment: i64,
    /// Time from the beginning of the call, `0:04`.
    pub at: String,
    /// The sign.
    pub dot: Dot,
    /// What.
    pub words: PathWords,
    /// Names in it.
    pub who: String,
    /// By which rule, and its name.
    pub rule: Option<(PathRule, String)>,
    /// What came of it.
    pub result: Option<PathResult>,
    /// Its time, name or what was said.
    pub note: String,
}

/// The rows of a call, the end last.
pub fn rows(call: &CallRecord, steps: &[CallStep], people: &[Colleague]) -> Vec<PathRow> {
    let mut rows: Vec<PathRow> = Vec::new();
    let mut rang = None;
    for step in steps {
        match step.kind {
            CallStepKind::Rings => {
                rang = Some((rows.len(), step.at));
                rows.push(PathRow {
                    result: Some(PathResult::Ringing),
                    ..row(call, step, PathWords::Rang, names(&step.extensions, people))
                });
            }
            CallStepKind::Answered
            | CallStepKind::NoAnswer
            | CallStepKind::Declined
            | CallStepKind::CallerGone => {
                let Some((place, since)) = rang.take() else {
                    continue;
                };
                if let Some(row) = rows.get_mut(place) {
                    conclude(row, call, step, since, people);
                }
            }
            CallStepKind::Unreachable => rows.push(PathRow {
                dot: Dot::Bad,
                result: Some(PathResult::NoPhone),
                ..row(
                    call,
                    step,
                    PathWords::PassedOver,
                    names(&step.extensions, people),
                )
            }),
            CallStepKind::Absent => rows.push(PathRow {
                rule: None,
                result: Some(PathResult::absent(&step.detail)),
                ..row(
                    call,
                    step,
                    PathWords::PassedOver,
                    names(&step.extensions, people),
                )
            }),
            CallStepKind::LineTried => {
                let words = match step.rule {
                    Some(PlanRule::Forward) => PathWords::Forwarded,
                    _ => PathWords::Line,
                };
                // The number forwarded to is a line's matter; the rule is said by the word.
                rows.push(PathRow {
                    rule: None,
                    ..row(call, step, words, step.detail.clone())
                });
            }
            CallStepKind::LineFailed => {
                let last = rows.iter_mut().rev();
                let tried = |row: &&mut PathRow| {
                    matches!(row.words, PathWords::Line | PathWords::Forwarded)
                        && row.who == step.detail
                };
                if let Some(row) = last.into_iter().find(tried) {
                    row.dot = Dot::Bad;
                    row.note = format!("{} {}", step.code, step.reason).trim().to_owned();
                }
            }
            CallStepKind::Transferred => rows.push(transferred(call, step, people)),
            CallStepKind::Resumed => {
                let resumed = happened(call, step, people);
                let is_it = |row: &&mut PathRow| {
                    matches!(row.words, PathWords::Held | PathWords::HeldOutside)
                        && row.who == resumed.who
                };
                if let Some(held) = rows.iter_mut().rev().find(is_it) {
                    held.note = format::duration(format::elapsed(held.moment, step.at));
                }
                rows.push(resumed);
            }
            CallStepKind::Held
            | CallStepKind::Vanished
            | CallStepKind::Reattached
            | CallStepKind::Parked
            | CallStepKind::PickedUp
            | CallStepKind::ThirdJoined
            | CallStepKind::ThirdLeft
            | CallStepKind::Joined => rows.push(happened(call, step, people)),
            CallStepKind::Blocked | CallStepKind::Anonymous => {
                let words = if step.kind == CallStepKind::Blocked {
                    PathWords::Blocked
                } else {
                    PathWords::Anonymous
                };
                rows.push(PathRow {
                    dot: Dot::Bad,
                    result: Some(PathResult::Refused),
                    ..row(call, step, words, String::new())
                });
            }
        }
    }
    if let Some(end) = call.ended_at {
        rows.push(PathRow {
            moment: end,
            at: since(call, end),
            dot: Dot::End,
            words: PathWords::Ended,
            who: String::new(),
            rule: None,
            result: None,
            note: String::new(),
        });
    }
    rows
}

/// The rows with what browsers met among them, by time.
pub fn with_incidents(
    call: &CallRecord,
    mut rows: Vec<PathRow>,
    met: &[(String, Incident)],
) -> Vec<PathRow> {
    rows.extend(
        met.iter()
            .map(|(who, incident)| met_row(call, who, incident)),
    );
    // The end is the end, whatever clocks say.
    rows.sort_by_key(|row| (row.words == PathWords::Ended, row.moment));
    rows
}

fn met_row(call: &CallRecord, who: &str, incident: &Incident) -> PathRow {
    let (words, dot) = match incident.kind {
        IncidentKind::ConnectionLost => (PathWords::ConnectionLost, Dot::Bad),
        IncidentKind::ConnectionBack => (PathWords::ConnectionBack, Dot::Plain),
        IncidentKind::MediaLost => (PathWords::MediaLost, Dot::Bad),
        IncidentKind::MediaBack => (PathWords::MediaBack, Dot::Plain),
        IncidentKind::PathRenewed => (PathWords::PathRenewed, Dot::Plain),
        IncidentKind::PageBack => (PathWords::PageBack, Dot::Plain),
        IncidentKind::MicrophoneLost => (PathWords::MicrophoneLost, Dot::Bad),
        IncidentKind::MicrophoneBack => (PathWords::MicrophoneBack, Dot::Plain),
        IncidentKind::WayChanged => (PathWords::WayChanged, Dot::Plain),
    };
    PathRow {
        moment: incident.at,
        at: since(call, incident.at),
        dot,
        words,
        who: who.to_owned(),
        rule: None,
        result: PathResult::way(&incident.detail),
        note: String::new(),
    }
}

fn row(call: &CallRecord, step: &CallStep, words: PathWords, who: String) -> PathRow {
    PathRow {
        moment: step.at,
        at: since(call, step.at),
        dot: Dot::Plain,
        words,
        who,
        rule: step
            .rule
            .map(|rule| (PathRule::of(rule), step.detail.clone())),
        result: None,
        note: String::new(),
    }
}

fn conclude(
    row: &mut PathRow,
    call: &CallRecord,
    step: &CallStep,
    began: i64,
    people: &[Colleague],
) {
    row.note = format::duration(format::elapsed(began, step.at));
    (row.dot, row.result) = match step.kind {
        CallStepKind::Answered => {
            // Of many who rang, the one who answered.
            row.who = names(&step.extensions, people);
            row.note = since(call, step.at);
            (Dot::Good, Some(PathResult::Answered))
        }
        CallStepKind::Declined => (Dot::Bad, Some(PathResult::Declined)),
        CallStepKind::CallerGone => (Dot::Bad, Some(PathResult::CallerGone)),
        _ => (Dot::Bad, Some(PathResult::NoAnswer)),
    };
}

fn transferred(call: &CallRecord, step: &CallStep, people: &[Colleague]) -> PathRow {
    let mut extensions = step.extensions.iter();
    let by = extensions.next().map(|one| name(one, people));
    let to = extensions.next().map(|one| name(one, people));
    PathRow {
        dot: Dot::Good,
        result: Some(PathResult::By),
        note: by.unwrap_or_default(),
        ..row(
            call,
            step,
            PathWords::Transferred,
            to.unwrap_or_else(|| step.detail.clone()),
        )
    }
}

/// Something that happened while people talked.
fn happened(call: &CallRecord, step: &CallStep, people: &[Colleague]) -> PathRow {
    let who = names(&step.extensions, people);
    let (words, who) = match step.kind {
        CallStepKind::Held if who.is_empty() => (PathWords::HeldOutside, who),
        CallStepKind::Held => (PathWords::Held, who),
        CallStepKind::Resumed => (PathWords::Resumed, who),
        CallStepKind::Vanished => (PathWords::Vanished, who),
        CallStepKind::Reattached => (PathWords::Reattached, who),
        CallStepKind::Parked => (PathWords::Parked, step.detail.clone()),
        CallStepKind::PickedUp => (PathWords::PickedUp, who),
        CallStepKind::ThirdJoined => (PathWords::ThirdJoined, name(&step.detail, people)),
        CallStepKind::ThirdLeft => (PathWords::ThirdLeft, who),
        _ => (PathWords::Joined, who),
    };
    row(call, step, words, who)
}

fn since(call: &CallRecord, at: i64) -> String {
    format::duration(format::elapsed(call.started_at, at))
}

fn names(extensions: &[String], people: &[Colleague]) -> String {
    let names: Vec<String> = extensions.iter().map(|one| name(one, people)).collect();
    names.join(", ")
}

fn name(extension: &str, people: &[Colleague]) -> String {
    people
        .iter()
        .find(|one| one.extension == extension)
        .map_or_else(|| extension.to_owned(), |one| one.name.clone())
}
