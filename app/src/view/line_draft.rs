//! What is wrong with a line being typed, what was changed, and what a preset fills in.

use std::net::IpAddr;

use api_types::{LineDraft, Preset};

use super::dialling::pattern_fault;

phrases! {
    /// What is wrong with a field, said while typing.
    pub enum LineFault {
        /// Nothing typed where something is needed.
        Missing => lines.missing,
        /// No `host` or `host:port`.
        BadHost => line_fault.host,
        /// A number without digits.
        BadNumber => line_fault.number,
        /// 60 to 7200.
        BadExpiry => line_fault.expiry,
        /// 1 or more.
        BadChannels => line_fault.channels,
        /// No address and no network.
        BadSource => line_fault.source,
        /// 5 to 600.
        BadSeconds => line_fault.seconds,
        /// An extra rule that is none.
        BadPattern => line_fault.pattern,
        /// A ringing plan in which nobody rings.
        EmptyPlan => line_fault.plan,
    }
}

phrases! {
    /// A setting of a line, for saying what was changed.
    pub enum LineSetting {
        /// `label`
        Label => lines.label,
        /// `user`
        User => lines.user,
        /// `auth_user`
        AuthUser => lines.auth_user,
        /// `password`
        Password => lines.password,
        /// `domain`
        Domain => lines.domain,
        /// `number`
        Number => lines.number,
        /// `host`
        Host => lines.host,
        /// `proxy`
        Proxy => lines.proxy,
        /// `transport`
        Transport => lines.transport,
        /// `tls_ca`
        OwnCertificates => lines.tls_ca,
        /// `codecs`
        Codecs => lines.codecs,
        /// `expires_secs`
        Expires => lines.expires,
        /// `srtp`
        Srtp => lines.srtp,
        /// `caller_id`
        CallerId => lines.caller_id,
        /// `dtmf`
        Dtmf => lines.dtmf,
        /// `trunk`, `sources`
        Trunk => lines.trunk,
        /// `numbers`
        Numbers => lines.tab_numbers,
        /// `channels`
        Channels => lines.channels,
        /// `rewrites`
        Rewrites => lines.rewrites,
        /// `dial`
        Dial => lines.dial,
        /// `plan`
        Plan => lines.tab_plan,
        /// `record`
        Record => lines.recording,
        /// `emergency`
        Emergency => lines.emergency,
        /// `balance`
        Balance => lines.balance,
    }
}

/// The fields of a draft in which something is wrong. `saving`: what is missing counts too.
pub fn faults(draft: &LineDraft, is_new: bool, saving: bool) -> Vec<(&'static str, LineFault)> {
    let mut found = Vec::new();
    if saving {
        missing(draft, is_new, &mut found);
    }
    for (name, host) in [
        ("domain", Some(&draft.domain)),
        ("host", draft.host.as_ref()),
        ("proxy", draft.proxy.as_ref()),
    ] {
        if host.is_some_and(|host| !host.trim().is_empty() && !is_host(host)) {
            found.push((name, LineFault::BadHost));
        }
    }
    if draft
        .number
        .as_deref()
        .is_some_and(|number| !number.trim().is_empty() && !has_digits(number))
    {
        found.push(("number", LineFault::BadNumber));
    }
    if draft
        .expires_secs
        .is_some_and(|secs| !(60..=7200).contains(&secs))
    {
        found.push(("expires_secs", LineFault::BadExpiry));
    }
    if draft.channels == Some(0) {
        found.push(("channels", LineFault::BadChannels));
    }
    if draft.trunk
        && draft
            .sources
            .iter()
            .any(|source| !source.trim().is_empty() && !is_source(source))
    {
        found.push(("sources", LineFault::BadSource));
    }
    let patterns = draft.dial.patterns.iter().flatten();
    let wrong = |rule: &api_types::DialPattern| pattern_fault(&rule.pattern).is_some();
    if saving && patterns.into_iter().any(wrong) {
        found.push(("patterns", LineFault::BadPattern));
    }
    further(draft, saving, &mut found);
    found
}

