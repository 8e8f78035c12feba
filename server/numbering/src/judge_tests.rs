//! Reading and judging, by tables.

use api_types::{DialPattern, NumberSettings, PatternAction};

use super::*;
use crate::defaults;

fn moscow() -> NumberSettings {
    let pattern = |pattern: &str, action, prefix: &str| DialPattern {
        pattern: pattern.to_owned(),
        action,
        prefix: prefix.to_owned(),
    };
    let mut settings = defaults("RU");
    settings.dial.area_code = "495".to_owned();
    settings.dial.local_digits = Some(7);
    settings.dial.patterns = vec![
        pattern("_6XX", PatternAction::Pass, ""),
        pattern("_*X.", PatternAction::Pass, ""),
        pattern("_9XXX", PatternAction::Prefix, "8495123"),
        pattern("_0X", PatternAction::Forbid, ""),
        pattern("_810370X.", PatternAction::Pass, ""),
    ];
    settings.forbidden = vec!["+7 809".to_owned(), "+882".to_owned(), "899".to_owned()];
    settings.directions.all_international = false;
    settings.directions.allowed = vec!["GB".to_owned(), "KZ".to_owned()];
    settings
}

fn right() -> Rights {
    Rights {
        user: true,
        ..Rights::default()
    }
}

/// What leaves, or the rule that forbids.
fn outcome(rules: &Rules, dialled: &str, rights: &Rights) -> Result<String, TryRule> {
    let reading = rules.read(dialled);
    let last = |steps: &[TryStep]| steps.last().map_or(TryRule::AsItIs, |step| step.rule);
    let Some(number) = reading.number else {
        return Err(last(&reading.steps));
    };
    let judged = rules.judge(&number, rights);
    match judged.allowed {
        true => Ok(number.number),
        false => Err(last(&judged.steps)),
    }
}

#[test]
fn numbers_become_full_or_are_refused_by_the_rule_that_forbids_them() {
    let rules = Rules::new(&moscow()).unwrap();
    for (dialled, expected) in [
        ("123-45-67", Ok("+74951234567")),
        ("8 (495) 123-45-67", Ok("+74951234567")),
        ("+7 495 123-45-67", Ok("+74951234567")),
        ("7 495 123 45 67", Ok("+74951234567")),
        ("4951234567", Ok("+74951234567")),
        ("810 44 (20) 7946-0018", Ok("+442079460018")),
        ("+44 20 7946 0018", Ok("+442079460018")),
        ("8 123 45", Err(TryRule::LocalLength)),
        ("8123456", Ok("+74958123456")),
        ("600", Ok("600")),
        ("*21#", Ok("*21#")),
        ("9001", Ok("+74951239001")),
        ("05", Err(TryRule::Pattern)),
        ("12345", Err(TryRule::LocalLength)),
        ("8 809 505-00-11", Err(TryRule::ForbiddenCode)),
        ("810 882 16 5550 1234", Err(TryRule::ForbiddenCode)),
        ("899 123 4567 8", Err(TryRule::ForbiddenCode)),
        ("+371 2555 0142", Err(TryRule::Direction)),
        ("8103705551234", Err(TryRule::Direction)),
        ("+870 773 111 632", Err(TryRule::Direction)),
        ("+7 701 234 5678", Ok("+77012345678")),
        ("", Err(TryRule::NotANumber)),
        ("+", Err(TryRule::NotANumber)),
        ("sip:evil@example.com", Err(TryRule::NotANumber)),
        ("12;34", Err(TryRule::NotANumber)),
        (
            "1111111111111111111111111111111111111111",
            Err(TryRule::NotANumber),
        ),
    ] {
        let found = outcome(&rules, dialled, &right());
        assert_eq!(found, expected.map(str::to_owned), "{dialled}");
    }
}

#[test]
fn emergency_numbers_pass_whatever_the_rules() {
    let mut settings = moscow();
    settings.dial.patterns = vec![DialPattern {
        pattern: "_1XX".to_owned(),
        action: PatternAction::Forbid,
        prefix: String::new(),
    }];
    settings.forbidden = vec!["1".to_owned(), "0".to_owned()];
    settings.international = InternationalCalls::Nobody;
    let rules = Rules::new(&settings).unwrap();
    for number in ["112", "1-1-2", "103", "02"] {
        let typed = number.replace('-', "");
        assert_eq!(
            outcome(&rules, number, &Rights::default()),
            Ok(typed),
            "{number}"
        );
    }
    assert_eq!(
        outcome(&rules, "105", &Rights::default()),
        Err(TryRule::Pattern)
    );
}

