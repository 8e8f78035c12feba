//! The way of a call: stage after stage of phones, then a forward; line after line.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use sip_core::SipCause;
use tokio::time::Instant;

use super::{
    CallOrder, Destination, LegNo, LegOrder,
    conversation::{Conversation, Step},
    outcome::{self, Outcome},
    state::State,
};
use crate::ports::{
    CallEvent, Direction, ForwardTo, LineAttempt, PathStep, RingOrder, RingStage, StageEnd,
};

/// How long phones that are not there are waited for, when there is something else to try: a page
/// that is being reloaded is back by then.
const NOBODY_THERE: Duration = Duration::from_secs(3);
/// How long the network may ring before we give up (RFC 3261 §16.6 item 11 wants over 3 minutes).
const NETWORK_RING: Duration = Duration::from_secs(185);

/// What is left to try, and what is being tried.
#[derive(Debug, Default)]
pub(super) struct Path {
    stages: VecDeque<RingStage>,
    forward: Option<ForwardTo>,
    now: Option<Now>,
}

#[derive(Debug)]
enum Now {
    /// These phones.
    Stage {
        stage: RingStage,
        /// The first leg that belongs to it.
        first: LegNo,
        /// Whether it was told whom it rings.
        told: bool,
        /// Whether its time was cut because nobody is there.
        cut: bool,
    },
    /// These lines.
    Lines {
        left: VecDeque<LineAttempt>,
        /// The one that is tried, and its leg.
        tried: Option<(LineAttempt, LegNo)>,
        /// Whether the far end has rung: then a failure is the call's, not the line's.
        rang: bool,
        rule: Option<String>,
        emergency: bool,
        time: Duration,
    },
}

impl Path {
    /// Stages that ring in turn become one for each extension.
    pub(super) fn new(stages: Vec<RingStage>, forward: Option<ForwardTo>) -> Self {
        let single = |stage: &RingStage, extension: &String| RingStage {
            extensions: vec![extension.clone()],
            ..stage.clone()
        };
        let stages = stages.into_iter().flat_map(|stage| match stage.how {
            RingOrder::AtOnce => vec![stage],
            RingOrder::InTurn => stage.extensions.iter().map(|e| single(&stage, e)).collect(),
        });
        Self {
            stages: stages
                .filter(|stage| !stage.extensions.is_empty())
                .collect(),
            forward: forward.filter(|forward| !forward.attempts.is_empty()),
            now: None,
        }
    }

    /// One number over the first line that carries it.
    pub(super) fn over(attempts: Vec<LineAttempt>, emergency: bool) -> Self {
        Self {
            now: Some(Now::Lines {
                left: attempts.into(),
                tried: None,
                rang: false,
                rule: None,
                emergency,
                time: NETWORK_RING,
            }),
            ..Self::default()
        }
    }

    /// Whether there is something to try when what is tried now fails.
    fn has_more(&self) -> bool {
        !self.stages.is_empty() || self.forward.is_some()
    }

    /// Whether there is nothing to try.
    pub(super) fn is_empty(&self) -> bool {
        self.now.is_none() && !self.has_more()
    }

    /// The first leg of the stage that rings.
    pub(super) fn first_leg(&self) -> LegNo {
        match &self.now {
            Some(Now::Stage { first, .. }) => *first,
            Some(Now::Lines { .. }) | None => LegNo(1),
        }
    }

    /// Whether phones of this extension are to ring now.
    pub(super) fn rings(&self, extension: &str) -> bool {
        match &self.now {
            Some(Now::Stage { stage, .. }) => stage.extensions.iter().any(|e| e == extension),
            Some(Now::Lines { .. }) | None => false,
        }
    }

    /// Whether a leg is the line that is tried.
    fn tries(&self, number: LegNo) -> bool {
        matches!(&self.now, Some(Now::Lines { tried: Some((_, leg)), .. }) if *leg == number)
    }
}

/// RFC 3261 §21.4.9, §21.5: the line's fault. 401 and 407 come when its credentials are refused, 488
/// when it does not speak the encryption or the codecs that are set up.
fn is_lines_fault(code: u16) -> bool {
    matches!(code, 401 | 407 | 408 | 430 | 488 | 500..=599)
}

