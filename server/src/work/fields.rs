//! Values of custom fields, as text of one form for each kind.

use api_types::{FieldDef, FieldKind, Fields};
use time::{Date, macros::format_description};

use super::Problem;

/// Characters of a value at most.
const LONGEST: usize = 2000;

/// The fields of a record of this table as they are kept. `before` is what the record held; what it held of
/// fields that are no more stays. `read_phone` makes E.164 of a number in any spelling.
pub(crate) fn check(
    defs: &[FieldDef],
    table: &str,
    given: &Fields,
    before: Option<&Fields>,
    read_phone: impl Fn(&str) -> Option<String>,
) -> Result<Fields, Problem> {
    let mut kept = Fields::new();
    let defs: Vec<&FieldDef> = defs.iter().filter(|def| def.table == table).collect();
    for (key, value) in given {
        let value = value.trim();
        let held = before.and_then(|before| before.get(key));
        match defs.iter().find(|def| def.key == *key) {
            _ if value.is_empty() => {}
            // What was good when it was written may stay.
            _ if held.is_some_and(|held| held == value) => {
                kept.insert(key.clone(), value.to_owned());
            }
            Some(def) => {
                kept.insert(key.clone(), one(def, value, &read_phone)?);
            }
            None => {
                let message =
                    format!("there is no field {key:?}; reload the page, the fields were changed");
                return Err(Problem::new("no_field", format!("fields.{key}"), message));
            }
        }
    }
    match defs
        .iter()
        .find(|def| def.required && !kept.contains_key(&def.key))
    {
        Some(def) => Err(Problem::new(
            "field_required",
            format!("fields.{}", def.key),
            format!("fill in {:?}: it is required", def.label),
        )),
        None => Ok(kept),
    }
}

fn one(
    def: &FieldDef,
    value: &str,
    read_phone: &impl Fn(&str) -> Option<String>,
) -> Result<String, Problem> {
    let wrong = |message: String| Problem::new("bad_field", format!("fields.{}", def.key), message);
    let label = &def.label;
    if value.chars().count() > LONGEST {
        return Err(wrong(format!(
            "{label:?} is longer than {LONGEST} characters; shorten it"
        )));
    }
    match def.kind {
        FieldKind::Text => Ok(value.to_owned()),
        FieldKind::Number => number(value)
            .ok_or_else(|| wrong(format!("{label:?} takes a number, for example 12.5"))),
        FieldKind::Date => date(value)
            .ok_or_else(|| wrong(format!("{label:?} takes a date, for example 2026-01-31"))),
        FieldKind::Choice => match def.choices.iter().any(|choice| choice == value) {
            true => Ok(value.to_owned()),
            false => Err(wrong(format!(
                "{value:?} is not one of the choices of {label:?}"
            ))),
        },
        FieldKind::Flag => match value {
            "true" | "false" => Ok(value.to_owned()),
            _ => Err(wrong(format!("{label:?} takes true or false"))),
        },
        FieldKind::Link => link(value).ok_or_else(|| {
            wrong(format!(
                "{label:?} takes an address that begins with https:// or http://"
            ))
        }),
        FieldKind::Phone => read_phone(value).ok_or_else(|| {
            wrong(format!(
                "{value:?} in {label:?} is not a phone number; write it with digits"
            ))
        }),
    }
}

/// With a point, and no spaces between thousands.
fn number(value: &str) -> Option<String> {
    let plain: String = value
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| if c == ',' { '.' } else { c })
        .collect();
    let digits = plain.strip_prefix('-').unwrap_or(&plain);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    (is_number(whole) && is_number(part)).then_some(plain)
}

fn date(value: &str) -> Option<String> {
    let written = format_description!("[year]-[month]-[day]");
    let russian = format_description!("[day].[month].[year]");
    let read = Date::parse(value, written).or_else(|_| Date::parse(value, russian));
    read.ok()?.format(written).ok()
}

/// Only what a click may open.
fn link(value: &str) -> Option<String> {
    let lower = value.to_lowercase();
    let rest = lower
        .strip_prefix("https://")
        .or_else(|| lower.strip_prefix("http://"));
    let is_good = rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace));
    is_good.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(kind: FieldKind) -> FieldDef {
        FieldDef {
            key: "f".to_owned(),
            table: "contacts".to_owned(),
            label: "Field".to_owned(),
            kind,
            choices: vec!["Red".to_owned()],
            required: false,
        }
    }

    fn kept(kind: FieldKind, value: &str) -> Option<String> {
        let phone = |text: &str| text.starts_with('+').then(|| text.to_owned());
        let given = Fields::from([("f".to_owned(), value.to_owned())]);
        let kept = check(&[def(kind)], "contacts", &given, None, phone).ok()?;
        kept.get("f").cloned()
    }

    #[test]
    fn each_kind_has_one_form_and_refuses_the_rest() {
        let some = |text: &str| Some(text.to_owned());
        for (kind, typed, expected) in [
            (FieldKind::Text, " =1+1 ", some("=1+1")),
            (FieldKind::Number, "12 500,75", some("12500.75")),
            (FieldKind::Number, "-3", some("-3")),
            (FieldKind::Number, "a lot", None),
            (FieldKind::Number, "1.2.3", None),
            (FieldKind::Date, "31.01.2026", some("2026-01-31")),
            (FieldKind::Date, "2026-02-30", None),
            (FieldKind::Choice, "Red", some("Red")),
            (FieldKind::Choice, "Blue", None),
            (FieldKind::Flag, "true", some("true")),
            (FieldKind::Flag, "maybe", None),
            (
                FieldKind::Link,
                "https://example.com/a",
                some("https://example.com/a"),
            ),
            (FieldKind::Link, "javascript:alert(1)", None),
            (FieldKind::Phone, "+74951234567", some("+74951234567")),
            (FieldKind::Phone, "📞", None),
        ] {
            assert_eq!(kept(kind, typed), expected, "{kind:?} {typed}");
        }
    }

    #[test]
    fn a_required_field_must_be_there_and_an_unknown_one_must_not() {
        let required = FieldDef {
            required: true,
            ..def(FieldKind::Text)
        };
        let none = Fields::new();
        let no_phone = |_: &str| None;
        let missing = check(
            std::slice::from_ref(&required),
            "contacts",
            &none,
            None,
            no_phone,
        );
        assert_eq!(missing.unwrap_err().code, "field_required");
        let elsewhere = check(&[required], "companies", &none, None, no_phone);
        assert_eq!(elsewhere, Ok(Fields::new()));
        let old = Fields::from([("gone".to_owned(), "1".to_owned())]);
        assert_eq!(
            check(&[], "contacts", &old, None, no_phone)
                .unwrap_err()
                .code,
            "no_field"
        );
        assert_eq!(
            check(&[], "contacts", &old, Some(&old), no_phone),
            Ok(old.clone())
        );
    }
}
