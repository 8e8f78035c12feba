//! Why a registration failed, and how long to wait before the next attempt.

use super::RegistrationFailure;
use crate::{Millis, message::Response, random::Random};

/// Longest wait between two attempts, in milliseconds.
const BACKOFF_CAP: Millis = 60_000;
/// Longest `Retry-After` that is believed, in seconds.
const RETRY_AFTER_CAP: Millis = 3600;
/// What is asked for when a registrar finds the interval too brief without saying what it wants.
const USUAL_EXPIRES: u32 = 3600;

/// What a refusal means. 408 and 503 of our own making are told apart by the caller.
pub fn failure(code: u16, has_challenge: bool) -> RegistrationFailure {
    match code {
        401 | 407 if has_challenge => RegistrationFailure::WrongCredentials,
        401 | 407 => RegistrationFailure::NoUsableChallenge,
        403 => RegistrationFailure::Forbidden,
        404 | 410 | 604 => RegistrationFailure::UnknownAccount,
        408 => RegistrationFailure::NoAnswer,
        423 => RegistrationFailure::TooBrief,
        480 | 500..=599 => RegistrationFailure::Unavailable,
        _ => RegistrationFailure::Refused,
    }
}

/// What does not get better by trying.
pub fn is_final(failure: RegistrationFailure) -> bool {
    matches!(
        failure,
        RegistrationFailure::WrongCredentials
            | RegistrationFailure::NoUsableChallenge
            | RegistrationFailure::Forbidden
            | RegistrationFailure::UnknownAccount
    )
}

/// The registrar's own words besides the reason phrase: `Warning` (RFC 3261 §20.43), else the text
/// of `Reason` (RFC 3326).
pub fn detail(response: &Response) -> Option<String> {
    let warning = response
        .header_values("Warning")
        .find_map(|value| Some(value.split_once('"')?.1.trim_end_matches('"').to_owned()));
    warning
        .or_else(|| response.reason_header()?.1)
        .filter(|text| !text.is_empty())
}

/// `Retry-After: 18 (in a meeting);duration=3600` in milliseconds; at least a second.
pub fn retry_after(response: &Response) -> Option<Millis> {
    let value = response.header("Retry-After")?;
    let digits = value.split(|c: char| !c.is_ascii_digit()).next()?;
    let seconds = digits.parse::<u32>().ok().map(Millis::from)?;
    Some(seconds.clamp(1, RETRY_AFTER_CAP) * 1000)
}

/// 1, 2, 4 … seconds up to the cap, each between half and all of it (RFC 5626 §4.5).
pub fn back_off(failures: u32, random: &mut Random) -> Millis {
    let full = (1000_u64 << failures.min(6)).min(BACKOFF_CAP);
    random.between(full / 2, full)
}

/// RFC 3261 §10.2.8: what a 423 wants instead of `asked`; `None` when it wants no more than that.
pub fn longer(response: &Response, asked: u32) -> Option<u32> {
    let least = match response.header("Min-Expires") {
        Some(value) => value.trim().parse().ok()?,
        None => USUAL_EXPIRES,
    };
    (least > asked).then_some(least)
}

/// RFC 5626 §5.4: seconds within which the registrar wants to hear of us.
pub fn flow_timer(response: &Response) -> Option<u32> {
    let value = response.header("Flow-Timer")?;
    value.trim().parse().ok().filter(|seconds| *seconds > 0)
}