impl Conversation {
    /// Goes on with the next stage, or the forward, or ends.
    pub(super) async fn next_stage(&mut self) -> Step {
        self.order(CallOrder::FindNoMore);
        if let Some(stage) = self.path.stages.pop_front() {
            self.begin_stage(stage);
            return Ok(());
        }
        let Some(forward) = self.path.forward.take() else {
            return Err(outcome::nobody_answered());
        };
        let caller = self.shown.number.clone();
        let with_caller = |mut attempt: LineAttempt| {
            attempt.caller_id = attempt.caller_id.or_else(|| caller.clone());
            attempt
        };
        self.path.now = Some(Now::Lines {
            left: forward.attempts.into_iter().map(with_caller).collect(),
            tried: None,
            rang: false,
            rule: Some(forward.rule),
            emergency: false,
            time: Duration::from_secs(forward.ring_secs.into()),
        });
        self.ring_caller();
        self.next_line().await
    }

    fn begin_stage(&mut self, stage: RingStage) {
        let time = Duration::from_secs(stage.ring_secs.into());
        let extensions = stage.extensions.clone();
        self.ring_until(Instant::now() + time, "phones are rung");
        let first = self.next_leg_number();
        self.path.now = Some(Now::Stage {
            stage,
            first,
            told: false,
            cut: false,
        });
        // Phones first: the card on the screen is waited for, the caller's 180 is not.
        self.order(CallOrder::Find(extensions));
        self.ring_caller();
    }

    fn ring_until(&mut self, until: Instant, reason: &str) {
        let alone = match self.state {
            State::Ringing { alone, .. } => alone,
            State::Routing
            | State::Talking { .. }
            | State::Waiting { .. }
            | State::Transferring { .. }
            | State::Joining { .. }
            | State::Parked { .. }
            | State::Leaving
            | State::Over => None,
        };
        self.transition(State::Ringing { until, alone }, reason);
    }

    /// The caller hears ringing from the first stage on; once.
    fn ring_caller(&mut self) {
        if self.direction == Direction::Incoming && !std::mem::replace(&mut self.caller_rung, true)
        {
            let (code, sdp) = (180, None);
            self.leg_order(self.caller, LegOrder::Ring { code, sdp });
        }
    }

    /// Phones of the stage are there, or none is: its time runs accordingly.
    pub(super) fn stage_finds(&mut self, reachable: Vec<String>) {
        let more = self.path.has_more();
        let Some(Now::Stage {
            stage, told, cut, ..
        }) = &mut self.path.now
        else {
            return;
        };
        let time = Duration::from_secs(stage.ring_secs.into());
        let wanted = match (reachable.is_empty(), *told) {
            (true, false) if more => {
                *cut = true;
                Some(NOBODY_THERE.min(time))
            }
            (false, _) if std::mem::take(cut) => Some(time),
            _ => None,
        };
        let step = (!std::mem::replace(told, true)).then(|| PathStep::Rings {
            rule: stage.rule.clone(),
            extensions: stage.extensions.clone(),
            reachable,
            ring_secs: stage.ring_secs,
        });
        if let Some(time) = wanted {
            self.ring_until(Instant::now() + time, "the stage's time");
        }
        if let Some(step) = step {
            self.tell_step(step);
        }
    }

    /// The time of what rings is over.
    pub(super) async fn ringing_time_over(&mut self) -> Step {
        match &self.path.now {
            Some(Now::Stage { cut, .. }) => {
                let end = if *cut {
                    StageEnd::Unreachable
                } else {
                    StageEnd::NoAnswer
                };
                self.end_stage(end);
                self.stop_ringing(480, "Nobody answered in time");
                self.next_stage().await
            }
            Some(Now::Lines { .. }) | None => Err(outcome::nobody_answered()),
        }
    }

    /// All phones of the stage have refused; `best` is the best of their answers.
    pub(super) async fn stage_declined(&mut self, best: &SipCause) -> Step {
        let refused = outcome::refused(self.direction, best);
        self.end_stage(StageEnd::Declined { code: best.code });
        if self.path.has_more() {
            self.next_stage().await
        } else {
            Err(refused)
        }
    }

