//! Whether a number that was read may be called by this one.

use api_types::{InternationalCalls, StepVerdict, TryRule, TryStep};

use crate::{Dialled, Rules, read::step};

/// Where satellite and other numbers of no country are.
const NOWHERE: &str = "001";

/// What somebody may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Who may call abroad in this installation.
    pub international: InternationalCalls,
    /// His own right.
    pub user: bool,
    /// The group that gives the right.
    pub group: Option<String>,
}

/// What judging came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Each step.
    pub steps: Vec<TryStep>,
    /// Whether it may be called.
    pub allowed: bool,
}

impl Rules {
    /// Forbidden codes, directions and the right to call abroad, in this order. Nothing is said
    /// against an emergency number.
    #[must_use]
    pub fn judge(&self, number: &Dialled, rights: &Rights) -> Judged {
        let mut steps = Vec::new();
        let allowed = number.emergency || self.passes(number, rights, &mut steps);
        Judged { steps, allowed }
    }

    fn passes(&self, number: &Dialled, rights: &Rights, steps: &mut Vec<TryStep>) -> bool {
        let shown = number.number.as_str();
        let mut say = |rule, detail: String, allowed: bool| {
            let verdict = match allowed {
                true => StepVerdict::Allowed,
                false => StepVerdict::Forbidden,
            };
            steps.push(step(rule, detail, shown, shown, verdict));
            allowed
        };
        let mut codes = self.forbidden.iter();
        if let Some(code) = codes.find(|code| code.stops(&number.typed, number.e164.as_deref())) {
            return say(TryRule::ForbiddenCode, code.text().to_owned(), false);
        }
        let Some(e164) = &number.e164 else {
            return true;
        };
        let country = number.place.as_ref().map(|place| place.country.as_str());
        let direction = match &number.place {
            Some(place) => place.allowed(&self.directions, self.country()),
            None if self.directions.allowed.iter().any(|id| id == NOWHERE) => {
                Ok(NOWHERE.to_owned())
            }
            None => Err(NOWHERE.to_owned()),
        };
        debug_assert!(e164.starts_with('+'));
        match direction {
            Ok(id) => say(TryRule::Direction, id, true),
            Err(id) => return say(TryRule::Direction, id, false),
        };
        if country == Some(self.country()) {
            return true;
        }
        let allowed = match rights.international {
            InternationalCalls::Everybody => true,
            InternationalCalls::Nobody => false,
            InternationalCalls::WithRight => rights.user || rights.group.is_some(),
        };
        let by = rights
            .group
            .clone()
            .filter(|_| !rights.user)
            .unwrap_or_default();
        say(TryRule::International, by, allowed)
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
