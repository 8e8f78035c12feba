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
        row: None,
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