    /// Notes how what rings ended.
    pub(super) fn end_stage(&mut self, end: StageEnd) {
        let step = match self.path.now.take() {
            Some(Now::Stage { stage, .. }) => Some((stage.rule, stage.extensions)),
            Some(Now::Lines {
                rule: Some(rule), ..
            }) => Some((rule, Vec::new())),
            Some(Now::Lines { rule: None, .. }) | None => None,
        };
        if let Some((rule, extensions)) = step {
            self.tell_step(PathStep::RangOut {
                rule,
                extensions,
                end,
            });
        }
    }

    /// Someone answered; the number, for a call that was forwarded.
    pub(super) fn path_answered(&mut self, extension: Option<&str>) {
        let who = match (&self.path.now, extension) {
            (_, Some(extension)) => extension.to_owned(),
            (
                Some(Now::Lines {
                    tried: Some((attempt, _)),
                    ..
                }),
                None,
            ) => attempt.number.clone(),
            (_, None) => String::new(),
        };
        self.end_stage(StageEnd::Answered(who));
    }

    fn tell_step(&self, step: PathStep) {
        // Between colleagues there is nothing to explain.
        if self.direction != Direction::Internal {
            self.emit(CallEvent::PathStep {
                id: self.id,
                at: SystemTime::now(),
                step,
            });
        }
    }

    /// Tries the next line.
    pub(super) async fn next_line(&mut self) -> Step {
        let Some(Now::Lines {
            left,
            rule,
            emergency,
            time,
            ..
        }) = &mut self.path.now
        else {
            return Ok(());
        };
        let Some(attempt) = left.pop_front() else {
            return Err(no_line());
        };
        let (rule, emergency, time) = (rule.clone(), *emergency, *time);
        self.ring_until(Instant::now() + time, "the network is called");
        self.tell_step(PathStep::LineTried {
            rule,
            line: attempt.line,
            number: attempt.number.clone(),
        });
        if self.direction == Direction::Outgoing {
            self.record = self.records(attempt.line);
        }
        self.emergency = emergency;
        let called = self.add_leg(self.line_setup(attempt.line), None)?;
        if let Some(Now::Lines { tried, .. }) = &mut self.path.now {
            *tried = Some((attempt.clone(), called));
        }
        self.invite(called, Destination::Line(attempt)).await
    }

    fn records(&self, line: crate::ports::LineId) -> bool {
        let lines = self.services.lines.borrow();
        let config = lines.iter().find(|config| config.id == line);
        config.is_some_and(|config| config.record)
    }

    /// A provisional answer of the network.
    pub(super) fn line_rings(&mut self, number: LegNo) {
        if self.path.tries(number)
            && let Some(Now::Lines { rang, .. }) = &mut self.path.now
        {
            *rang = true;
        }
    }

    /// The line that was tried has not carried the call; `None`: it was no such leg.
    pub(super) async fn line_refused(&mut self, number: LegNo, cause: &SipCause) -> Option<Step> {
        if !self.path.tries(number) {
            return None;
        }
        let Some(Now::Lines {
            left, tried, rang, ..
        }) = &mut self.path.now
        else {
            return None;
        };
        let next = !left.is_empty() && !*rang && is_lines_fault(cause.code);
        let (attempt, _) = tried.take()?;
        self.tell_step(PathStep::LineFailed {
            line: attempt.line,
            code: cause.code,
            reason: cause.reason.clone(),
            next,
        });
        if next {
            return Some(self.next_line().await);
        }
        let outcome = match self.direction {
            // The caller came in; that we could not pass him on is our trouble, not his answer.
            Direction::Incoming => {
                self.end_stage(StageEnd::Declined { code: cause.code });
                outcome::nobody_answered()
            }
            Direction::Outgoing | Direction::Internal => outcome::refused(self.direction, cause),
        };
        Some(Err(outcome))
    }
}

fn no_line() -> Outcome {
    Outcome::new(
        crate::ports::Disposition::Failed,
        crate::ports::HungUpBy::System,
        503,
        "No line is set up for outgoing calls",
    )
}
