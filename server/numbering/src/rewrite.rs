//! Auto-replace: the number as a line wants it.

use api_types::{PatternFaultKind as Fault, PatternProblem, Rewrite};
use regex::{Regex, RegexBuilder};
use regex_syntax::ast::ErrorKind;

/// Octets a compiled pattern may take: patterns come from people.
const LARGEST: usize = 1 << 20;

/// The rules of a line, ready for use. The first one that matches is applied.
#[derive(Clone, Debug, Default)]
pub struct Rewrites(Vec<Rule>);

#[derive(Clone, Debug)]
struct Rule {
    text: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    /// Plain digits at the start of the number, whether a `+` stands before them or not.
    Leading {
        digits: String,
        replacement: String,
    },
    Regex {
        pattern: Regex,
        replacement: String,
    },
}

/// What a rule made of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// Which rule, counted from 0.
    pub rule: usize,
    /// The rule, `pattern/replacement`.
    pub text: String,
    /// The number.
    pub number: String,
}

impl Rewrites {
    /// Reads rules.
    ///
    /// # Errors
    /// The first bad one, with the place in it and the reason.
    pub fn new(rules: &[Rewrite]) -> Result<Self, PatternProblem> {
        let rules = rules.iter().enumerate();
        rules
            .map(|(rule, rewrite)| compile(rule, rewrite))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// What becomes of a number; `None`: no rule matches, it stays as it is.
    ///
    /// An expression sees the number with its `+`; one that does not match sees it once more
    /// without, because many providers' own instructions are written so (`^7/8`).
    #[must_use]
    pub fn apply(&self, number: &str) -> Option<Rewritten> {
        let mut rules = self.0.iter().enumerate();
        rules.find_map(|(at, rule)| {
            Some(Rewritten {
                rule: at,
                text: rule.text.clone(),
                number: rule.what.apply(number)?,
            })
        })
    }
}

impl What {
    fn apply(&self, number: &str) -> Option<String> {
        let bare = number.strip_prefix('+').unwrap_or(number);
        match self {
            Self::Leading {
                digits,
                replacement,
            } => {
                let from = if digits.starts_with('+') {
                    number
                } else {
                    bare
                };
                let rest = from.strip_prefix(digits.as_str())?;
                Some(format!("{replacement}{rest}"))
            }
            Self::Regex {
                pattern,
                replacement,
            } => [number, bare]
                .into_iter()
                .find(|number| pattern.is_match(number))
                .map(|number| pattern.replace(number, replacement).into_owned()),
        }
    }
}

fn compile(rule: usize, rewrite: &Rewrite) -> Result<Rule, PatternProblem> {
    let Rewrite {
        pattern,
        replacement,
    } = rewrite;
    let problem = |(position, kind): (usize, Fault)| PatternProblem {
        rule,
        position,
        kind,
        reason: in_english(kind).to_owned(),
    };
    if pattern.is_empty() {
        return Err(problem((0, Fault::Empty)));
    }
    if pattern.len() > 200 || replacement.len() > 200 {
        return Err(problem((200, Fault::TooLong)));
    }
    let digits = pattern.strip_prefix('+').unwrap_or(pattern);
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let what = if plain {
        template(replacement, 0).map_err(problem)?;
        What::Leading {
            digits: pattern.clone(),
            replacement: replacement.clone(),
        }
    } else {
        let compiled = regex(pattern).map_err(problem)?;
        let groups = compiled.captures_len() - 1;
        let replacement = template(replacement, groups).map_err(problem)?;
        What::Regex {
            pattern: compiled,
            replacement,
        }
    };
    let text = format!("{pattern}/{replacement}");
    Ok(Rule { text, what })
}

/// A place, counted in characters, and what is wrong there.
type Wrong = (usize, Fault);

fn regex(pattern: &str) -> Result<Regex, Wrong> {
    if let Err(error) = regex_syntax::Parser::new().parse(pattern) {
        let (octets, fault) = match &error {
            regex_syntax::Error::Parse(error) => (error.span().start.offset, named(error.kind())),
            regex_syntax::Error::Translate(error) => {
                (error.span().start.offset, Fault::Unsupported)
            }
            _ => (0, Fault::Unsupported),
        };
        return Err((chars_before(pattern, octets), fault));
    }
    RegexBuilder::new(pattern)
        .size_limit(LARGEST)
        .build()
        .map_err(|_| (0, Fault::TooLarge))
}

/// The library's faults, as many as people can tell apart.
fn named(kind: &ErrorKind) -> Fault {
    match kind {
        ErrorKind::GroupUnclosed => Fault::GroupUnclosed,
        ErrorKind::GroupUnopened => Fault::GroupUnopened,
        ErrorKind::ClassUnclosed => Fault::ClassUnclosed,
        ErrorKind::ClassEscapeInvalid
        | ErrorKind::ClassRangeInvalid
        | ErrorKind::ClassRangeLiteral
        | ErrorKind::UnicodeClassInvalid => Fault::BadClass,
        ErrorKind::RepetitionMissing => Fault::NothingToRepeat,
        ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty
        | ErrorKind::RepetitionCountUnclosed
        | ErrorKind::DecimalEmpty
        | ErrorKind::DecimalInvalid => Fault::BadCount,
        ErrorKind::EscapeHexEmpty
        | ErrorKind::EscapeHexInvalid
        | ErrorKind::EscapeHexInvalidDigit
        | ErrorKind::EscapeUnexpectedEof
        | ErrorKind::EscapeUnrecognized => Fault::BadEscape,
        ErrorKind::CaptureLimitExceeded | ErrorKind::NestLimitExceeded(_) => Fault::TooLarge,
        _ => Fault::Unsupported,
    }
}

fn in_english(fault: Fault) -> &'static str {
    match fault {
        Fault::Empty => "the pattern is empty",
        Fault::TooLong => "at most 200 characters",
        Fault::TooLarge => "the pattern is too large",
        Fault::GroupUnclosed => "this ( is never closed",
        Fault::GroupUnopened => "this ) closes nothing",
        Fault::ClassUnclosed => "this [ is never closed",
        Fault::BadClass => "no such range or class of signs",
        Fault::NothingToRepeat => "there is nothing before it to repeat",
        Fault::BadCount => "this is no count; write {3}, {2,} or {2,4}",
        Fault::BadEscape => "no such sign after the backslash",
        Fault::Unsupported => "expressions here do not know this",
        Fault::NoSuchGroup => "the pattern has no such group",
        Fault::DigitMissing => "a digit must follow the backslash",
        Fault::BadSign => "only digits, + * # and groups such as \\1 can stand here",
    }
}

