use api_types::{DialOverrides, PrefixOrder, Rewrite, Tariff, Tariffs, UserLines};
use numbering::{Rewrites, Rules};

use super::*;
use crate::routing::samples::{ANNA, BORIS, LONDON, MAIN, office};

fn wish<'a>(office: &'a Office, user: Uuid, dialled: &'a str) -> Wish<'a> {
    Wish {
        caller: office.by_user(user),
        dialled,
        line: None,
        number: None,
    }
}

/// `Main 84951234567, London …`, the extension, or the rule that refuses.
fn outcome(office: &Office, wish: Wish<'_>) -> String {
    let decided = outgoing(office, wish);
    match &decided.end {
        End::Lines { attempts, .. } => {
            let shown = attempts.iter().map(|attempt| {
                let label = &office.line(attempt.line).unwrap().label;
                format!("{label} {}", attempt.number)
            });
            shown.collect::<Vec<_>>().join(", ")
        }
        End::Inside(extension) => extension.clone(),
        End::Refused => format!("{:?}", decided.steps.last().unwrap().rule),
    }
}

#[test]
fn numbers_go_out_by_the_lines_in_order_and_colleagues_are_called_inside() {
    let office = office();
    for (dialled, expected) in [
        (
            "8 (495) 123-45-67",
            "Main +74951234567, London +74951234567",
        ),
        ("600", "Main 600, London 600"),
        ("*100#", "Main *100#, London *100#"),
        ("102", "102"),
        ("101", "OwnExtension"),
        ("112", "Main 112, London 112"),
        ("sip:evil@example.com", "NotANumber"),
        ("", "NotANumber"),
        ("+44 20 7946 0018", "International"),
        ("8 809 505-00-11", "Direction"),
    ] {
        assert_eq!(
            outcome(&office, wish(&office, ANNA, dialled)),
            expected,
            "{dialled}"
        );
    }
    let abroad = outcome(&office, wish(&office, BORIS, "+44 20 7946 0018"));
    assert_eq!(
        abroad, "Main +442079460018, London +442079460018",
        "by the group's right"
    );
}

#[test]
fn only_a_phone_user_calls() {
    let office = office();
    let nobody = Wish {
        caller: None,
        dialled: "112",
        line: None,
        number: None,
    };
    assert_eq!(outcome(&office, nobody), "NotAPhoneUser");
}

#[test]
fn the_order_is_by_user_then_prefix_then_price_then_default() {
    let mut office = office();
    let lines = |ids: &[Uuid]| ids.iter().map(Uuid::to_string).collect::<Vec<_>>();
    let moscow = "84951234567";
    office.order.prefixes = vec![PrefixOrder {
        prefix: "+7812".into(),
        lines: lines(&[LONDON]),
    }];
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "88121234567")),
        "London +78121234567, Main +78121234567"
    );
    assert!(outcome(&office, wish(&office, ANNA, moscow)).starts_with("Main"));
    office.order.least_cost = true;
    for (line, minute_micros) in [(0, 3_000_000), (1, 1_000_000)] {
        office.lines[line].tariffs = Some(Tariffs {
            currency: "RUB".into(),
            rows: vec![Tariff {
                prefix: "+7495".into(),
                label: String::new(),
                minute_micros,
                call_micros: 0,
                round_secs: 60,
            }],
        });
    }
    assert!(outcome(&office, wish(&office, ANNA, moscow)).starts_with("London"));
    assert!(outcome(&office, wish(&office, ANNA, "88432345678")).starts_with("Main"));
    office.order.users = vec![UserLines {
        user: ANNA.to_string(),
        lines: lines(&[MAIN]),
        caller_number: Some("+74950000000".into()),
    }];
    assert!(outcome(&office, wish(&office, ANNA, moscow)).starts_with("Main"));
    assert!(outcome(&office, wish(&office, BORIS, moscow)).starts_with("London"));
    let End::Lines { attempts, .. } = outgoing(&office, wish(&office, ANNA, moscow)).end else {
        panic!("no lines");
    };
    assert_eq!(attempts[0].caller_id.as_deref(), Some("+74950000000"));
    assert_eq!(attempts[1].caller_id, None, "London has no such number");
    office.order.failover = false;
    assert_eq!(
        outcome(&office, wish(&office, ANNA, moscow)),
        "Main +74951234567"
    );
}

