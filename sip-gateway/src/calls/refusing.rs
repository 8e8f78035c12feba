//! While the called side rings: who refuses, who gives up, and when that ends the call.

use sip_core::{EndedBy, SipCause};

use super::{
    LegNo,
    conversation::{Conversation, Step},
    leg::{Leg, Progress},
    outcome,
};
use crate::ports::{Direction, StageEnd};

impl Conversation {
    /// A 6xx at one of a person's phones speaks for all of them (RFC 3261 §21.6).
    pub(super) fn has_refused(&self, extension: &str) -> bool {
        self.legs.values().any(|leg| {
            leg.extension.as_deref() == Some(extension)
                && matches!(&leg.progress, Progress::Over(Some(cause)) if cause.code >= 600)
        })
    }

    /// A leg ended before anyone talked.
    pub(super) async fn ringing_leg_ended(
        &mut self,
        number: LegNo,
        by: EndedBy,
        cause: SipCause,
    ) -> Step {
        if !self.legs.get(&number).is_some_and(Leg::is_live) {
            return Ok(());
        }
        if number == self.caller {
            let gave_up = outcome::caller_gave_up(self.direction, &cause);
            self.leg_over(number, Some(cause));
            self.end_stage(StageEnd::CallerGone);
            return Err(gave_up);
        }
        let extension = self.legs.get(&number).and_then(|leg| leg.extension.clone());
        let said_no = by == EndedBy::Remote && outcome::is_refusal(cause.code);
        let speaks_for_all = by == EndedBy::Remote && cause.code >= 600;
        self.leg_over(number, Some(cause.clone()));
        if let Some(leg) = self.legs.get(&number) {
            self.services.engine.close(leg.media);
        }
        if let Some(step) = self.line_refused(number, &cause).await {
            return step;
        }
        if speaks_for_all {
            self.drop_phones_of(extension.as_deref());
        }
        self.judge_refusals(said_no).await
    }

    fn drop_phones_of(&mut self, extension: Option<&str>) {
        let same: Vec<LegNo> = self
            .legs
            .iter()
            .filter(|(n, leg)| {
                self.is_called(**n) && leg.is_live() && leg.extension.as_deref() == extension
            })
            .map(|(n, _)| *n)
            .collect();
        for number in same {
            self.drop_fork(number, 603, "Declined at another phone");
        }
    }

    /// When nothing rings any more: refused by people, or gone and perhaps back in a moment.
    async fn judge_refusals(&mut self, said_no: bool) -> Step {
        let first = self.path.first_leg();
        let called = || {
            self.legs
                .iter()
                .filter(|(n, _)| self.is_called(**n) && **n >= first)
                .map(|(_, leg)| leg)
        };
        if called().any(Leg::is_live) {
            return Ok(());
        }
        let causes = called().filter_map(|leg| match &leg.progress {
            Progress::Over(Some(cause)) => Some(cause),
            Progress::Over(None) | Progress::Calling | Progress::Up => None,
        });
        let refused_before = called().any(
            |leg| matches!(&leg.progress, Progress::Over(Some(c)) if outcome::is_refusal(c.code)),
        );
        let final_answer = said_no || refused_before || self.direction == Direction::Outgoing;
        match outcome::best_refusal(causes).cloned() {
            Some(best) if final_answer => self.stage_declined(&best).await,
            // A page that is being reloaded is rung again when it registers.
            _ => Ok(()),
        }
    }
}