fn chars_before(text: &str, octets: usize) -> usize {
    text.get(..octets)
        .map_or(0, |before| before.chars().count())
}

/// `8\1` as the library writes it, `8${1}`; the rest must be what can stand in a number.
fn template(replacement: &str, groups: usize) -> Result<String, Wrong> {
    let mut made = String::new();
    let mut chars = replacement.chars().enumerate();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => match chars.next().and_then(|(_, digit)| digit.to_digit(10)) {
                Some(group) if group as usize <= groups => made.push_str(&format!("${{{group}}}")),
                Some(_) => return Err((at, Fault::NoSuchGroup)),
                None => return Err((at, Fault::DigitMissing)),
            },
            '0'..='9' | '+' | '*' | '#' | 'A'..='D' | 'a'..='d' => made.push(c),
            _ => return Err((at, Fault::BadSign)),
        }
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(text: &str) -> Vec<Rewrite> {
        let rule = |rule: &str| {
            let (pattern, replacement) = rule.split_once('/').unwrap();
            Rewrite {
                pattern: pattern.to_owned(),
                replacement: replacement.to_owned(),
            }
        };
        text.split(' ').map(rule).collect()
    }

    #[test]
    fn the_first_rule_that_matches_rewrites_the_number() {
        for (text, before, after) in [
            ("7/8", "+74951234567", Some("84951234567")),
            ("7/8", "74951234567", Some("84951234567")),
            ("7/8", "+442079460018", None),
            ("^7/8", "+74951234567", Some("84951234567")),
            ("+7/8", "+74951234567", Some("84951234567")),
            ("+7/8", "74951234567", None),
            (
                r"^\+7([0-9]{10})$/8\1 ^\+([0-9]+)$/810\1",
                "+74951234567",
                Some("84951234567"),
            ),
            (
                r"^\+7([0-9]{10})$/8\1 ^\+([0-9]+)$/810\1",
                "+442079460018",
                Some("810442079460018"),
            ),
            (
                r"^\+([[:digit:]]+)$/00\1",
                "+442079460018",
                Some("00442079460018"),
            ),
            (r"^(..)(..)$/\2\1", "1234", Some("3412")),
            ("+/ 00/", "+44", None),
            (r"^\+/", "+44", Some("44")),
        ] {
            let Ok(rules) = Rewrites::new(&rules(text)) else {
                assert_eq!(text, "+/ 00/", "only the lone + is no pattern");
                continue;
            };
            let made = rules.apply(before).map(|made| made.number);
            assert_eq!(made.as_deref(), after, "{text} {before}");
        }
    }

    #[test]
    fn a_bad_pattern_is_refused_with_its_rule_and_place() {
        for (text, rule, position, kind) in [
            ("^7(/8", 0, 2, Fault::GroupUnclosed),
            ("^7)/8", 0, 2, Fault::GroupUnopened),
            ("7/8 [0-/1", 1, 0, Fault::ClassUnclosed),
            ("^[9-0]/1", 0, 2, Fault::BadClass),
            ("*7/8", 0, 0, Fault::NothingToRepeat),
            ("7{x}/8", 0, 2, Fault::BadCount),
            (r"^\y/8", 0, 1, Fault::BadEscape),
            (r"^(7)\1/8", 0, 4, Fault::Unsupported),
            (r"^7/8\1", 0, 1, Fault::NoSuchGroup),
            ("7/8 ^8/9x", 1, 1, Fault::BadSign),
            (r"^7/8\", 0, 1, Fault::DigitMissing),
            ("/8", 0, 0, Fault::Empty),
            ("a{1000}{1000}{1000}/8", 0, 0, Fault::TooLarge),
        ] {
            let problem = Rewrites::new(&rules(text)).unwrap_err();
            let found = (problem.rule, problem.position, problem.kind);
            assert_eq!(found, (rule, position, kind), "{text}");
            assert!(!problem.reason.is_empty());
        }
    }
}
