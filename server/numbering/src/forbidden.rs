//! Codes that are never called.

use api_types::ForbiddenCode;
use rlibphonenumber::PHONE_NUMBER_UTIL;

use crate::directions::Place;

/// A code, ready for use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Code {
    /// As it was entered.
    text: String,
    /// With `+`: compared to E.164; without: to the number as dialled.
    prefix: String,
}

impl Code {
    /// Reads a code in any spelling (`+7 809`); `None`: it has no digits, or letters.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let kept = |c: &char| !" ()-".contains(*c);
        let prefix: String = text.trim().chars().filter(kept).collect();
        let digits = prefix.strip_prefix('+').unwrap_or(&prefix);
        let good = !digits.is_empty() && digits.chars().all(|c| "0123456789*#".contains(c));
        good.then(|| Self {
            text: text.trim().to_owned(),
            prefix,
        })
    }

    /// As it was entered.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it stops a call.
    pub(crate) fn stops(&self, dialled: &str, e164: Option<&str>) -> bool {
        if self.prefix.starts_with('+') {
            e164.is_some_and(|e164| e164.starts_with(&self.prefix))
        } else {
            dialled.starts_with(&self.prefix)
        }
    }

    /// What it stops, for people.
    pub(crate) fn explain(&self) -> ForbiddenCode {
        let e164 = self.prefix.starts_with('+');
        let (countries, whole) = match e164 {
            true => countries(&self.prefix[1..]),
            false => (Vec::new(), false),
        };
        ForbiddenCode {
            code: self.text.clone(),
            e164,
            countries,
            whole,
        }
    }
}

/// Countries whose numbers begin so, and whether all their numbers do.
fn countries(digits: &str) -> (Vec<String>, bool) {
    let mut wholly = Vec::new();
    let mut partly = Vec::new();
    for code in PHONE_NUMBER_UTIL.get_supported_calling_codes() {
        let text = code.to_string();
        if text.starts_with(digits) {
            wholly.extend(Place::of_code(code));
        } else if digits.starts_with(&text) {
            partly.extend(Place::of_code(code));
        }
    }
    let whole = partly.is_empty() && !wholly.is_empty();
    // `+7 809` is told by an area's own numbers which of the countries with this code it is in.
    let mut found: Vec<String> = wholly.into_iter().chain(partly).collect();
    found.sort();
    found.dedup();
    (found, whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_plus_a_code_is_compared_to_the_full_number_else_to_what_was_dialled() {
        for (code, dialled, e164, stops) in [
            ("+7 809", "88095050011", Some("+78095050011"), true),
            ("+7809", "8809", None, false),
            ("8", "84951234567", Some("+74951234567"), true),
            ("8", "+74951234567", Some("+74951234567"), false),
            ("+882", "+88216", Some("+88216"), true),
        ] {
            assert_eq!(
                Code::new(code).unwrap().stops(dialled, e164),
                stops,
                "{code} {dialled}"
            );
        }
        assert_eq!(Code::new("+"), None);
        assert_eq!(Code::new("abc"), None);
    }

    #[test]
    fn the_panel_can_say_what_a_code_stops() {
        let explain = |code: &str| Code::new(code).unwrap().explain();
        let latvia = explain("+371");
        assert_eq!(
            (latvia.countries, latvia.whole),
            (vec!["LV".to_owned()], true)
        );
        let russia = explain("+7");
        assert_eq!(
            (russia.countries, russia.whole),
            (vec!["KZ".to_owned(), "RU".to_owned()], true)
        );
        let part = explain("+7 809");
        assert!(part.countries.contains(&"RU".to_owned()) && !part.whole);
        assert_eq!(explain("+882").countries, ["001"]);
        let many = explain("+37");
        assert!(many.countries.len() > 5 && many.whole, "{many:?}");
        assert_eq!(explain("8").countries, Vec::<String>::new());
    }
}
