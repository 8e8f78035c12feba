//! Reading a dialled number: what was typed becomes what leaves.

use api_types::{PatternAction, StepVerdict, TryRule, TryStep};

use crate::{Place, Rules};

/// Digits a dialled number may have.
const LONGEST: usize = 32;
/// What people type between digits.
const SIGNS: &str = " ()-./\u{a0}";

/// A number, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialled {
    /// As typed, without spaces and signs.
    pub typed: String,
    /// As it leaves, before auto-replace: E.164, or as it was typed.
    pub number: String,
    /// E.164 where it is one, also of a number that leaves as it was typed.
    pub e164: Option<String>,
    /// Where it is.
    pub place: Option<Place>,
    /// An emergency number.
    pub emergency: bool,
}

/// What reading came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Each step.
    pub steps: Vec<TryStep>,
    /// The number; `None`: the last step says why not.
    pub number: Option<Dialled>,
}

/// A step.
pub(crate) fn step(
    rule: TryRule,
    detail: impl Into<String>,
    before: &str,
    after: &str,
    verdict: StepVerdict,
) -> TryStep {
    TryStep {
        rule,
        detail: detail.into(),
        before: before.to_owned(),
        after: after.to_owned(),
        verdict,
    }
}

/// Without spaces and signs; `None`: it is no number.
pub(crate) fn clean(dialled: &str) -> Option<String> {
    let kept: String = dialled.chars().filter(|c| !SIGNS.contains(*c)).collect();
    let rest = kept.strip_prefix('+').unwrap_or(&kept);
    let plain = |c: char| c.is_ascii_digit() || c == '*' || c == '#';
    let good = !rest.is_empty() && rest.len() <= LONGEST && rest.chars().all(plain);
    good.then_some(kept)
}

impl Rules {
    /// Reads a number as it was dialled.
    #[must_use]
    pub fn read(&self, dialled: &str) -> Reading {
        let Some(typed) = clean(dialled) else {
            let refused = step(TryRule::NotANumber, "", dialled, "", StepVerdict::Forbidden);
            return Reading {
                steps: vec![refused],
                number: None,
            };
        };
        let mut steps = Vec::new();
        if typed != dialled {
            steps.push(step(
                TryRule::Cleaned,
                "",
                dialled,
                &typed,
                StepVerdict::Changed,
            ));
        }
        let number = self.read_cleaned(typed, &mut steps);
        Reading { steps, number }
    }

    fn read_cleaned(&self, typed: String, steps: &mut Vec<TryStep>) -> Option<Dialled> {
        if self.emergency.is(&typed) {
            steps.push(step(
                TryRule::Emergency,
                "",
                &typed,
                &typed,
                StepVerdict::Allowed,
            ));
            return Some(Dialled {
                number: typed.clone(),
                typed,
                e164: None,
                place: None,
                emergency: true,
            });
        }
        let mut number = typed.clone();
        if let Some((pattern, row)) = self.patterns.iter().find(|(p, _)| p.fits(&typed)) {
            let text = pattern.text();
            match row.action {
                PatternAction::Pass => {
                    steps.push(step(
                        TryRule::Pattern,
                        text,
                        &typed,
                        &typed,
                        StepVerdict::Allowed,
                    ));
                    // Where it goes is judged all the same.
                    let e164 = self.full(&number, &mut Vec::new()).flatten();
                    return Some(dialled(typed.clone(), typed, e164));
                }
                PatternAction::Prefix => {
                    number = format!("{}{typed}", row.prefix);
                    steps.push(step(
                        TryRule::Pattern,
                        text,
                        &typed,
                        &number,
                        StepVerdict::Changed,
                    ));
                }
                PatternAction::Forbid => {
                    steps.push(step(
                        TryRule::Pattern,
                        text,
                        &typed,
                        "",
                        StepVerdict::Forbidden,
                    ));
                    return None;
                }
            }
        }
        let e164 = self.full(&number, steps)?;
        let leaves = e164.clone().unwrap_or(number);
        Some(dialled(typed, leaves, e164))
    }

