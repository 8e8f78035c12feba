//! How a call stands or ended, in one word with its colour.

use api_types::{CallRecord, CallStatus, Direction, HungUpBy, RecordingState};

phrases! {
    /// The word in the Result column.
    pub enum Outcome {
        /// Nobody rings yet.
        Trying => outcome.trying,
        /// Rings.
        Ringing => outcome.ringing,
        /// People talk.
        Talking => outcome.talking,
        /// Ended after talk.
        Answered => outcome.answered,
        /// Incoming, nobody answered.
        Missed => outcome.missed,
        /// Outgoing: busy.
        Busy => outcome.busy,
        /// Outgoing: nobody answered.
        NoAnswer => outcome.no_answer,
        /// Declined.
        Declined => outcome.declined,
        /// Outgoing: the agent gave up.
        Cancelled => outcome.cancelled,
        /// Could not be made.
        Failed => outcome.failed,
        /// Ended with the server.
        Interrupted => outcome.interrupted,
    }
}

/// Colour of a chip. Red is for missed, rejected and failed only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// No state colour.
    Plain,
    /// A call that runs.
    Accent,
    /// Ringing.
    Wait,
    /// Missed, rejected, failed.
    Stop,
}

impl Outcome {
    /// Of a call.
    pub fn of(direction: Direction, status: CallStatus) -> Self {
        match (status, direction) {
            (CallStatus::Trying, _) => Self::Trying,
            (CallStatus::Ringing, _) => Self::Ringing,
            (CallStatus::Talking, _) => Self::Talking,
            (CallStatus::Answered, _) => Self::Answered,
            (CallStatus::Cancelled | CallStatus::NoAnswer, Direction::Incoming) => Self::Missed,
            (CallStatus::Cancelled, _) => Self::Cancelled,
            (CallStatus::NoAnswer, _) => Self::NoAnswer,
            (CallStatus::Busy, _) => Self::Busy,
            (CallStatus::Rejected, _) => Self::Declined,
            (CallStatus::Failed, _) => Self::Failed,
            (CallStatus::Interrupted, _) => Self::Interrupted,
        }
    }

    /// Its colour.
    pub fn tone(self) -> Tone {
        match self {
            Self::Trying | Self::Answered | Self::Cancelled | Self::Interrupted => Tone::Plain,
            Self::Ringing => Tone::Wait,
            Self::Talking => Tone::Accent,
            Self::Missed | Self::Busy | Self::NoAnswer | Self::Declined | Self::Failed => {
                Tone::Stop
            }
        }
    }
}

phrases! {
    /// The sign in the first column, with its name for those who do not see it.
    pub enum DirectionSign {
        /// They called, somebody answered (or it still rings).
        Incoming => direction.incoming,
        /// We called.
        Outgoing => direction.outgoing,
        /// Between colleagues.
        Internal => direction.internal,
        /// They called, nobody answered.
        Missed => direction.missed,
        /// We called in vain.
        Failed => direction.failed,
    }
}

impl DirectionSign {
    /// Of a call.
    pub fn of(direction: Direction, status: CallStatus) -> Self {
        match (direction, Outcome::of(direction, status).tone()) {
            (Direction::Incoming, Tone::Stop) => Self::Missed,
            (_, Tone::Stop) => Self::Failed,
            (Direction::Incoming, _) => Self::Incoming,
            (Direction::Outgoing, _) => Self::Outgoing,
            (Direction::Internal, _) => Self::Internal,
        }
    }

    /// Name of its icon.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Incoming => "phone-incoming",
            Self::Outgoing => "phone-outgoing",
            Self::Internal => "phone",
            Self::Missed => "phone-missed",
            Self::Failed => "phone-off",
        }
    }

    /// Whether it is red.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Missed | Self::Failed)
    }
}

phrases! {
    /// Who ended a call.
    pub enum WhoHungUp {
        /// The employee.
        Agent => hung_up.agent,
        /// The other side.
        Client => hung_up.client,
        /// Trubka.
        System => hung_up.system,
    }
}

impl From<HungUpBy> for WhoHungUp {
    fn from(who: HungUpBy) -> Self {
        match who {
            HungUpBy::Agent => Self::Agent,
            HungUpBy::Client => Self::Client,
            HungUpBy::System => Self::System,
        }
    }
}

/// Milliseconds of talk; `None` if it was never answered or still runs.
pub fn talk_ms(call: &CallRecord) -> Option<u64> {
    Some(super::format::elapsed(call.answered_at?, call.ended_at?))
}

/// Milliseconds the caller waited: until the answer, or until the end.
pub fn wait_ms(call: &CallRecord) -> Option<u64> {
    Some(super::format::elapsed(
        call.started_at,
        call.answered_at.or(call.ended_at)?,
    ))
}

/// Whether its recording can be played now.
pub fn is_playable(call: &CallRecord) -> bool {
    call.recording
        .as_ref()
        .is_some_and(|recording| recording.state == RecordingState::Ready)
}

/// Whether a call is over.
pub fn is_over(status: CallStatus) -> bool {
    !matches!(
        status,
        CallStatus::Trying | CallStatus::Ringing | CallStatus::Talking
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_incoming_call_given_up_is_missed_and_red() {
        let outcome = Outcome::of(Direction::Incoming, CallStatus::Cancelled);
        assert_eq!((outcome, outcome.tone()), (Outcome::Missed, Tone::Stop));
        assert_eq!(
            DirectionSign::of(Direction::Incoming, CallStatus::Cancelled),
            DirectionSign::Missed
        );
    }

    #[test]
    fn an_outgoing_call_given_up_by_the_agent_is_not_red() {
        let outcome = Outcome::of(Direction::Outgoing, CallStatus::Cancelled);
        assert_eq!((outcome, outcome.tone()), (Outcome::Cancelled, Tone::Plain));
        assert!(!DirectionSign::of(Direction::Outgoing, CallStatus::Cancelled).is_bad());
    }
}