fn missing(draft: &LineDraft, is_new: bool, found: &mut Vec<(&'static str, LineFault)>) {
    if draft.domain.trim().is_empty() {
        found.push(("domain", LineFault::Missing));
    }
    if draft.trunk {
        if draft.sources.iter().all(|source| source.trim().is_empty()) {
            found.push(("sources", LineFault::Missing));
        }
        return;
    }
    if draft.user.trim().is_empty() {
        found.push(("user", LineFault::Missing));
    }
    if is_new && draft.password.as_deref().unwrap_or_default().is_empty() {
        found.push(("password", LineFault::Missing));
    }
}

/// Of the further numbers and the plan.
fn further(draft: &LineDraft, saving: bool, found: &mut Vec<(&'static str, LineFault)>) {
    let bad = |number: &String| (saving || !number.trim().is_empty()) && !has_digits(number);
    if draft.numbers.iter().any(|number| bad(&number.number)) {
        found.push(("numbers", LineFault::BadNumber));
    }
    let plans = draft.plan.iter().chain(
        draft
            .numbers
            .iter()
            .filter_map(|number| number.plan.as_ref()),
    );
    for plan in plans {
        let in_range = |secs: u32| (5..=600).contains(&secs);
        let stages = plan.stages.iter().map(|stage| stage.secs);
        if !plan
            .responsible_secs
            .into_iter()
            .chain(stages)
            .chain(plan.forward.iter().map(|forward| forward.secs))
            .all(in_range)
        {
            found.push(("plan", LineFault::BadSeconds));
        }
        if plan
            .forward
            .as_ref()
            .is_some_and(|forward| bad(&forward.number))
        {
            found.push(("plan", LineFault::BadNumber));
        }
        let nobody = |stage: &api_types::RingStage| stage.users.is_empty() && stage.group.is_none();
        if saving
            && (plan.stages.iter().any(nobody)
                || (plan.stages.is_empty() && plan.forward.is_none()))
        {
            found.push(("plan", LineFault::EmptyPlan));
        }
    }
}

/// What is sent: trimmed, and empty texts absent.
pub fn tidy(mut draft: LineDraft) -> LineDraft {
    for text in [&mut draft.label, &mut draft.user, &mut draft.domain] {
        *text = text.trim().to_owned();
    }
    for text in [
        &mut draft.auth_user,
        &mut draft.number,
        &mut draft.host,
        &mut draft.proxy,
        &mut draft.tls_ca,
    ] {
        *text = text
            .take()
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
    }
    draft.password = draft.password.filter(|password| !password.is_empty());
    draft.sources.retain(|source| !source.trim().is_empty());
    draft
        .rewrites
        .retain(|rewrite| !rewrite.pattern.trim().is_empty());
    if let Some(patterns) = &mut draft.dial.patterns {
        patterns.retain(|rule| !rule.pattern.trim().is_empty());
    }
    draft
        .numbers
        .retain(|number| !number.number.trim().is_empty());
    draft
}

/// What differs, in the order of the form.
pub fn changes(before: &LineDraft, after: &LineDraft) -> Vec<LineSetting> {
    let (before, after) = (&tidy(before.clone()), &tidy(after.clone()));
    macro_rules! differing {
        ($($setting:ident: $($field:ident)+),+ $(,)?) => {
            [$((LineSetting::$setting, $(before.$field != after.$field)||+)),+]
        };
    }
    differing!(
        Label: label, User: user, AuthUser: auth_user, Password: password, Domain: domain, Number: number,
        Host: host, Proxy: proxy, Transport: transport, OwnCertificates: tls_ca, Srtp: srtp, Dtmf: dtmf, CallerId: caller_id,
        Expires: expires_secs, Channels: channels, Trunk: trunk sources, Codecs: codecs, Rewrites: rewrites,
        Dial: dial, Numbers: numbers, Plan: plan, Record: record, Emergency: emergency, Balance: balance,
    )
    .into_iter()
    .filter(|(_, differs)| *differs)
    .map(|(setting, _)| setting)
    .collect()
}

/// Fills in what a preset knows; what it asks for is left as it was typed.
pub fn apply(draft: &mut LineDraft, preset: &Preset) {
    let with_port = |host: &str| match preset.port {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    draft.preset = Some(preset.id.clone());
    if let Some(domain) = &preset.domain {
        draft.domain = if preset.host.is_none() {
            with_port(domain)
        } else {
            domain.clone()
        };
    }
    draft.host = preset.host.as_deref().map(with_port);
    draft.transport = preset.transport;
    draft.codecs.clone_from(&preset.codecs);
    draft.expires_secs = preset.expires_secs;
    draft.rewrites.clone_from(&preset.rewrites);
    draft.trunk = preset.registers == Some(false);
}

/// `host`, `host:port`, `[address]:port`.
pub fn is_host(text: &str) -> bool {
    let text = text.trim();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => return address.parse::<IpAddr>().is_ok(),
            Some((address, port)) => {
                return address.parse::<IpAddr>().is_ok()
                    && port.strip_prefix(':').is_some_and(is_port);
            }
            None => return false,
        },
        None => text
            .split_once(':')
            .map_or((text, None), |(host, port)| (host, Some(port))),
    };
    port.is_none_or(is_port)
        && host.split('.').filter(|label| !label.is_empty()).count() > 0
        && !host.starts_with(['.', '-'])
        && !host.contains("..")
        && host
            .chars()
            .all(|letter| letter.is_alphanumeric() || "-._".contains(letter))
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// An address or a network of addresses.
pub fn is_source(text: &str) -> bool {
    let (address, bits) = text
        .trim()
        .split_once('/')
        .map_or((text.trim(), None), |(address, bits)| (address, Some(bits)));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.is_none_or(|bits| bits.parse::<u8>().is_ok_and(|bits| bits <= most))
}

fn has_digits(number: &str) -> bool {
    number.chars().any(|sign| sign.is_ascii_digit()) && !number.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use api_types::{LineTransport, Rewrite, RingPlan};

    use super::*;

    fn draft() -> LineDraft {
        LineDraft {
            user: "100".into(),
            domain: "sip.example".into(),
            password: Some("x".into()),
            ..LineDraft::default()
        }
    }

    #[test]
    fn what_is_missing_is_said_only_when_saving() {
        assert!(faults(&LineDraft::default(), true, false).is_empty());
        let said: Vec<_> = faults(&LineDraft::default(), true, true)
            .into_iter()
            .map(|(field, _)| field)
            .collect();
        assert_eq!(said, ["domain", "user", "password"]);
        assert!(faults(&draft(), true, true).is_empty());
    }

    #[test]
    fn a_trunk_needs_sources_and_neither_user_nor_password() {
        let trunk = LineDraft {
            trunk: true,
            domain: "198.51.100.7".into(),
            ..LineDraft::default()
        };
        assert_eq!(
            faults(&trunk, true, true),
            [("sources", LineFault::Missing)]
        );
        let wrong = LineDraft {
            sources: vec!["198.51.100.0/33".into()],
            ..trunk
        };
        assert_eq!(
            faults(&wrong, true, false),
            [("sources", LineFault::BadSource)]
        );
    }

    #[test]
    fn hosts_take_a_port_and_nothing_else() {
        for good in [
            "sip.example",
            "sip.example:5060",
            "127.0.0.1:5091",
            "[2001:db8::1]:5061",
            "пример.рф",
        ] {
            assert!(is_host(good), "{good}");
        }
        for bad in [
            "sip example",
            "sip.example:",
            "sip.example:70000",
            "sip:100@example",
            "a..b",
            "[1]",
        ] {
            assert!(!is_host(bad), "{bad}");
        }
    }

    #[test]
    fn changes_are_named_and_spaces_are_none() {
        let mut after = draft();
        after.label = " ".into();
        after.transport = LineTransport::Tls;
        assert_eq!(changes(&draft(), &after), [LineSetting::Transport]);
    }

    #[test]
    fn a_plan_in_which_nobody_rings_is_refused() {
        let empty = LineDraft {
            plan: Some(RingPlan::default()),
            ..draft()
        };
        assert_eq!(
            faults(&empty, false, true),
            [("plan", LineFault::EmptyPlan)]
        );
    }

    #[test]
    fn a_preset_fills_in_what_it_knows_and_keeps_what_was_typed() {
        let preset = Preset {
            id: "telphin".into(),
            name: "Telphin".into(),
            country: "RU".into(),
            site: String::new(),
            sign_up: None,
            domain: Some("sip.example".into()),
            domain_suffix: None,
            host: None,
            port: Some(5068),
            transport: LineTransport::Udp,
            codecs: Vec::new(),
            expires_secs: None,
            registers: Some(true),
            rewrites: vec![Rewrite {
                pattern: "^7".into(),
                replacement: "8".into(),
            }],
            asks: Vec::new(),
            balance: false,
            hint: None,
            sources: Vec::new(),
        };
        let mut typed = LineDraft {
            user: "100".into(),
            ..LineDraft::default()
        };
        apply(&mut typed, &preset);
        assert_eq!(
            (typed.domain.as_str(), typed.user.as_str()),
            ("sip.example:5068", "100")
        );
        assert_eq!(typed.rewrites.len(), 1);
    }
}
