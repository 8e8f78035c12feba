//! Checking what somebody sets of a line.

use api_types::{LineDraft, NumberSettings, PatternProblem, RingPlan};
use numbering::{Rewrites, Rules};
use sip_gateway::SipAddress;
use uuid::Uuid;

use crate::{
    api::error::Error,
    app::App,
    lines::{network, presets},
};

/// Further numbers, rules and sources of one line at most.
const MOST: usize = 200;
/// Octets of a line's own certificates at most.
const MOST_PEM: usize = 65_536;
/// Stages of a plan at most.
const MOST_STAGES: usize = 20;

/// A draft, checked and in its usual form; and its domain apart.
pub(super) struct Checked {
    /// The draft.
    pub draft: LineDraft,
    /// Host of the domain.
    pub domain: String,
    /// Its port, if one was given.
    pub port: Option<i32>,
}

/// Checks everything but the password.
pub(super) fn check(app: &App, draft: &LineDraft) -> Result<Checked, Error> {
    let mut draft = draft.clone();
    draft.user = draft.user.trim().to_owned();
    check_user(&draft)?;
    draft.label = draft.label.trim().to_owned();
    if draft.label.chars().count() > 100 {
        let message = "a name has at most 100 characters";
        return Err(Error::invalid("bad_label", "label", message));
    }
    if draft.label.is_empty() {
        draft.label.clone_from(&draft.user);
    }
    if draft
        .preset
        .as_deref()
        .is_some_and(|id| presets::find(id).is_none())
    {
        let message = "there is no such preset; see GET /presets";
        return Err(Error::invalid("no_preset", "preset", message));
    }
    draft.domain = presets::full_domain(draft.preset.as_deref(), &draft.domain);
    let address = address("bad_domain", "domain", &draft.domain)?;
    for (field, value) in [("host", &mut draft.host), ("proxy", &mut draft.proxy)] {
        *value = filled(value.take());
        if let Some(text) = value {
            self::address("bad_host", field, text)?;
        }
    }
    draft.number = filled(draft.number);
    draft.auth_user = filled(draft.auth_user);
    draft.tls_ca = filled(draft.tls_ca);
    if draft
        .tls_ca
        .as_ref()
        .is_some_and(|pem| pem.len() > MOST_PEM)
    {
        let message = "at most 64 kB of certificates";
        return Err(Error::invalid("too_many", "tls_ca", message));
    }
    check_figures(&draft)?;
    check_trunk(&mut draft)?;
    check_numbers(app, &mut draft)?;
    Rewrites::new(&draft.rewrites).map_err(|problem| bad_rewrite(&problem))?;
    check_dial(&app.switchboard.office().settings, &draft)?;
    if let Some(plan) = &draft.plan {
        check_plan(app, plan)?;
    }
    Ok(Checked {
        draft,
        domain: address.host,
        port: address.port.map(i32::from),
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty())
}

fn check_user(draft: &LineDraft) -> Result<(), Error> {
    let plain = |c: char| !c.is_whitespace() && !c.is_control() && !"@:;<>\"".contains(c);
    let user = &draft.user;
    if user.is_empty() || user.len() > 128 || !user.chars().all(plain) {
        let message = "give the account's user name, without spaces, @ and :";
        return Err(Error::invalid("bad_user", "user", message));
    }
    Ok(())
}

fn address(code: &'static str, field: &'static str, text: &str) -> Result<SipAddress, Error> {
    text.trim()
        .parse()
        .map_err(|error: String| Error::invalid(code, field, error))
}

fn check_figures(draft: &LineDraft) -> Result<(), Error> {
    if draft
        .expires_secs
        .is_some_and(|secs| !(60..=7200).contains(&secs))
    {
        let message = "a registration lasts 60 to 7200 seconds";
        return Err(Error::invalid("bad_expires", "expires_secs", message));
    }
    if draft.channels == Some(0) {
        let message = "leave it empty for as many calls as the provider takes";
        return Err(Error::invalid("bad_channels", "channels", message));
    }
    let mut seen = Vec::new();
    for codec in &draft.codecs {
        if seen.contains(codec) {
            return Err(Error::invalid(
                "codec_twice",
                "codecs",
                "a codec stands there twice",
            ));
        }
        seen.push(*codec);
    }
    Ok(())
}

fn check_trunk(draft: &mut LineDraft) -> Result<(), Error> {
    draft.sources.retain(|source| !source.trim().is_empty());
    if draft.sources.len() > MOST {
        return Err(Error::invalid(
            "too_many",
            "sources",
            "at most 200 networks",
        ));
    }
    match draft
        .sources
        .iter()
        .find(|source| network(source).is_none())
    {
        None => Ok(()),
        Some(bad) => {
            let message =
                format!("{bad:?} is neither an address nor a network such as 198.51.100.0/28");
            Err(Error::invalid("bad_source", "sources", message))
        }
    }
}

fn check_numbers(app: &App, draft: &mut LineDraft) -> Result<(), Error> {
    draft
        .numbers
        .retain(|further| !further.number.trim().is_empty());
    if draft.numbers.len() > MOST {
        return Err(Error::invalid(
            "too_many",
            "numbers",
            "at most 200 further numbers",
        ));
    }
    let mut seen = Vec::new();
    for further in &draft.numbers {
        let read = app.numbers().read(&further.number).e164;
        let digits = read.strip_prefix('+').unwrap_or(&read);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let message = format!("{:?} is not a phone number", further.number);
            return Err(Error::invalid("bad_number", "numbers", message));
        }
        if seen.contains(&read) {
            let message = format!("{} stands there twice", further.number);
            return Err(Error::invalid("number_twice", "numbers", message));
        }
        seen.push(read);
        if let Some(plan) = &further.plan {
            check_plan(app, plan)?;
        }
    }
    Ok(())
}