    /// E.164 of a number; `Some(None)`: it is none and leaves as it is; `None`: it is refused.
    fn full(&self, number: &str, steps: &mut Vec<TryStep>) -> Option<Option<String>> {
        if number.starts_with('+') {
            return Some(self.foreign(number, number, steps));
        }
        if !number.bytes().all(|b| b.is_ascii_digit()) {
            steps.push(step(
                TryRule::AsItIs,
                "",
                number,
                number,
                StepVerdict::Allowed,
            ));
            return Some(None);
        }
        let local = self.dial.local_digits.map(usize::from);
        let is_local = local == Some(number.len());
        let prefix = self.dial.international_prefix.as_str();
        if !is_local
            && let Some(rest) = number.strip_prefix(prefix)
            && rest.len() >= 6
        {
            let full = format!("+{rest}");
            steps.push(step(
                TryRule::InternationalPrefix,
                prefix,
                number,
                &full,
                StepVerdict::Changed,
            ));
            return Some(self.foreign(&full, number, steps));
        }
        if !is_local && let Some(full) = self.national(number) {
            let prefix = &self.dial.national_prefix;
            steps.push(step(
                TryRule::NationalPrefix,
                prefix,
                number,
                &full,
                StepVerdict::Changed,
            ));
            return Some(Some(full));
        }
        if is_local && !self.dial.area_code.is_empty() {
            let area = &self.dial.area_code;
            let full = format!("+{}{area}{number}", self.calling_code);
            steps.push(step(
                TryRule::AreaCode,
                area,
                number,
                &full,
                StepVerdict::Changed,
            ));
            return Some(Some(full));
        }
        self.bare(number, local, steps)
    }

    /// Digits with no prefix: a full number all the same, a wrong local one, or something else.
    fn bare(
        &self,
        number: &str,
        local: Option<usize>,
        steps: &mut Vec<TryStep>,
    ) -> Option<Option<String>> {
        let read = self.numbers.read(number).e164;
        if let Some(place) = Place::of(&read).filter(|_| read.starts_with('+')) {
            steps.push(step(
                TryRule::FullNumber,
                place.country,
                number,
                &read,
                StepVerdict::Changed,
            ));
            return Some(Some(read));
        }
        if let Some(digits) = local {
            let detail = digits.to_string();
            steps.push(step(
                TryRule::LocalLength,
                detail,
                number,
                "",
                StepVerdict::Forbidden,
            ));
            return None;
        }
        steps.push(step(
            TryRule::AsItIs,
            "",
            number,
            number,
            StepVerdict::Allowed,
        ));
        Some(None)
    }

    /// A number with `+`. One that no country has keeps its digits.
    fn foreign(&self, full: &str, before: &str, steps: &mut Vec<TryStep>) -> Option<String> {
        let read = self.numbers.read(full).e164;
        let country = Place::of(&read).map_or_else(|| "001".to_owned(), |place| place.country);
        if before.starts_with('+') {
            steps.push(step(
                TryRule::FullNumber,
                country,
                before,
                &read,
                StepVerdict::Allowed,
            ));
        }
        Some(read)
    }

    /// National prefix and a number of the country's length.
    fn national(&self, number: &str) -> Option<String> {
        let prefix = self.dial.national_prefix.as_str();
        let rest = number.strip_prefix(prefix).filter(|_| !prefix.is_empty())?;
        let full = format!("+{}{rest}", self.calling_code);
        let read = self.numbers.read(&full);
        // What the library could not read comes back without groups.
        (read.e164 == full && read.display != full && rest.len() >= 7).then_some(full)
    }
}

fn dialled(typed: String, number: String, e164: Option<String>) -> Dialled {
    Dialled {
        place: e164.as_deref().and_then(Place::of),
        typed,
        number,
        e164,
        emergency: false,
    }
}
