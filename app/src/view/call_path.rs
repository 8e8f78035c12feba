//! The path of a call as rows: who was rung by which rule, which lines were tried, what came of it.

use api_types::{CallRecord, CallStep, CallStepKind, Colleague, Incident, IncidentKind, PlanRule};

use super::format;

phrases! {
    /// What a row is about; `{who}` stands in most.
    pub enum PathWords {
        /// Extensions rang.
        Rang => path.rang,
        /// Nobody had a phone.
        PassedOver => path.passed_over,
        /// A line was tried.
        Line => path.line,
        /// The call was forwarded over a line.
        Forwarded => path.forwarded,
        /// Handed over.
        Transferred => path.transferred,
        /// On hold.
        Held => path.held,
        /// On hold by the other side.
        HeldOutside => path.held_outside,
        /// Off hold.
        Resumed => path.resumed,
        /// A page or a network was gone.
        Vanished => path.vanished,
        /// And came back.
        Reattached => path.reattached,
        /// In a slot.
        Parked => path.parked,
        /// Out of it.
        PickedUp => path.picked_up,
        /// A conference began.
        ThirdJoined => path.third_joined,
        /// It ended.
        ThirdLeft => path.third_left,
        /// The call went on in another one.
        Joined => path.joined,
        /// A blocked number.
        Blocked => path.blocked,
        /// A hidden number.
        Anonymous => path.anonymous,
        /// A browser's connection was lost.
        ConnectionLost => path.connection_lost,
        /// And is back.
        ConnectionBack => path.connection_back,
        /// Audio stopped.
        MediaLost => path.media_lost,
        /// And flows again.
        MediaBack => path.media_back,
        /// ICE restart.
        PathRenewed => path.path_renewed,
        /// The page was loaded again.
        PageBack => path.page_back,
        /// The microphone is gone.
        MicrophoneLost => path.microphone_lost,
        /// There is one again.
        MicrophoneBack => path.microphone_back,
        /// Audio goes another way.
        WayChanged => path.way_changed,
        /// The end.
        Ended => path.ended,
    }
}

phrases! {
    /// What came of it; `{time}` and `{who}` stand in some.
    pub enum PathResult {
        /// Answered.
        Answered => path.answered,
        /// In time nobody did.
        NoAnswer => path.no_answer,
        /// Busy or declined.
        Declined => path.declined,
        /// The caller went.
        CallerGone => path.caller_gone,
        /// No phone.
        NoPhone => path.no_phone,
        /// Still ringing.
        Ringing => path.ringing,
        /// Refused.
        Refused => path.refused,
        /// By whom a call was handed over.
        By => path.by,
        /// A way of audio.
        Udp => way.udp.name,
        /// A way of audio.
        Tcp => way.tcp.name,
        /// A way of audio.
        TurnUdp => way.turn_udp.name,
        /// A way of audio.
        TurnTcp => way.turn_tcp.name,
        /// A way of audio.
        TurnTls => way.turn_tls.name,
        /// Not at the desk.
        Away => presence.away,
        /// Ate.
        Lunch => presence.lunch,
        /// Sat with others.
        Meeting => presence.meeting,
        /// Wrote the call before up.
        WrapUp => presence.wrap_up,
        /// Wanted quiet.
        DoNotDisturb => presence.do_not_disturb,
    }
}

phrases! {
    /// Which rule it was; `{name}` stands in some.
    pub enum PathRule {
        /// The employee responsible for the client.
        Responsible => path.rule_responsible,
        /// Named in the plan.
        Employees => path.rule_employees,
        /// A group.
        Group => path.rule_group,
        /// No plan.
        Everybody => path.rule_everybody,
        /// A number outside.
        Forward => path.rule_forward,
    }
}

impl PathResult {
    /// Why somebody was passed over: [`api_types::Availability`] as it is written.
    fn absent(said: &str) -> Self {
        match said {
            "lunch" => Self::Lunch,
            "meeting" => Self::Meeting,
            "wrap_up" => Self::WrapUp,
            "do_not_disturb" => Self::DoNotDisturb,
            _ => Self::Away,
        }
    }
}

impl PathResult {
    /// Of the name of a way.
    fn way(name: &str) -> Option<Self> {
        Some(match name {
            "udp" => Self::Udp,
            "tcp" => Self::Tcp,
            "turn-udp" => Self::TurnUdp,
            "turn-tcp" => Self::TurnTcp,
            "turn-tls" => Self::TurnTls,
            _ => return None,
        })
    }
}

impl PathRule {
    /// Of a rule.
    pub fn of(rule: PlanRule) -> Self {
        match rule {
            PlanRule::Responsible => Self::Responsible,
            PlanRule::Employees => Self::Employees,
            PlanRule::Group => Self::Group,
            PlanRule::Everybody => Self::Everybody,
            PlanRule::Forward => Self::Forward,
        }
    }
}

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

#[cfg(test)]
mod tests {
    use api_types::{CallStatus, Direction};

    use super::*;

