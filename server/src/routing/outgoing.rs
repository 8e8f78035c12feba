//! Where a dialled number goes, or why not: read, judge, choose lines, rewrite. The same for a real
//! call and for `Try a number`.

use api_types::{StepVerdict, TryRule, TryStep};
use numbering::{Dialled, Judged, Rights, cheapest};
use sip_gateway::ports::{LineAttempt, OutgoingPlan};
use uuid::Uuid;

use super::{Employee, KnownLine, Office};

/// What somebody wants.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// Who; none: nobody who may call.
    pub caller: Option<&'a Employee>,
    /// As typed.
    pub dialled: &'a str,
    /// The line chosen for this call.
    pub line: Option<Uuid>,
    /// The number chosen to be shown, as spelled.
    pub number: Option<&'a str>,
}

/// A choice that may be followed: by one line, with one number.
struct Chosen<'a> {
    line: &'a KnownLine,
    /// Any other line that shows the number will do.
    any_line: bool,
    number: Option<String>,
}

/// What comes of it.
#[derive(Clone, Debug)]
pub(crate) struct Outgoing {
    /// Each step; the last one says why, if it is refused.
    pub steps: Vec<TryStep>,
    /// The number it became, for people: E.164 or as it leaves.
    pub number: Option<String>,
    /// The end.
    pub end: End,
}

/// The end of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// By the first of these lines that carries it.
    Lines {
        /// Never empty.
        attempts: Vec<LineAttempt>,
        /// An emergency call.
        emergency: bool,
    },
    /// To a colleague.
    Inside(String),
    /// Not at all.
    Refused,
}

impl Outgoing {
    /// As the gateway takes it.
    pub(crate) fn into_plan(self) -> OutgoingPlan {
        match self.end {
            End::Lines {
                attempts,
                emergency,
            } => OutgoingPlan::Lines {
                attempts,
                emergency,
            },
            End::Inside(extension) => OutgoingPlan::Extension(extension),
            End::Refused => {
                let (code, reason) = refusal(self.steps.last());
                OutgoingPlan::Refuse { code, reason }
            }
        }
    }

    /// Why not, as the caller hears it.
    pub(crate) fn reason(&self) -> Option<String> {
        (self.end == End::Refused).then(|| refusal(self.steps.last()).1)
    }
}

/// SIP code and words of a refusal.
fn refusal(last: Option<&TryStep>) -> (u16, String) {
    let Some(last) = last else {
        return (500, "The number was not understood".to_owned());
    };
    let detail = &last.detail;
    match last.rule {
        TryRule::NotANumber => (484, "Only digits, + * and # can be dialled".to_owned()),
        TryRule::OwnExtension => (486, "This is your own extension".to_owned()),
        TryRule::NotAPhoneUser => (
            403,
            "You are not a phone user; ask an administrator".to_owned(),
        ),
        TryRule::LocalLength => (484, format!("A local number has {detail} digits")),
        TryRule::Pattern => (403, format!("Numbers like {detail} are not called")),
        TryRule::ForbiddenCode => (
            403,
            format!("Numbers that begin with {detail} are never called"),
        ),
        TryRule::Direction => (403, format!("Calls to {detail} are not allowed")),
        TryRule::International => (
            403,
            "You may not call abroad; ask an administrator for the right".to_owned(),
        ),
        TryRule::NotYourLine => (
            403,
            "This line is not yours to call by; choose another or let it be chosen".to_owned(),
        ),
        TryRule::NotYourNumber => (403, format!("{detail} is not a number this line may show")),
        TryRule::NoLine => (503, "No line is set up for outgoing calls".to_owned()),
        _ => (403, "This number is not called".to_owned()),
    }
}

/// Decides.
pub(crate) fn outgoing(office: &Office, wish: Wish<'_>) -> Outgoing {
    let mut steps = Vec::new();
    let (number, end) = decide(office, wish, &mut steps);
    Outgoing { steps, number, end }
}