#[test]
fn each_line_rewrites_and_forbids_in_its_own_way() {
    let mut office = office();
    let rewrite = |pattern: &str, replacement: &str| Rewrite {
        pattern: pattern.into(),
        replacement: replacement.into(),
    };
    office.lines[0].rewrites = Rewrites::new(&[rewrite("7", "8")]).unwrap();
    office.lines[1].rewrites = Rewrites::new(&[rewrite(r"^\+([0-9]+)$", r"00\1")]).unwrap();
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "84951234567")),
        "Main 84951234567, London 0074951234567"
    );
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "112")),
        "Main 112, London 112"
    );
    let not_here = DialOverrides {
        forbidden: Some(vec!["+7495".into()]),
        ..DialOverrides::default()
    };
    office.lines[0].rules = Some(Rules::for_line(&office.settings, &not_here).unwrap());
    let decided = outgoing(&office, wish(&office, ANNA, "84951234567"));
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "84951234567")),
        "London 0074951234567"
    );
    let told: Vec<_> = decided
        .steps
        .iter()
        .map(|step| (step.rule, step.detail.as_str(), step.verdict))
        .collect();
    assert!(
        told.contains(&(TryRule::Line, "Main", StepVerdict::Skipped)),
        "{told:?}"
    );
    assert!(told.contains(&(TryRule::Line, "London", StepVerdict::Allowed)));
    assert_eq!(told.last().unwrap().0, TryRule::Rewrite);
    let chosen = Wish {
        line: Some(MAIN),
        ..wish(&office, ANNA, "84951234567")
    };
    assert_eq!(outcome(&office, chosen), "ForbiddenCode");
}

#[test]
fn an_emergency_call_goes_by_lines_that_carry_it_first() {
    let mut office = office();
    office.lines[0].emergency = false;
    office.lines[1].emergency = true;
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "112")),
        "London 112, Main 112"
    );
    // An extension hides a service's number, never the first one.
    assert_eq!(outcome(&office, wish(&office, ANNA, "102")), "102");
    office.employees[1].extension = "112".into();
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "112")),
        "London 112, Main 112"
    );
}

#[test]
fn without_a_line_it_is_said_so() {
    let mut office = office();
    office.lines.clear();
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "84951234567")),
        "NoLine"
    );
    assert_eq!(
        outcome(&office, wish(&office, ANNA, "+44 20 7946 0018")),
        "International"
    );
    let plan = outgoing(&office, wish(&office, ANNA, "84951234567")).into_plan();
    assert!(matches!(plan, OutgoingPlan::Refuse { code: 503, .. }));
}

#[test]
fn a_line_and_a_number_chosen_for_a_call_are_followed_if_they_are_ones_own() {
    let mut office = office();
    let chosen = |line, number| Wish {
        line,
        number,
        ..wish(&office, ANNA, "84951234567")
    };
    assert_eq!(
        outcome(&office, chosen(Some(LONDON), None)),
        "London +74951234567"
    );
    let number = office.line(LONDON).unwrap().number.e164.clone();
    let by_number = chosen(None, Some(&number));
    assert_eq!(outcome(&office, by_number), "London +74951234567");
    let End::Lines { attempts, .. } = outgoing(&office, by_number).end else {
        panic!("it goes out");
    };
    assert_eq!(attempts[0].caller_id.as_deref(), Some(number.as_str()));
    assert_eq!(
        outcome(&office, chosen(Some(MAIN), Some(&number))),
        "NotYourNumber"
    );
    // A softphone that sends its own extension chose nothing.
    assert_eq!(
        outcome(&office, chosen(None, Some("101"))),
        "Main +74951234567, London +74951234567"
    );
    office.order.users = vec![UserLines {
        user: ANNA.to_string(),
        lines: vec![MAIN.to_string()],
        caller_number: None,
    }];
    let theirs = |dialled| Wish {
        line: Some(LONDON),
        ..wish(&office, ANNA, dialled)
    };
    assert_eq!(outcome(&office, theirs("84951234567")), "NotYourLine");
    let plan = outgoing(&office, theirs("84951234567")).into_plan();
    assert!(matches!(plan, OutgoingPlan::Refuse { code: 403, .. }));
    // Nothing stands in the way of an emergency call, and a colleague is no matter of lines.
    assert_eq!(outcome(&office, theirs("112")), "Main 112, London 112");
    assert_eq!(outcome(&office, theirs("102")), "102");
    let labels = |user| -> Vec<String> {
        let lines = callable(&office, user).into_iter();
        lines.map(|line| line.label.clone()).collect()
    };
    assert_eq!(labels(ANNA), ["Main"]);
    assert_eq!(labels(BORIS), ["Main", "London"]);
}
