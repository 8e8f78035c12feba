//! While both sides talk: who leaves, who vanishes, digits and requests inside the call.

use std::time::Duration;

use sip_core::{EndedBy, SipCause, agent::RequestHandle, message::Request};
use tokio::time::Instant;

use super::{
    LegNo, LegOrder,
    conversation::{Conversation, Step},
    identity::digit_of_info,
    outcome::{self, Outcome},
    state::State,
};
use crate::{
    media::{Channel, LegId, MediaEvent},
    ports::{CallEvent, Disposition, HungUpBy},
};

/// How long a vanished side is waited for.
const WAIT_FOR_RETURN: Duration = Duration::from_secs(30);

impl Conversation {
    /// One of the two that talk has left.
    pub(super) fn talker_ended(&mut self, number: LegNo, by: EndedBy, cause: SipCause) -> Step {
        let talks = number == self.caller || self.state.answered() == Some(number);
        if !talks || !self.legs.get(&number).is_some_and(super::leg::Leg::is_live) {
            return Ok(());
        }
        let side = if number == self.caller {
            outcome::caller_side(self.direction)
        } else {
            outcome::called_side(self.direction)
        };
        let ended = match by {
            EndedBy::Remote | EndedBy::Local => Outcome::new(
                Disposition::Answered,
                side,
                cause.code,
                non_empty(&cause.reason, "Hung up"),
            ),
            EndedBy::Failure => {
                let reason = format!("The connection was lost ({} {})", cause.code, cause.reason);
                Outcome::new(Disposition::Answered, HungUpBy::System, cause.code, reason)
            }
        };
        self.leg_over(number, Some(cause));
        Err(ended)
    }

    /// News of the media plane.
    pub(super) fn handle_media(&mut self, event: MediaEvent) -> Step {
        match event {
            MediaEvent::Connected(_) => tracing::debug!("media is connected"),
            MediaEvent::Digit { leg, digit } => self.digit(self.number_of(leg), digit),
            MediaEvent::Vanished(leg) => {
                self.vanished(leg, "The connection to the browser was lost")
            }
            MediaEvent::Returned(leg) => self.returned(leg),
            MediaEvent::Closed { leg, reason } => {
                tracing::info!(reason, "a media leg was closed by its peer");
                self.vanished(leg, "The browser was closed");
            }
            MediaEvent::RecordingGap { ms, reason, .. } => {
                tracing::error!(ms, reason, "the recording has a gap");
            }
        }
        Ok(())
    }

    fn number_of(&self, media: LegId) -> Option<LegNo> {
        self.legs
            .iter()
            .find(|(_, leg)| leg.media == media)
            .map(|(number, _)| *number)
    }

    fn vanished(&mut self, media: LegId, why: &'static str) {
        let State::Talking { called } = self.state else {
            return;
        };
        let Some(gone) = self
            .number_of(media)
            .filter(|n| *n == self.caller || *n == called)
        else {
            return;
        };
        self.transition(
            State::Waiting {
                called,
                gone,
                until: Instant::now() + WAIT_FOR_RETURN,
                why,
            },
            why,
        );
        self.arrange();
    }

    fn returned(&mut self, media: LegId) {
        let State::Waiting { called, gone, .. } = self.state else {
            return;
        };
        if self.number_of(media) == Some(gone) {
            self.transition(State::Talking { called }, "media is back");
            self.arrange();
        }
    }

    /// While it rings, a caller whose page is gone is waited for like one who talks; a call that
    /// talks does not need the connection, its audio tells.
    pub(super) fn connection(&mut self, number: LegNo, alive: bool) {
        let State::Ringing { until, .. } = self.state else {
            return;
        };
        if number == LegNo::CALLER {
            let alone = (!alive).then(|| Instant::now() + WAIT_FOR_RETURN);
            let reason = if alive {
                "the caller's page is back"
            } else {
                "the caller's page is gone"
            };
            self.transition(State::Ringing { until, alone }, reason);
        }
    }

    fn digit(&self, number: Option<LegNo>, digit: char) {
        let Some(number) = number else { return };
        self.press_on_the_other(number, digit);
        let from_caller = number == self.caller;
        let from_agent = from_caller == (self.channel_of_caller() == Channel::Left);
        self.emit(CallEvent::Digit {
            id: self.id,
            digit,
            from_agent,
        });
    }

    /// The other side may want its keys as INFO.
    fn press_on_the_other(&self, number: LegNo, digit: char) {
        let Some(called) = self.state.answered() else {
            return;
        };
        let other = self.other_side(number, called);
        if self.legs.get(&other).is_some_and(|leg| leg.keys_by_info) {
            self.leg_order(other, LegOrder::Press { digit });
        }
    }

    /// A key that came by INFO is in no audio: the other side gets it as its line or phone has it.
    fn play_on_the_other(&self, number: LegNo, digit: char) {
        let other = self.state.answered();
        let other = other.map(|called| self.other_side(number, called));
        let leg = other.and_then(|other| self.legs.get(&other));
        if let Some(leg) = leg.filter(|leg| !leg.keys_by_info) {
            self.services.engine.press(leg.media, digit);
        }
    }

    /// INFO with a digit is noted and passed on; what we do not know is said so (RFC 6086 §4.2.2).
    pub(super) fn in_call_request(
        &mut self,
        number: LegNo,
        handle: RequestHandle,
        request: &Request,
    ) {
        let (code, reason) = match request.method.as_str() {
            "INFO" => {
                if let Some(digit) = digit_of_info(request) {
                    self.digit(Some(number), digit);
                    self.play_on_the_other(number, digit);
                }
                (200, "OK")
            }
            "MESSAGE" | "NOTIFY" => (200, "OK"),
            _ => (501, "Not Implemented"),
        };
        self.leg_order(
            number,
            LegOrder::Respond {
                handle,
                code,
                reason: reason.to_owned(),
            },
        );
    }
}

fn non_empty(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() {
        otherwise.to_owned()
    } else {
        text.to_owned()
    }
}
