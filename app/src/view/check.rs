//! What a check of a line came to, in words.

use api_types::{CheckStep, CheckStepKind, CheckVerdict, LineCheck};

macro_rules! verdicts {
    ($($(#[$doc:meta])* $variant:ident => $($key:ident).+,)+) => {
        phrases! {
            /// The sentence over a check; `{subject}` and `{secs}` stand in some.
            pub enum CheckWords { $($(#[$doc])* $variant => $($key).+,)+ }
        }

        impl CheckWords {
            /// Of a verdict.
            pub fn of(verdict: CheckVerdict) -> Self {
                match verdict { $(CheckVerdict::$variant => Self::$variant,)+ }
            }
        }
    };
}

verdicts! {
    /// 200.
    Registered => check_line.registered,
    /// A trunk.
    Answers => check_line.answers,
    /// 401, 403, 407.
    WrongPassword => check_line.wrong_password,
    /// 403 before credentials.
    Forbidden => check_line.forbidden,
    /// 404.
    UnknownUser => check_line.unknown_user,
    /// 408.
    TimedOut => check_line.timed_out,
    /// Nothing.
    NoAnswer => check_line.no_answer,
    /// 423.
    TooBrief => check_line.too_brief,
    /// 5xx.
    Unavailable => check_line.unavailable,
    /// Another code.
    Refused => check_line.refused,
    /// DNS: no such name.
    NameNotFound => check_line.name_not_found,
    /// DNS: no address.
    NoAddress => check_line.no_address,
    /// DNS: no server.
    DnsFailed => check_line.dns_failed,
    /// Nothing listens.
    ConnectionRefused => check_line.connection_refused,
    /// No way there.
    NotReachable => check_line.not_reachable,
    /// Closed.
    Closed => check_line.closed,
    /// Certificate: over.
    CertificateExpired => check_line.certificate_expired,
    /// Certificate: not yet.
    CertificateNotYetValid => check_line.certificate_not_yet,
    /// Certificate: another name.
    CertificateWrongName => check_line.certificate_name,
    /// Certificate: unknown issuer.
    CertificateUnknownIssuer => check_line.certificate_issuer,
    /// Certificate: withdrawn.
    CertificateRevoked => check_line.certificate_revoked,
    /// Certificate: another fault.
    CertificateBad => check_line.certificate_bad,
    /// TLS.
    TlsFailed => check_line.tls_failed,
    /// Own CA.
    BadCa => check_line.bad_ca,
}

phrases! {
    /// The first line of a step.
    pub enum StepWords {
        /// DNS.
        Resolved => check_step.resolved,
        /// TCP.
        Connected => check_step.connected,
        /// TLS.
        Secured => check_step.secured,
        /// A challenge.
        Challenged => check_step.challenged,
        /// 423.
        TooBrief => check_step.too_brief,
        /// 200.
        Registered => check_step.registered,
        /// Refused.
        Refused => check_step.refused,
        /// OPTIONS.
        Reachable => check_step.reachable,
        /// No further.
        Failed => check_step.failed,
    }
}

phrases! {
    /// What a step found; `{name}` stand in them.
    pub enum StepDetail {
        /// How many addresses, the first.
        Found => check_step.found,
        /// To whom.
        To => check_step.to,
        /// For which name.
        For => check_step.certificate_for,
        /// Realm and algorithms.
        Realm => check_step.realm,
        /// Seconds granted.
        Granted => check_step.granted,
        /// Seconds wanted.
        Wanted => check_step.wanted,
        /// Our address.
        SeenAs => check_step.seen_as,
        /// Ask again later.
        Later => check_step.later,
    }
}

impl StepWords {
    /// Of a kind.
    pub fn of(kind: CheckStepKind) -> Self {
        match kind {
            CheckStepKind::Resolved => Self::Resolved,
            CheckStepKind::Connected => Self::Connected,
            CheckStepKind::Secured => Self::Secured,
            CheckStepKind::Challenged => Self::Challenged,
            CheckStepKind::TooBrief => Self::TooBrief,
            CheckStepKind::Registered => Self::Registered,
            CheckStepKind::Refused => Self::Refused,
            CheckStepKind::Reachable => Self::Reachable,
            CheckStepKind::Failed => Self::Failed,
        }
    }
}

/// The sentences under a step, each where its facts were on the wire, and the facts said as they
/// came.
pub fn details(step: &CheckStep) -> (Vec<StepDetail>, String) {
    let mut said = Vec::new();
    let mut add = |detail, there: bool| {
        if there {
            said.push(detail);
        }
    };
    add(
        StepDetail::Found,
        step.kind == CheckStepKind::Resolved && step.ok,
    );
    add(
        StepDetail::To,
        step.kind == CheckStepKind::Connected && !step.address.is_empty(),
    );
    add(
        StepDetail::For,
        step.kind == CheckStepKind::Secured && !step.name.is_empty(),
    );
    add(
        StepDetail::Realm,
        step.kind == CheckStepKind::Challenged && !step.name.is_empty(),
    );
    add(
        StepDetail::Granted,
        step.kind == CheckStepKind::Registered && step.secs > 0,
    );
    add(
        StepDetail::Wanted,
        step.kind == CheckStepKind::TooBrief && step.secs > 0,
    );
    add(
        StepDetail::Later,
        step.kind == CheckStepKind::Refused && step.secs > 0,
    );
    add(StepDetail::SeenAs, !step.seen_as.is_empty());
    let as_came = match step.kind {
        CheckStepKind::Secured
        | CheckStepKind::Challenged
        | CheckStepKind::Failed
        | CheckStepKind::Refused => step.reason.clone(),
        CheckStepKind::Resolved
        | CheckStepKind::Connected
        | CheckStepKind::TooBrief
        | CheckStepKind::Registered
        | CheckStepKind::Reachable => String::new(),
    };
    (said, as_came)
}

/// How addresses were found, as engineers name it.
pub fn found_by(source: &str) -> &'static str {
    match source {
        "srv" => "SRV",
        "naptr" => "NAPTR, SRV",
        "address" => "A, AAAA",
        _ => "IP",
    }
}

/// Code and reason as the wire said them; empty when there was no answer.
pub fn said(check: &LineCheck) -> String {
    if check.code == 0 {
        String::new()
    } else {
        format!("{} {}", check.code, check.reason)
            .trim_end()
            .to_owned()
    }
}

/// Whether calls will come in.
pub fn is_good(verdict: CheckVerdict) -> bool {
    matches!(verdict, CheckVerdict::Registered | CheckVerdict::Answers)
}
