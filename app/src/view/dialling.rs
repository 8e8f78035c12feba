//! Dial rules, directions and tried numbers as the panel shows them.

use api_types::{Directions, PatternFaultKind, TryRule};

macro_rules! rules {
    ($($(#[$doc:meta])* $variant:ident => $($key:ident).+,)+) => {
        phrases! {
            /// What a step of `Try a number` did.
            pub enum RuleWords { $($(#[$doc])* $variant => $($key).+,)+ }
        }

        impl RuleWords {
            /// Of a rule.
            pub fn of(rule: TryRule) -> Self {
                match rule { $(TryRule::$variant => Self::$variant,)+ }
            }
        }
    };
}

rules! {
    /// Signs.
    Cleaned => try_rule.cleaned,
    /// Letters, empty.
    NotANumber => try_rule.not_a_number,
    /// A colleague.
    Extension => try_rule.extension,
    /// Oneself.
    OwnExtension => try_rule.own_extension,
    /// Nobody.
    NotAPhoneUser => try_rule.not_a_phone_user,
    /// Limit.
    TooManyCalls => try_rule.too_many_calls,
    /// 112.
    Emergency => try_rule.emergency,
    /// `_1XX`.
    Pattern => try_rule.pattern,
    /// 810.
    InternationalPrefix => try_rule.international_prefix,
    /// 8.
    NationalPrefix => try_rule.national_prefix,
    /// 495.
    AreaCode => try_rule.area_code,
    /// 7 digits.
    LocalLength => try_rule.local_length,
    /// E.164.
    FullNumber => try_rule.full_number,
    /// Short.
    AsItIs => try_rule.as_it_is,
    /// +7809.
    ForbiddenCode => try_rule.forbidden_code,
    /// GB.
    Direction => try_rule.direction,
    /// Abroad.
    International => try_rule.international,
    /// Line.
    Line => try_rule.line,
    /// Somebody else's line.
    NotYourLine => try_rule.not_your_line,
    /// Somebody else's number.
    NotYourNumber => try_rule.not_your_number,
    /// No line.
    NoLine => try_rule.no_line,
    /// Auto-replace.
    Rewrite => try_rule.rewrite,
}

macro_rules! pattern_reasons {
    ($($(#[$doc:meta])* $variant:ident => $($key:ident).+,)+) => {
        phrases! {
            /// Why a pattern of auto-replace is refused.
            pub enum PatternReason { $($(#[$doc])* $variant => $($key).+,)+ }
        }

        impl PatternReason {
            /// Of a fault.
            pub fn of(kind: PatternFaultKind) -> Self {
                match kind { $(PatternFaultKind::$variant => Self::$variant,)+ }
            }
        }
    };
}

pattern_reasons! {
    /// Nothing.
    Empty => pattern_reason.empty,
    /// 200.
    TooLong => pattern_reason.too_long,
    /// Nested.
    TooLarge => pattern_reason.too_large,
    /// `(`
    GroupUnclosed => pattern_reason.group_unclosed,
    /// `)`
    GroupUnopened => pattern_reason.group_unopened,
    /// `[`
    ClassUnclosed => pattern_reason.class_unclosed,
    /// `[9-0]`
    BadClass => pattern_reason.bad_class,
    /// `*7`
    NothingToRepeat => pattern_reason.nothing_to_repeat,
    /// `7{x}`
    BadCount => pattern_reason.bad_count,
    /// `\y`
    BadEscape => pattern_reason.bad_escape,
    /// `(7)\1`
    Unsupported => pattern_reason.unsupported,
    /// `\2`
    NoSuchGroup => pattern_reason.no_such_group,
    /// `\`
    DigitMissing => pattern_reason.digit_missing,
    /// `x`
    BadSign => pattern_reason.bad_sign,
}

phrases! {
    /// What is wrong with an extra rule.
    pub enum PatternFault {
        /// It does not begin with `_`.
        NoUnderscore => pattern_fault.underscore,
        /// `_` alone.
        Empty => pattern_fault.empty,
        /// A sign that means nothing.
        BadSign => pattern_fault.sign,
        /// `.` before the end.
        DotInside => pattern_fault.dot,
        /// `[` without `]`, or nothing between them.
        Brackets => pattern_fault.brackets,
    }
}

/// Checks `_XXXX` while it is typed; an empty one is none yet.
pub fn pattern_fault(pattern: &str) -> Option<PatternFault> {
    let pattern = pattern.trim();
    if pattern.is_empty() {
        return None;
    }
    let Some(body) = pattern.strip_prefix('_') else {
        return Some(PatternFault::NoUnderscore);
    };
    if body.is_empty() {
        return Some(PatternFault::Empty);
    }
    let mut signs = body.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '0'..='9' | '+' | '*' | '#' | 'X' | 'x' | 'Z' | 'z' | 'N' | 'n' => {}
            '.' if signs.as_str().is_empty() => {}
            '.' => return Some(PatternFault::DotInside),
            '[' => {
                let set: String = signs.by_ref().take_while(|sign| *sign != ']').collect();
                let closed = body.contains(']');
                if !closed
                    || set.is_empty()
                    || !set.chars().all(|sign| sign.is_ascii_digit() || sign == '-')
                {
                    return Some(PatternFault::Brackets);
                }
            }
            _ => return Some(PatternFault::BadSign),
        }
    }
    None
}

/// Codes with commas as a list.
pub fn codes(text: &str) -> Vec<String> {
    text.split([',', ';', '\n'])
        .map(|code| {
            code.chars()
                .filter(|sign| !" -()".contains(*sign))
                .collect::<String>()
        })
        .filter(|code| !code.is_empty())
        .collect()
}

/// Numbers of no country.
const NOWHERE: &str = "001";

/// Where calls may go, seen from the country the installation is in.
#[derive(Debug, Clone, Copy)]
pub struct Ticks<'a> {
    /// What is ticked.
    pub directions: &'a Directions,
    /// Its country.
    pub home: &'a str,
}

impl Ticks<'_> {
    /// Whether the country itself is allowed without being named.
    fn by_itself(&self, country: &str) -> bool {
        country == self.home || (self.directions.all_international && country != NOWHERE)
    }

    /// Whether calls may go there. Whoever allows a country does not mean its paid services.
    pub fn allows(&self, id: &str) -> bool {
        let named = |id: &str| self.directions.allowed.iter().any(|known| known == id);
        let refused = |id: &str| self.directions.refused.iter().any(|known| known == id);
        let country = country(id);
        let whole = !refused(country) && (self.by_itself(country) || named(country));
        match id.split_once(':') {
            None => whole,
            Some((_, "premium")) => whole && named(id),
            Some(_) => whole && !refused(id),
        }
    }

    /// Of several directions.
    pub fn of<'b>(&self, ids: impl Iterator<Item = &'b str>) -> Tick {
        let (yes, no): (Vec<&str>, Vec<&str>) = ids.partition(|id| self.allows(id));
        match (yes.is_empty(), no.is_empty()) {
            (true, _) => Tick::None,
            (false, true) => Tick::All,
            (false, false) => Tick::Some,
        }
    }
}

/// The country of a direction.
pub fn country(id: &str) -> &str {
    id.split_once(':').map_or(id, |(country, _)| country)
}

/// Allows a direction, with its country, or takes it away.
pub fn allow(directions: &mut Directions, home: &str, id: &str, allowed: bool) {
    directions.allowed.retain(|known| known != id);
    directions.refused.retain(|known| known != id);
    let kind = id.split_once(':').map(|(_, kind)| kind);
    let by_itself = match kind {
        None => Ticks { directions, home }.by_itself(id),
        Some(kind) => kind != "premium",
    };
    match (allowed, by_itself) {
        (true, false) => directions.allowed.push(id.to_owned()),
        (false, true) => directions.refused.push(id.to_owned()),
        (true, true) | (false, false) => {}
    }
    let whole = country(id);
    if allowed && kind.is_some() && !(Ticks { directions, home }).allows(whole) {
        allow(directions, home, whole, true);
    }
}

/// What the tick of a group shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tick {
    /// None of them.
    None,
    /// Some.
    Some,
    /// All.
    All,
}

/// Money in millionths as people write it: `1400000` is `1.40`; sub-cent digits stay.
pub fn money(micros: i64) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    let text = format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000);
    let least = text.len() - 4;
    let shown = text.trim_end_matches('0').len().max(least);
    text[..shown].to_owned()
}

/// Money as people write it, in millionths: `1,40`, `0.0045`; nothing for what is none.
pub fn micros(text: &str) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str| part.bytes().all(|digit| digit.is_ascii_digit());
    if whole.len() + rest.len() == 0 || whole.len() > 9 || rest.len() > 6 {
        return None;
    }
    if !digits(whole) || !digits(rest) {
        return None;
    }
    format!("{whole}{rest:0<6}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_read_as_it_is_written() {
        for (text, expected) in [
            ("1,40", Some(1_400_000)),
            (" 3 ", Some(3_000_000)),
            (".5", Some(500_000)),
            ("0.000001", Some(1)),
            ("", None),
            ("-1", None),
            ("1.2.3", None),
            ("1.0000001", None),
            ("dear", None),
        ] {
            assert_eq!(micros(text), expected, "{text}");
        }
        assert_eq!(micros(&money(1_234_500)), Some(1_234_500));
    }

    #[test]
    fn patterns_are_judged_while_typed() {
        for good in ["", "_1XX", "_0[1-4]", "_*X.", "_8N.", "_112"] {
            assert_eq!(pattern_fault(good), None, "{good}");
        }
        assert_eq!(pattern_fault("1XX"), Some(PatternFault::NoUnderscore));
        assert_eq!(pattern_fault("_"), Some(PatternFault::Empty));
        assert_eq!(pattern_fault("_1.2"), Some(PatternFault::DotInside));
        assert_eq!(pattern_fault("_[12"), Some(PatternFault::Brackets));
        assert_eq!(pattern_fault("_[]1"), Some(PatternFault::Brackets));
        assert_eq!(pattern_fault("_1Q"), Some(PatternFault::BadSign));
    }

    #[test]
    fn codes_come_with_commas_and_in_any_spelling() {
        assert_eq!(codes("+7 809, +882,, 8-10"), ["+7809", "+882", "810"]);
    }

    #[test]
    fn kinds_go_with_their_country_and_paid_ones_apart() {
        let mut directions = Directions::default();
        let allows = |directions: &Directions, id: &str| {
            Ticks {
                directions,
                home: "RU",
            }
            .allows(id)
        };
        assert!(allows(&directions, "RU:mobile") && !allows(&directions, "RU:premium"));
        allow(&mut directions, "RU", "RU:mobile", false);
        allow(&mut directions, "RU", "RU:premium", true);
        assert!(!allows(&directions, "RU:mobile") && allows(&directions, "RU:premium"));
        directions.all_international = true;
        assert!(allows(&directions, "GB") && !allows(&directions, "001"));
        allow(&mut directions, "RU", "LV", false);
        assert!(!allows(&directions, "LV"));
        let ticks = Ticks {
            directions: &directions,
            home: "RU",
        };
        assert_eq!(ticks.of(["GB", "LV"].into_iter()), Tick::Some);
        assert_eq!(ticks.of(["LV"].into_iter()), Tick::None);
    }

    #[test]
    fn a_kind_brings_its_country_along() {
        let mut directions = Directions::default();
        allow(&mut directions, "RU", "GB:mobile", true);
        assert_eq!(directions.allowed, ["GB"]);
    }

    #[test]
    fn money_keeps_two_digits_and_more_where_there_are() {
        assert_eq!(money(1_400_000), "1.40");
        assert_eq!(money(0), "0.00");
        assert_eq!(money(12_345), "0.012345");
        assert_eq!(money(-5_000_000), "-5.00");
    }
}
