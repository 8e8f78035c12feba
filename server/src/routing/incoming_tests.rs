use std::sync::LazyLock;

use super::*;
use crate::routing::{
    KnownNumber,
    samples::{ANNA, AWAY, BORIS, MAIN, SALES, VERA, number, office},
};

fn call(responsible: Option<Uuid>) -> Arrival<'static> {
    Arrival {
        line: MAIN,
        number: None,
        caller: Some("+74951234567"),
        responsible,
        absent: nobody_away(),
    }
}

fn nobody_away() -> &'static HashMap<Uuid, Availability> {
    static NOBODY: LazyLock<HashMap<Uuid, Availability>> = LazyLock::new(HashMap::new);
    &NOBODY
}

/// `responsible:Anna 101 10 | group:Sales 102,105 in turn 20 | forward …`
fn shown(decided: &Incoming) -> String {
    match &decided.plan {
        IncomingPlan::Refuse { code, .. } => code.to_string(),
        IncomingPlan::Ring { stages, forward } => {
            let stage = |stage: &Stage| {
                let turn = if stage.how == RingOrder::InTurn {
                    " in turn"
                } else {
                    ""
                };
                format!(
                    "{} {}{turn} {}",
                    stage.rule,
                    stage.extensions.join(","),
                    stage.ring_secs
                )
            };
            let mut shown: Vec<String> = stages.iter().map(stage).collect();
            shown.extend(
                forward
                    .iter()
                    .map(|to| format!("{} {} {}", to.rule, to.attempts[0].number, to.ring_secs)),
            );
            shown.join(" | ")
        }
    }
}

fn users(ids: &[Uuid]) -> Vec<String> {
    ids.iter().map(Uuid::to_string).collect()
}

fn stage_of(ids: &[Uuid], group: Option<Uuid>, in_turn: bool) -> RingStage {
    RingStage {
        users: users(ids),
        group: group.map(|id| id.to_string()),
        order: if in_turn {
            api_types::RingOrder::InTurn
        } else {
            api_types::RingOrder::Together
        },
        secs: 20,
    }
}

#[test]
fn plans_ring_whom_they_name_in_their_order() {
    let plan = |responsible_secs, stages: &[RingStage], forward: Option<&str>| {
        Some(RingPlan {
            responsible_secs,
            stages: stages.to_vec(),
            forward: forward.map(|number| Forward {
                number: number.to_owned(),
                secs: 15,
            }),
        })
    };
    let all = "everybody: 101,102,105 60";
    for (plan, responsible, expected) in [
        (None, None, all.to_owned()),
        (
            None,
            Some(BORIS),
            format!("responsible:Boris 102 10 | {all}"),
        ),
        (None, Some(AWAY), all.to_owned()),
        (None, Some(Uuid::from_u128(999)), all.to_owned()),
        (plan(None, &[], None), Some(BORIS), all.to_owned()),
        (
            plan(Some(7), &[stage_of(&[ANNA], None, false)], None),
            Some(VERA),
            "responsible:Vera 105 7 | employees: 101 20".to_owned(),
        ),
        (
            plan(None, &[stage_of(&[VERA, ANNA], None, true)], None),
            None,
            "employees: 105,101 in turn 20".to_owned(),
        ),
        (
            plan(None, &[stage_of(&[ANNA], Some(SALES), false)], None),
            None,
            "group:Sales 101,102,105 20".to_owned(),
        ),
        (
            plan(
                None,
                &[stage_of(&[BORIS], Some(SALES), true)],
                Some("8 921 555-00-10"),
            ),
            None,
            "group:Sales 102,105 in turn 20 | forward:+79215550010 +79215550010 15".to_owned(),
        ),
        (
            plan(None, &[stage_of(&[AWAY], None, false)], Some("89215550010")),
            None,
            "forward:+79215550010 +79215550010 15".to_owned(),
        ),
        (
            plan(None, &[stage_of(&[AWAY], None, false)], None),
            None,
            "480".to_owned(),
        ),
        (
            plan(None, &[stage_of(&[AWAY], None, false)], Some("nonsense")),
            None,
            "480".to_owned(),
        ),
    ] {
        let mut office = office();
        office.lines[0].plan.clone_from(&plan);
        let decided = incoming(&office, call(responsible));
        assert_eq!(shown(&decided), expected, "{plan:?}");
    }
}

#[test]
fn a_further_number_has_its_own_plan() {
    let mut office = office();
    office.lines[0].numbers = vec![KnownNumber {
        number: number("+74957777777"),
        label: "Service".into(),
        plan: Some(RingPlan {
            stages: vec![stage_of(&[VERA], None, false)],
            ..RingPlan::default()
        }),
        caller_id: false,
    }];
    for spelled in ["+74957777777", "84957777777", "74957777777"] {
        let to_service = Arrival {
            number: Some(spelled),
            ..call(None)
        };
        assert_eq!(shown(&incoming(&office, to_service)), "employees: 105 20");
    }
    assert_eq!(
        shown(&incoming(&office, call(None))),
        "everybody: 101,102,105 60"
    );
}

#[test]
fn blocked_and_anonymous_callers_are_refused_and_it_is_told_why() {
    let mut office = office();
    office.blocked.insert("+74951234567".to_owned());
    let blocked = incoming(&office, call(None));
    assert_eq!(
        (shown(&blocked).as_str(), blocked.steps[0].kind),
        ("603", CallStepKind::Blocked)
    );
    let hidden = Arrival {
        caller: None,
        ..call(None)
    };
    assert_eq!(incoming(&office, hidden).steps, []);
    office.settings.anonymous = AnonymousCallers::Refuse;
    let refused = incoming(&office, hidden);
    assert_eq!(
        (shown(&refused).as_str(), refused.steps[0].kind),
        ("433", CallStepKind::Anonymous)
    );
}

#[test]
fn nobody_who_takes_calls_is_480() {
    let mut office = office();
    office.employees.clear();
    assert_eq!(shown(&incoming(&office, call(None))), "480");
}

#[test]
fn whoever_is_not_available_is_passed_over_and_that_is_said_once() {
    let office = office();
    let absent = HashMap::from([(ANNA, Availability::Lunch), (VERA, Availability::Away)]);
    let arrival = Arrival {
        absent: &absent,
        ..call(Some(ANNA))
    };
    let decided = incoming(&office, arrival);
    assert_eq!(shown(&decided), "everybody: 102 60");
    let said: Vec<_> = decided.steps.iter().map(|step| step.said).collect();
    assert_eq!(said, [Some(Availability::Lunch), Some(Availability::Away)]);
    let all = [ANNA, BORIS, VERA].map(|user| (user, Availability::DoNotDisturb));
    let nobody = Arrival {
        absent: &HashMap::from(all),
        ..call(None)
    };
    let refused = incoming(&office, nobody);
    assert_eq!((shown(&refused).as_str(), refused.steps.len()), ("480", 1));
    assert_eq!(refused.steps[0].extensions, ["101", "102", "105"]);
}