fn decide(office: &Office, wish: Wish<'_>, steps: &mut Vec<TryStep>) -> (Option<String>, End) {
    let typed: String = wish
        .dialled
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect();
    let say = |rule, detail: &str, verdict| TryStep {
        rule,
        detail: detail.to_owned(),
        before: typed.clone(),
        after: typed.clone(),
        verdict,
    };
    let Some(caller) = wish.caller else {
        steps.push(say(TryRule::NotAPhoneUser, "", StepVerdict::Forbidden));
        return (None, End::Refused);
    };
    let first_aid = office.rules.emergency().first.contains(&typed.as_str());
    if let Some(colleague) = office.by_extension(&typed).filter(|_| !first_aid) {
        if colleague.user == caller.user {
            steps.push(say(TryRule::OwnExtension, "", StepVerdict::Forbidden));
            return (None, End::Refused);
        }
        steps.push(say(
            TryRule::Extension,
            &colleague.name,
            StepVerdict::Allowed,
        ));
        return (Some(typed.clone()), End::Inside(typed.clone()));
    }
    let own = own_lines(office, caller.user);
    let chosen = choose(office, &own, &wish);
    let reader = chosen.as_ref().ok().and_then(|chosen| chosen.as_ref());
    let reader = reader.map(|chosen| chosen.line.id).or(own.first().copied());
    let rules = office.rules_of(reader.and_then(|id| office.line(id)));
    let reading = rules.read(wish.dialled);
    steps.extend(reading.steps);
    let Some(number) = reading.number else {
        return (None, End::Refused);
    };
    let rights = Rights {
        international: office.settings.international,
        user: caller.international,
        group: office
            .group_for_abroad(caller.user)
            .map(|group| group.name.clone()),
    };
    let shown = number.e164.clone().unwrap_or_else(|| number.number.clone());
    let chosen = match chosen {
        // Not even a choice of the caller's own stands in the way of an emergency call.
        _ if number.emergency => None,
        Ok(chosen) => chosen,
        Err((rule, detail)) => {
            steps.push(say(rule, &detail, StepVerdict::Forbidden));
            return (Some(shown), End::Refused);
        }
    };
    let (lines, wanted) = match chosen {
        Some(Chosen {
            any_line: true,
            number: Some(wanted),
            ..
        }) => {
            let may = |line: &&KnownLine| own.is_empty() || own.contains(&line.id);
            let mut lines = candidates(office, &own, &number);
            lines.retain(|line| may(line) && shows(line, &wanted));
            (lines, Some(wanted))
        }
        Some(chosen) => (vec![chosen.line], chosen.number),
        None => (candidates(office, &own, &number), None),
    };
    let caller_number = wanted.as_deref().or(caller_number(office, caller.user));
    let attempts = over_lines(office, &lines, &number, &rights, caller_number, steps);
    let end = match attempts.is_empty() {
        true => End::Refused,
        false => End::Lines {
            attempts,
            emergency: number.emergency,
        },
    };
    (Some(shown), end)
}

/// What the caller chose for this call, if it is his to choose. A number that is none of ours is no
/// choice: many phones send their own extension (RFC 3325 §9.2 leaves it to us).
fn choose<'a>(
    office: &'a Office,
    own: &[Uuid],
    wish: &Wish<'_>,
) -> Result<Option<Chosen<'a>>, (TryRule, String)> {
    let number = wish
        .number
        .filter(|number| office.by_extension(number).is_none())
        .map(|number| office.numbers().read(number).e164);
    let is_own = |line: &&KnownLine| own.is_empty() || own.contains(&line.id);
    let line = match (wish.line, &number) {
        (Some(id), _) => office
            .line(id)
            .ok_or((TryRule::NotYourLine, String::new()))?,
        (None, Some(number)) => {
            let showing = || office.lines.iter().filter(|line| shows(line, number));
            let Some(line) = showing().find(is_own).or_else(|| showing().next()) else {
                return Ok(None);
            };
            line
        }
        (None, None) => return Ok(None),
    };
    if !is_own(&line) {
        return Err((TryRule::NotYourLine, line.label.clone()));
    }
    match number {
        Some(number) if !shows(line, &number) => Err((TryRule::NotYourNumber, number)),
        number => Ok(Some(Chosen {
            line,
            any_line: wish.line.is_none(),
            number,
        })),
    }
}

/// Lines this user may call by, the first to be used first.
pub(crate) fn callable(office: &Office, user: Uuid) -> Vec<&KnownLine> {
    let own = own_lines(office, user);
    let mut lines: Vec<&KnownLine> = own.iter().filter_map(|id| office.line(*id)).collect();
    if own.is_empty() {
        lines.extend(&office.lines);
        lines.sort_by_key(|line| !line.default_outgoing);
    }
    dedup(&mut lines);
    lines
}

/// Whether a line may show this number.
fn shows(line: &KnownLine, e164: &str) -> bool {
    let mut shown = line.numbers.iter().filter(|known| known.caller_id);
    line.number.e164 == e164 || shown.any(|known| known.number.e164 == e164)
}