fn check_dial(settings: &NumberSettings, draft: &LineDraft) -> Result<(), Error> {
    Rules::for_line(settings, &draft.dial)
        .map(drop)
        .map_err(|problem| Error::invalid(problem.code, problem.field, problem.message))
}

/// The place and the reason of a bad pattern.
pub(super) fn bad_rewrite(problem: &PatternProblem) -> Error {
    let PatternProblem {
        rule,
        position,
        reason,
        ..
    } = problem;
    let message = format!("rule {}, character {}: {reason}", rule + 1, position + 1);
    Error::invalid("bad_rewrite", "rewrites", message)
}

fn check_plan(app: &App, plan: &RingPlan) -> Result<(), Error> {
    let wrong = |code, message: &str| Err(Error::invalid(code, "plan", message));
    let office = app.switchboard.office();
    let seconds = plan.stages.iter().map(|stage| stage.secs);
    let seconds = seconds
        .chain(plan.responsible_secs)
        .chain(plan.forward.as_ref().map(|forward| forward.secs));
    if seconds.into_iter().any(|secs| !(1..=600).contains(&secs)) {
        return wrong("bad_seconds", "a step rings 1 to 600 seconds");
    }
    if plan.stages.len() > MOST_STAGES {
        return wrong("too_many", "a plan has at most 20 steps");
    }
    for stage in &plan.stages {
        let group = stage.group.as_deref().map(str::parse::<Uuid>);
        if let Some(group) = group
            && !group.is_ok_and(|id| office.group(id).is_some())
        {
            return wrong("no_group", "a step names a group that does not exist");
        }
        if stage.users.is_empty() && stage.group.is_none() {
            return wrong("nobody", "a step names nobody");
        }
        if stage.users.iter().any(|id| id.parse::<Uuid>().is_err()) {
            return wrong("no_user", "a step names an employee who does not exist");
        }
    }
    if let Some(forward) = &plan.forward
        && office.rules.read(&forward.number).number.is_none()
    {
        return wrong(
            "bad_number",
            "the number calls are forwarded to is not one that can be called",
        );
    }
    Ok(())
}