    fn call() -> CallRecord {
        CallRecord {
            id: String::new(),
            direction: Direction::Incoming,
            status: CallStatus::Answered,
            started_at: 1_000,
            answered_at: Some(18_000),
            ended_at: Some(61_000),
            employee: None,
            rung: Vec::new(),
            contact: None,
            number: None,
            network_name: None,
            line: None,
            hung_up_by: None,
            sip_code: 200,
            sip_reason: String::new(),
            recording: None,
            digits: String::new(),
            note: String::new(),
            brought: None,
            parked_in: None,
            put_into: None,
            is_held: false,
            client: None,
            wait_ms: 0,
            talk_ms: 0,
            deal: None,
            result: None,
            reason: None,
            returned: None,
            tries: 0,
            calling_back: None,
            legal_hold: false,
        }
    }

    fn step(at: i64, kind: CallStepKind, extensions: &[&str]) -> CallStep {
        CallStep {
            at,
            kind,
            rule: None,
            detail: String::new(),
            extensions: extensions.iter().map(|&one| one.to_owned()).collect(),
            reachable: Vec::new(),
            secs: 0,
            code: 0,
            reason: String::new(),
        }
    }

    fn people() -> Vec<Colleague> {
        let one = |extension: &str, name: &str| Colleague {
            id: String::new(),
            name: name.to_owned(),
            extension: extension.to_owned(),
            presence: api_types::Presence::default(),
            reachable: true,
            on_call: false,
        };
        vec![one("205", "Anna"), one("206", "Ilya")]
    }

    #[test]
    fn who_rang_and_what_came_of_it_is_one_row() {
        let mut group = step(11_000, CallStepKind::Rings, &["205", "206"]);
        group.rule = Some(PlanRule::Group);
        group.detail = "Sales".to_owned();
        let steps = [
            step(1_000, CallStepKind::Rings, &["206"]),
            step(11_000, CallStepKind::NoAnswer, &["206"]),
            group,
            step(18_000, CallStepKind::Answered, &["205"]),
        ];
        let rows = rows(&call(), &steps, &people());
        let told: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.at.as_str(),
                    row.who.as_str(),
                    row.result,
                    row.note.as_str(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("0:00", "Ilya", Some(PathResult::NoAnswer), "0:10"),
                ("0:10", "Anna", Some(PathResult::Answered), "0:17"),
                ("1:00", "", None, ""),
            ]
        );
        assert_eq!(rows[1].rule, Some((PathRule::Group, "Sales".to_owned())));
    }

    #[test]
    fn how_long_it_was_on_hold_stands_beside_who_held_it() {
        let steps = [
            step(1_000, CallStepKind::Held, &["205"]),
            step(11_000, CallStepKind::Held, &[]),
            step(16_000, CallStepKind::Resumed, &["205"]),
        ];
        let rows = rows(&call(), &steps, &people());
        let notes: Vec<_> = rows.iter().map(|row| row.note.as_str()).collect();
        assert_eq!(notes, ["0:15", "", "", ""]);
    }

    #[test]
    fn a_line_that_failed_says_what_it_answered_and_the_next_one_follows() {
        let line = |at, kind, label: &str, code| CallStep {
            detail: label.to_owned(),
            code,
            reason: if code == 0 { "" } else { "Service Unavailable" }.to_owned(),
            ..step(at, kind, &[])
        };
        let steps = [
            line(1_000, CallStepKind::LineTried, "Cheap", 0),
            line(2_000, CallStepKind::LineFailed, "Cheap", 503),
            line(2_000, CallStepKind::LineTried, "Sure", 0),
        ];
        let rows = rows(&call(), &steps, &[]);
        assert_eq!(
            (rows[0].dot, rows[0].note.as_str()),
            (Dot::Bad, "503 Service Unavailable")
        );
        assert_eq!((rows[1].who.as_str(), rows[1].dot), ("Sure", Dot::Plain));
    }

    #[test]
    fn what_a_browser_met_stands_at_its_time_and_never_after_the_end() {
        let met = |at, kind, detail: &str| {
            let detail = detail.to_owned();
            ("Anna".to_owned(), Incident { at, kind, detail })
        };
        let met = [
            met(30_000, IncidentKind::PageBack, ""),
            met(20_000, IncidentKind::WayChanged, "tcp"),
            met(70_000, IncidentKind::ConnectionLost, ""),
        ];
        let steps = [step(25_000, CallStepKind::Held, &["205"])];
        let call = call();
        let rows = with_incidents(&call, rows(&call, &steps, &people()), &met);
        let told: Vec<_> = rows
            .iter()
            .map(|row| (row.at.as_str(), row.words))
            .collect();
        assert_eq!(
            told,
            [
                ("0:19", PathWords::WayChanged),
                ("0:24", PathWords::Held),
                ("0:29", PathWords::PageBack),
                ("1:09", PathWords::ConnectionLost),
                ("1:00", PathWords::Ended),
            ]
        );
        assert_eq!(rows[0].result, Some(PathResult::Tcp));
        assert_eq!(rows[0].who, "Anna");
    }

    #[test]
    fn a_transfer_names_both() {
        let steps = [step(30_000, CallStepKind::Transferred, &["205", "206"])];
        let rows = rows(&call(), &steps, &people());
        assert_eq!(
            (rows[0].who.as_str(), rows[0].note.as_str()),
            ("Ilya", "Anna")
        );
    }
}