#[test]
fn abroad_is_for_those_with_the_right() {
    let rules = Rules::new(&moscow()).unwrap();
    let nobody = Rights::default();
    let group = Rights {
        group: Some("Sales".to_owned()),
        ..Rights::default()
    };
    let never = Rights {
        international: InternationalCalls::Nobody,
        ..right()
    };
    let all = Rights {
        international: InternationalCalls::Everybody,
        ..Rights::default()
    };
    for (rights, allowed) in [
        (&nobody, false),
        (&group, true),
        (&right(), true),
        (&never, false),
        (&all, true),
    ] {
        let found = outcome(&rules, "+442079460018", rights);
        assert_eq!(found.is_ok(), allowed, "{rights:?}");
        assert!(outcome(&rules, "84951234567", rights).is_ok());
    }
    // Kazakhstan has Russia's code and is abroad.
    assert_eq!(
        outcome(&rules, "+77012345678", &nobody),
        Err(TryRule::International)
    );
}

#[test]
fn every_step_is_told() {
    let rules = Rules::new(&moscow()).unwrap();
    let group = Rights {
        group: Some("Sales".to_owned()),
        ..Rights::default()
    };
    let reading = rules.read("810 44 (20) 7946-0018");
    let number = reading.number.unwrap();
    let steps: Vec<_> = reading
        .steps
        .into_iter()
        .chain(rules.judge(&number, &group).steps)
        .map(|step| (step.rule, step.detail, step.after))
        .collect();
    let expected = [
        (TryRule::Cleaned, "", "810442079460018"),
        (TryRule::InternationalPrefix, "810", "+442079460018"),
        (TryRule::Direction, "GB:fixed", "+442079460018"),
        (TryRule::International, "Sales", "+442079460018"),
    ];
    let expected: Vec<_> = expected
        .map(|(rule, detail, after)| (rule, detail.to_owned(), after.to_owned()))
        .into();
    assert_eq!(steps, expected);
}

#[test]
fn without_a_local_length_short_numbers_go_out_as_they_are() {
    let rules = Rules::new(&defaults("RU")).unwrap();
    for (dialled, expected) in [
        ("600", "600"),
        ("8 (495) 123-45-67", "+74951234567"),
        ("12345", "12345"),
        ("*100#", "*100#"),
        ("+1 202-555-0123", "+12025550123"),
    ] {
        assert_eq!(outcome(&rules, dialled, &right()), Ok(expected.to_owned()));
    }
}

#[test]
fn other_countries_have_their_own_ways() {
    for (country, dialled, expected) in [
        ("GB", "020 7946 0018", "+442079460018"),
        ("GB", "00 7 495 123 45 67", "+74951234567"),
        ("GB", "999", "999"),
        ("US", "1 (202) 555-0123", "+12025550123"),
        ("US", "(202) 555-0123", "+12025550123"),
        ("US", "011 44 20 7946 0018", "+442079460018"),
        ("DE", "030 901820", "+4930901820"),
        ("IT", "06 6982", "+39066982"),
    ] {
        let rules = Rules::new(&defaults(country)).unwrap();
        let found = outcome(&rules, dialled, &right());
        assert_eq!(found, Ok(expected.to_owned()), "{country} {dialled}");
    }
}

#[test]
fn a_line_overrides_what_it_names() {
    let line = api_types::DialOverrides {
        area_code: Some("812".to_owned()),
        forbidden: Some(Vec::new()),
        ..api_types::DialOverrides::default()
    };
    let rules = Rules::for_line(&moscow(), &line).unwrap();
    assert_eq!(
        outcome(&rules, "1234567", &right()),
        Ok("+78121234567".to_owned())
    );
    // Paid services need a tick of their own.
    assert_eq!(
        outcome(&rules, "88095050011", &right()),
        Err(TryRule::Direction)
    );
}