/// Judges the number for each line, tells the steps of the first that takes it, and prepares the
/// attempts. Empty: the last step says why.
pub(super) fn over_lines(
    office: &Office,
    lines: &[&KnownLine],
    number: &Dialled,
    rights: &Rights,
    caller_number: Option<&str>,
    steps: &mut Vec<TryStep>,
) -> Vec<LineAttempt> {
    let left = number.number.as_str();
    let say = |rule, detail: &str, after: &str, verdict| TryStep {
        rule,
        detail: detail.to_owned(),
        before: left.to_owned(),
        after: after.to_owned(),
        verdict,
    };
    let judged: Vec<(&KnownLine, Judged)> = lines
        .iter()
        .map(|line| (*line, office.rules_of(Some(*line)).judge(number, rights)))
        .collect();
    let Some(first) = judged.iter().position(|(_, judged)| judged.allowed) else {
        match judged.into_iter().next() {
            Some((_, judged)) => steps.extend(judged.steps),
            None => {
                // What is forbidden is said even while there is no line.
                let judged = office.rules.judge(number, rights);
                let forbidden = !judged.allowed;
                steps.extend(judged.steps);
                if !forbidden {
                    steps.push(say(TryRule::NoLine, "", left, StepVerdict::Forbidden));
                }
            }
        }
        return Vec::new();
    };
    for (line, _) in &judged[..first] {
        steps.push(say(TryRule::Line, &line.label, left, StepVerdict::Skipped));
    }
    let (line, chosen) = &judged[first];
    steps.extend(chosen.steps.iter().cloned());
    steps.push(say(TryRule::Line, &line.label, left, StepVerdict::Allowed));
    let rewritten = (!number.emergency)
        .then(|| line.rewrites.apply(left))
        .flatten();
    if let Some(made) = rewritten {
        steps.push(say(
            TryRule::Rewrite,
            &made.text,
            &made.number,
            StepVerdict::Changed,
        ));
    }
    let may = judged[first..].iter().filter(|(_, judged)| judged.allowed);
    let most = if office.order.failover { usize::MAX } else { 1 };
    may.take(most)
        .map(|(line, _)| attempt(line, number, caller_number))
        .collect()
}

fn attempt(line: &KnownLine, number: &Dialled, caller_number: Option<&str>) -> LineAttempt {
    let left = number.number.as_str();
    let rewritten = match number.emergency {
        true => None,
        false => line.rewrites.apply(left),
    };
    let number = rewritten.map_or_else(|| left.to_owned(), |made| made.number);
    LineAttempt {
        caller_id: caller_number
            .filter(|wanted| shows(line, wanted))
            .map(str::to_owned),
        ..LineAttempt::new(line.id, number)
    }
}

/// Lines that may carry it, the best first.
pub(super) fn candidates<'a>(
    office: &'a Office,
    own: &[Uuid],
    number: &Dialled,
) -> Vec<&'a KnownLine> {
    let order = &office.order;
    let key = number.e164.as_deref().unwrap_or(&number.number);
    let by_prefix = order
        .prefixes
        .iter()
        .filter(|row| key.starts_with(&row.prefix))
        .max_by_key(|row| row.prefix.len())
        .map(|row| ids(&row.lines))
        .unwrap_or_default();
    let named = own.iter().copied().chain(by_prefix);
    let mut lines: Vec<&KnownLine> = named.filter_map(|id| office.line(id)).collect();
    let mut rest: Vec<&KnownLine> = ids(&order.default)
        .into_iter()
        .filter_map(|id| office.line(id))
        .collect();
    rest.extend(office.lines.iter().filter(|line| line.default_outgoing));
    rest.extend(&office.lines);
    dedup(&mut rest);
    if order.least_cost && number.e164.is_some() {
        let priced: Vec<_> = rest
            .iter()
            .map(|line| {
                (
                    *line,
                    line.price(key).map(|(c, row)| (c, row.minute_micros)),
                )
            })
            .collect();
        rest = cheapest(&priced);
    }
    lines.extend(rest);
    dedup(&mut lines);
    if number.emergency {
        // Rather over a line that may not carry it than not at all.
        lines.sort_by_key(|line| !line.emergency);
    }
    lines
}

fn dedup(lines: &mut Vec<&KnownLine>) {
    let mut seen = Vec::new();
    lines.retain(|line| {
        let new = !seen.contains(&line.id);
        seen.push(line.id);
        new
    });
}

fn own_lines(office: &Office, user: Uuid) -> Vec<Uuid> {
    let user = user.to_string();
    let mut rows = office.order.users.iter();
    rows.find(|row| row.user == user)
        .map(|row| ids(&row.lines))
        .unwrap_or_default()
}

fn caller_number(office: &Office, user: Uuid) -> Option<&str> {
    let user = user.to_string();
    let mut rows = office.order.users.iter();
    rows.find(|row| row.user == user)?.caller_number.as_deref()
}

fn ids(texts: &[String]) -> Vec<Uuid> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

#[cfg(test)]
#[path = "outgoing_tests.rs"]
mod tests;
