//! Every phrase has a text in every language, and the languages have the same keys.

use serde_json::Value;

const LOCALES: [(&str, &str); 2] = [
    ("en", include_str!("../../locales/en.json")),
    ("ru", include_str!("../../locales/ru.json")),
];

fn parsed() -> Vec<(&'static str, Value)> {
    LOCALES
        .iter()
        .map(|(name, text)| (*name, serde_json::from_str(text).unwrap()))
        .collect()
}

fn text<'a>(locale: &'a Value, key: &str) -> Option<&'a str> {
    key.split('.')
        .try_fold(locale, |value, part| value.get(part.trim()))?
        .as_str()
}

fn assert_said(keys: impl Iterator<Item = &'static str>) {
    let locales = parsed();
    for key in keys {
        let said: Vec<_> = locales
            .iter()
            .map(|(_, locale)| text(locale, &key.replace(' ', "")).unwrap_or(""))
            .collect();
        assert!(
            said.iter().all(|words| !words.is_empty()),
            "{key} is not said in every language"
        );
        assert_ne!(said[0], said[1], "{key} is not translated");
    }
}

#[test]
fn every_phrase_is_said_in_both_languages() {
    use super::*;
    assert_said(choice::KnownChoice::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        client_card::FieldWords::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(ending::Ending::ALL.iter().map(|phrase| phrase.key()));
    assert_said(ending::CodeWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(outcome::Outcome::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        outcome::DirectionSign::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(outcome::WhoHungUp::ALL.iter().map(|phrase| phrase.key()));
    assert_said(trouble::TroubleTitle::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        trouble::TroubleRemedy::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(quality::GradeWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(quality::AdviceWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        call_quality::LegWords::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(precheck::StepTitle::ALL.iter().map(|phrase| phrase.key()));
    assert_said(precheck::StepWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(way::WayName::ALL.iter().map(|phrase| phrase.key()));
    assert_said(way::WayMeaning::ALL.iter().map(|phrase| phrase.key()));
    assert_said(sound::Loudness::ALL.iter().map(|phrase| phrase.key()));
    assert_said(trouble::PhoneWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(card::PhaseWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(card::HandOnWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(line::LineWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(failure::FailureWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(directory::DraftFault::ALL.iter().map(|phrase| phrase.key()));
    assert_said(check::CheckWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(check::StepDetail::ALL.iter().map(|phrase| phrase.key()));
    assert_said(line_draft::LineFault::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        line_draft::LineSetting::ALL
            .iter()
            .filter(|setting| **setting != line_draft::LineSetting::Srtp)
            .map(|phrase| phrase.key()),
    );
    assert_said(dialling::RuleWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        dialling::PatternFault::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(call_path::PathWords::ALL.iter().map(|phrase| phrase.key()));
    assert_said(call_path::PathResult::ALL.iter().map(|phrase| phrase.key()));
    assert_said(call_path::PathRule::ALL.iter().map(|phrase| phrase.key()));
    assert_said(
        dialling::PatternReason::ALL
            .iter()
            .map(|phrase| phrase.key()),
    );
    assert_said(format::SizeUnit::ALL.iter().map(|phrase| phrase.key()));
}

#[test]
fn english_sentences_end_and_shout_not() {
    for (name, locale) in parsed() {
        for ending in super::ending::Ending::ALL {
            let words = text(&locale, &ending.key().replace(' ', "")).unwrap();
            assert!(
                words.ends_with('.') && !words.contains('!'),
                "{name}: {words}"
            );
        }
    }
}

/// Every text with its key.
fn texts(prefix: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(entries) => entries
            .iter()
            .for_each(|(key, value)| texts(&format!("{prefix}.{key}"), value, into)),
        Value::String(text) => into.push((prefix.to_owned(), text.clone())),
        _ => panic!("{prefix} is no text"),
    }
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut names: Vec<&str> = text
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split('}').next())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn the_languages_have_the_same_keys_and_the_same_names_in_braces() {
    let all: Vec<Vec<(String, String)>> = parsed()
        .iter()
        .map(|(_, locale)| {
            let mut found = Vec::new();
            texts("", locale, &mut found);
            found.sort();
            found
        })
        .collect();
    for ((key, english), (russian_key, russian)) in all[0].iter().zip(&all[1]) {
        assert_eq!(key, russian_key);
        assert_eq!(placeholders(english), placeholders(russian), "{key}");
    }
    assert_eq!(all[0].len(), all[1].len());
}
