//! What the end of a conversation is called, and what the caller is told. Pure.

use sip_core::SipCause;

use crate::ports::{Direction, Disposition, HungUpBy};

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How.
    pub disposition: Disposition,
    /// By whom.
    pub by: HungUpBy,
    /// Code for the caller and the record.
    pub code: u16,
    /// Words for the caller and the record.
    pub reason: String,
}

impl Outcome {
    pub(crate) fn new(
        disposition: Disposition,
        by: HungUpBy,
        code: u16,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            disposition,
            by,
            code,
            reason: reason.into(),
        }
    }
}

/// Who the one that called is.
pub(crate) fn caller_side(direction: Direction) -> HungUpBy {
    match direction {
        Direction::Incoming => HungUpBy::Client,
        Direction::Outgoing | Direction::Internal => HungUpBy::Agent,
    }
}

/// Who the one that was called is.
pub(crate) fn called_side(direction: Direction) -> HungUpBy {
    match direction {
        Direction::Incoming => HungUpBy::Agent,
        Direction::Outgoing | Direction::Internal => HungUpBy::Client,
    }
}

/// The caller gave up before an answer.
pub(crate) fn caller_gave_up(direction: Direction, cause: &SipCause) -> Outcome {
    // Our telephone says so in its CANCEL when it has rung the far end for long enough (RFC 3326).
    if cause.code == 408 {
        return nobody_answered();
    }
    let disposition = match direction {
        Direction::Incoming => Disposition::NoAnswer,
        Direction::Outgoing | Direction::Internal => Disposition::Cancelled,
    };
    Outcome::new(
        disposition,
        caller_side(direction),
        487,
        "The caller hung up before an answer",
    )
}

/// Nobody answered in time.
pub(crate) fn nobody_answered() -> Outcome {
    Outcome::new(
        Disposition::NoAnswer,
        HungUpBy::System,
        480,
        "Nobody answered in time",
    )
}

/// The called side refused with `cause`.
pub(crate) fn refused(direction: Direction, cause: &SipCause) -> Outcome {
    let (disposition, code) = match (direction, classify(cause.code)) {
        // Our phones have call waiting: "busy" is what their reject button says.
        (Direction::Incoming, (Disposition::Busy, code)) => (Disposition::Rejected, code),
        (_, judged) => judged,
    };
    let by = match disposition {
        Disposition::Busy | Disposition::Rejected => called_side(direction),
        Disposition::NoAnswer
        | Disposition::Failed
        | Disposition::Cancelled
        | Disposition::Answered => HungUpBy::System,
    };
    let reason = if cause.reason.trim().is_empty() {
        words(code).to_owned()
    } else {
        cause.reason.clone()
    };
    Outcome::new(disposition, by, code, reason)
}

/// The best of several refusals (RFC 3261 §16.7 item 6: 6xx first, then the lowest class; within
/// it a person's "no" or "busy" before a timeout).
pub(crate) fn best_refusal<'a>(causes: impl Iterator<Item = &'a SipCause>) -> Option<&'a SipCause> {
    causes.min_by_key(|cause| match cause.code {
        600..=699 => 0,
        486 => 1,
        300..=399 | 401 | 407 | 408 | 487 => 3,
        400..=499 => 2,
        _ => 4,
    })
}

/// Whether a person (or their phone on their behalf) said no, as opposed to a phone that is gone.
pub(crate) fn is_refusal(code: u16) -> bool {
    matches!(code, 486 | 403 | 480 | 600..=699)
}

fn classify(code: u16) -> (Disposition, u16) {
    match code {
        486 | 600 => (Disposition::Busy, code),
        403 | 603 | 607 | 608 => (Disposition::Rejected, code),
        408 | 480 => (Disposition::NoAnswer, code),
        // A far end that answers our own CANCEL, or gives up by itself.
        487 => (Disposition::NoAnswer, 480),
        // RFC 3261 §8.1.3.2: what cannot be understood counts as 400 of its class. Credentials and
        // redirections of the line are not the caller's business.
        300..=399 | 401 | 407 => (Disposition::Failed, 503),
        400..=699 => (Disposition::Failed, code),
        _ => (Disposition::Failed, 500),
    }
}

/// A sentence for a code that came without one.
pub(crate) fn words(code: u16) -> &'static str {
    match code {
        403 => "Forbidden",
        404 => "Number not found",
        408 => "No reply",
        410 => "The number is no longer in use",
        480 => "Temporarily unavailable",
        484 => "The number is incomplete",
        486 | 600 => "Busy",
        488 => "No common codec",
        503 => "The line is not available",
        603 => "Declined",
        _ => "The call could not be made",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(code: u16) -> SipCause {
        SipCause {
            code,
            reason: String::new(),
        }
    }

    #[test]
    fn a_busy_far_end_is_busy_by_the_client() {
        let outcome = refused(Direction::Outgoing, &cause(486));
        assert_eq!(
            outcome,
            Outcome::new(Disposition::Busy, HungUpBy::Client, 486, "Busy")
        );
    }

    #[test]
    fn an_agent_who_presses_reject_has_rejected() {
        assert_eq!(
            refused(Direction::Incoming, &cause(486)).disposition,
            Disposition::Rejected
        );
        assert_eq!(
            refused(Direction::Incoming, &cause(486)).by,
            HungUpBy::Agent
        );
    }

    #[test]
    fn an_unknown_number_fails_with_404_in_words() {
        let outcome = refused(Direction::Outgoing, &cause(404));
        assert_eq!(
            outcome,
            Outcome::new(
                Disposition::Failed,
                HungUpBy::System,
                404,
                "Number not found"
            )
        );
    }

    #[test]
    fn a_caller_who_gives_up_is_missed_when_incoming_and_cancelled_when_outgoing() {
        assert_eq!(
            caller_gave_up(Direction::Incoming, &cause(487)).disposition,
            Disposition::NoAnswer
        );
        assert_eq!(
            caller_gave_up(Direction::Outgoing, &cause(487)).disposition,
            Disposition::Cancelled
        );
    }

    #[test]
    fn a_decline_outranks_busy_and_busy_outranks_a_timeout() {
        let causes = [cause(408), cause(486), cause(603)];
        assert_eq!(best_refusal(causes.iter()).map(|c| c.code), Some(603));
        assert_eq!(best_refusal(causes[..2].iter()).map(|c| c.code), Some(486));
    }

    #[test]
    fn the_lines_own_challenge_is_not_shown_to_the_caller() {
        assert_eq!(refused(Direction::Outgoing, &cause(401)).code, 503);
    }
}
