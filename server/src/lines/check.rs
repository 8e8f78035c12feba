//! What a check of a line came to: the verdict by name, and in an English sentence that says what to
//! do. Only what was on the wire is told.

use api_types::{CheckStep, CheckStepKind, CheckVerdict, LineCheck};
use sip_gateway::ports::{Certificate, CheckReport, LineState, Seen, Source, Trouble};

use crate::clock::now_ms;

/// As the API shows it.
pub(crate) fn report(report: &CheckReport) -> LineCheck {
    let steps: Vec<CheckStep> = report
        .steps
        .iter()
        .map(|step| show(&step.seen, step.took_ms))
        .collect();
    let mut check = LineCheck {
        verdict: CheckVerdict::Registered,
        code: 0,
        reason: String::new(),
        subject: String::new(),
        retry_after: None,
        at: now_ms(),
        took_ms: steps.iter().map(|step| step.ms).sum(),
        steps,
        message: String::new(),
    };
    judge(&mut check, report);
    check.message = sentence(&check);
    check
}

fn judge(check: &mut LineCheck, report: &CheckReport) {
    match &report.state {
        LineState::Trying | LineState::Registered { .. } => check.code = 200,
        LineState::Reachable { .. } => check.verdict = CheckVerdict::Answers,
        LineState::Failed {
            trouble: Some(trouble),
            ..
        } => (check.verdict, check.subject, check.reason) = named(trouble),
        LineState::Failed { code, reason, .. } => {
            let last = report.steps.iter().rev().find_map(|step| match &step.seen {
                Seen::Refused {
                    retry_after,
                    with_credentials,
                    address,
                    ..
                } => Some((*retry_after, *with_credentials, address.to_string())),
                _ => None,
            });
            let (retry_after, with_credentials, address) = last.unwrap_or_default();
            check.verdict = verdict(*code, with_credentials);
            (check.code, check.retry_after, check.subject) = (*code, retry_after, address);
            check.reason.clone_from(reason);
        }
    }
}

fn verdict(code: u16, with_credentials: bool) -> CheckVerdict {
    match code {
        401 | 407 => CheckVerdict::WrongPassword,
        403 if with_credentials => CheckVerdict::WrongPassword,
        403 => CheckVerdict::Forbidden,
        404 => CheckVerdict::UnknownUser,
        408 => CheckVerdict::TimedOut,
        423 => CheckVerdict::TooBrief,
        500..=599 => CheckVerdict::Unavailable,
        _ => CheckVerdict::Refused,
    }
}

/// Verdict, subject and what was said.
fn named(trouble: &Trouble) -> (CheckVerdict, String, String) {
    use CheckVerdict as Verdict;
    match trouble {
        Trouble::NoSuchName { name } => (Verdict::NameNotFound, name.clone(), String::new()),
        Trouble::NoAddress { name } => (Verdict::NoAddress, name.clone(), String::new()),
        Trouble::DnsFailed { name, detail } => (Verdict::DnsFailed, name.clone(), detail.clone()),
        Trouble::ConnectionRefused { address } => (
            Verdict::ConnectionRefused,
            address.to_string(),
            String::new(),
        ),
        Trouble::Unreachable { address, detail } => {
            (Verdict::NotReachable, address.to_string(), detail.clone())
        }
        Trouble::NoAnswer { address, .. } => {
            (Verdict::NoAnswer, address.to_string(), String::new())
        }
        Trouble::Closed { address } => (Verdict::Closed, address.to_string(), String::new()),
        Trouble::BadCertificate { name, problem, .. } => {
            let (verdict, said) = certificate(problem);
            (verdict, name.clone(), said)
        }
        Trouble::TlsFailed { address, detail } => {
            (Verdict::TlsFailed, address.to_string(), detail.clone())
        }
        Trouble::BadCa { detail } => (Verdict::BadCa, String::new(), detail.clone()),
    }
}

fn certificate(problem: &Certificate) -> (CheckVerdict, String) {
    match problem {
        Certificate::Expired => (CheckVerdict::CertificateExpired, String::new()),
        Certificate::NotYetValid => (CheckVerdict::CertificateNotYetValid, String::new()),
        Certificate::WrongName { names } => (CheckVerdict::CertificateWrongName, names.join(", ")),
        Certificate::UnknownIssuer => (CheckVerdict::CertificateUnknownIssuer, String::new()),
        Certificate::Revoked => (CheckVerdict::CertificateRevoked, String::new()),
        Certificate::Other(said) => (CheckVerdict::CertificateBad, said.clone()),
    }
}

fn show(seen: &Seen, ms: u32) -> CheckStep {
    let step = |kind| CheckStep {
        kind,
        ok: true,
        ms,
        code: 0,
        reason: String::new(),
        name: String::new(),
        address: String::new(),
        found: 0,
        source: String::new(),
        secs: 0,
        seen_as: String::new(),
    };
    match seen {
        Seen::Resolved { name, found } => CheckStep {
            name: name.clone(),
            found: u32::try_from(found.len()).unwrap_or(u32::MAX),
            address: found
                .first()
                .map_or_else(String::new, |one| one.address.to_string()),
            source: found
                .first()
                .map_or("", |one| source(one.source))
                .to_owned(),
            ..step(CheckStepKind::Resolved)
        },
        Seen::Connected { address } => CheckStep {
            address: address.to_string(),
            ..step(CheckStepKind::Connected)
        },
        Seen::Secured { name, version } => CheckStep {
            name: name.clone(),
            reason: version.clone(),
            ..step(CheckStepKind::Secured)
        },
        Seen::Challenged {
            address,
            code,
            realm,
            algorithms,
        } => CheckStep {
            address: address.to_string(),
            code: *code,
            name: realm.clone(),
            reason: algorithms.join(", "),
            ..step(CheckStepKind::Challenged)
        },
        Seen::TooBrief { min_expires } => CheckStep {
            code: 423,
            secs: *min_expires,
            ..step(CheckStepKind::TooBrief)
        },
        Seen::Registered {
            address,
            expires_secs,
            seen_as,
        } => CheckStep {
            address: address.to_string(),
            code: 200,
            secs: *expires_secs,
            seen_as: seen_as.map_or_else(String::new, |address| address.to_string()),
            ..step(CheckStepKind::Registered)
        },
        Seen::Refused {
            address,
            code,
            reason,
            retry_after,
            ..
        } => CheckStep {
            ok: false,
            address: address.to_string(),
            code: *code,
            reason: reason.clone(),
            secs: retry_after.unwrap_or(0),
            ..step(CheckStepKind::Refused)
        },
        Seen::Reachable { address, code } => CheckStep {
            address: address.to_string(),
            code: *code,
            ..step(CheckStepKind::Reachable)
        },
        Seen::Failed(trouble) => {
            let (_, subject, said) = named(trouble);
            CheckStep {
                ok: false,
                address: subject,
                reason: said,
                ..step(CheckStepKind::Failed)
            }
        }
    }
}

fn source(source: Source) -> &'static str {
    match source {
        Source::Given => "given",
        Source::Address => "address",
        Source::Srv => "srv",
        Source::Naptr => "naptr",
    }
}

/// What happened and what to do.
fn sentence(check: &LineCheck) -> String {
    let LineCheck {
        code,
        reason,
        subject,
        ..
    } = check;
    use CheckVerdict as Verdict;
    match check.verdict {
        Verdict::Registered => "Registered. Calls will come in.".to_owned(),
        Verdict::Answers => "The provider answers. Calls can be made.".to_owned(),
        Verdict::WrongPassword => format!(
            "{code} {reason}: wrong user or password. Copy both from the provider's panel once more."
        ),
        Verdict::Forbidden => format!(
            "{code} {reason}: the provider lets nobody in from here. Ask it whether the account is active and bound to an address."
        ),
        Verdict::UnknownUser => format!(
            "{code} {reason}: the provider does not know this user. Check the user and the domain."
        ),
        Verdict::TimedOut => format!(
            "{code} {reason}: the provider's server waited in vain for another of its own. Try later, or check the domain."
        ),
        Verdict::NoAnswer => format!(
            "Nothing came back from {subject}. Check the host, the port and the transport, and that the firewall lets SIP out."
        ),
        Verdict::TooBrief => format!(
            "{code} {reason}: the provider wants a longer registration. Raise the seconds it lasts."
        ),
        Verdict::Unavailable => {
            let when = match check.retry_after {
                Some(secs) => format!("It asks to be tried again in {secs} s."),
                None => "Try later, or ask the provider.".to_owned(),
            };
            format!("{code} {reason}: the provider's server is out of order or overloaded. {when}")
        }
        Verdict::Refused => {
            format!("{code} {reason}: the provider refuses. Its support can say why.")
        }
        Verdict::NameNotFound => format!("There is no host {subject}. Check how it is spelled."),
        Verdict::NoAddress => format!(
            "The name {subject} exists, but has no address for SIP. Ask the provider for the host."
        ),
        Verdict::DnsFailed => format!(
            "The name {subject} could not be looked up ({reason}). Check this server's DNS."
        ),
        Verdict::ConnectionRefused => {
            format!("{subject} accepts no connection. Check the port and the transport.")
        }
        Verdict::NotReachable => {
            format!("{subject} cannot be reached ({reason}). Check this server's network.")
        }
        Verdict::Closed => format!(
            "{subject} closed the connection before it answered. Check the port and the transport."
        ),
        Verdict::CertificateExpired => {
            format!("The certificate of {subject} has expired. The provider must renew it.")
        }
        Verdict::CertificateNotYetValid => {
            format!("The certificate of {subject} is not valid yet. Check this server's clock.")
        }
        Verdict::CertificateWrongName => {
            format!("The certificate is for {reason}, not for {subject}. Check the host.")
        }
        Verdict::CertificateUnknownIssuer => {
            format!("Nobody this server trusts has signed the certificate of {subject}.")
        }
        Verdict::CertificateRevoked => {
            format!("The certificate of {subject} was withdrawn. The provider must renew it.")
        }
        Verdict::CertificateBad => format!("The certificate of {subject} is not good: {reason}."),
        Verdict::TlsFailed => format!(
            "{subject} does not speak TLS with us ({reason}). Check the port and the transport."
        ),
        Verdict::BadCa => format!("The line's own certificates cannot be read: {reason}."),
    }
}
