//! While both sides talk: who leaves, who vanishes, digits and requests inside the call.

use std::time::SystemTime;

use sip_core::{EndedBy, SipCause, agent::RequestHandle, message::Request};
use tokio::time::Instant;

use super::{
    Contact, LegNo, LegOrder,
    conversation::{Conversation, Step},
    identity::digit_of_info,
    outcome::{self, Outcome},
    state::{State, Third},
};
use crate::{
    media::{Channel, LegId, MediaEvent},
    ports::{CallEvent, Disposition, HungUpBy, LegFigures},
};

impl Conversation {
    /// One of those that talk has left.
    pub(super) fn talker_ended(&mut self, number: LegNo, by: EndedBy, cause: SipCause) -> Step {
        let third = self.state.third();
        let is_third = third.is_some_and(|third| third.leg == number);
        let talks = is_third || number == self.caller || self.state.answered() == Some(number);
        if !talks || !self.legs.get(&number).is_some_and(super::leg::Leg::is_live) {
            return Ok(());
        }
        if let (Some(third), Some(called)) = (third, self.state.answered())
            && third.host != number
        {
            self.leg_over(number, Some(cause));
            if let Some(leg) = self.legs.get(&number) {
                self.services.engine.close(leg.media);
            }
            self.leaves_conference(number, called, third);
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

    /// One who is not the host has left a conference.
    fn leaves_conference(&mut self, number: LegNo, called: LegNo, third: Third) {
        let called = if number == third.leg {
            called
        } else {
            self.takes_place(number, third.leg, called)
        };
        self.third_left(called);
    }

    /// News of the media plane.
    pub(super) fn handle_media(&mut self, event: MediaEvent) -> Step {
        match event {
            MediaEvent::Connected(_) => tracing::debug!("media is connected"),
            MediaEvent::Digit { leg, digit } => self.digit(self.number_of(leg), digit),
            MediaEvent::Vanished(leg) => {
                self.vanished(leg, "The connection to the browser was lost");
            }
            MediaEvent::Returned(leg) => self.returned(leg),
            MediaEvent::Closed { leg, reason } => {
                tracing::info!(reason, "a media leg was closed by its peer");
                self.vanished(leg, "The browser was closed");
            }
            MediaEvent::Measured { leg, figures } => self.measured(leg, figures),
            MediaEvent::RecordingGap { ms, reason, .. } => {
                tracing::error!(ms, reason, "the recording has a gap");
            }
        }
        Ok(())
    }

    fn measured(&self, media: LegId, figures: LegFigures) {
        let Some(number) = self.number_of(media) else {
            return;
        };
        self.emit(CallEvent::LegMeasured {
            id: self.id,
            at: SystemTime::now(),
            extension: self.extension_of(number),
            figures,
        });
    }

    fn number_of(&self, media: LegId) -> Option<LegNo> {
        self.legs
            .iter()
            .find(|(_, leg)| leg.media == media)
            .map(|(number, _)| *number)
    }

    fn vanished(&mut self, media: LegId, why: &'static str) {
        let Some(number) = self.number_of(media) else {
            return;
        };
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.gone = Some(why);
        }
        match self.state.clone() {
            State::Talking { .. } => self.wait_for_the_gone(),
            // Whoever waits in a slot is not waited for longer than one who talks.
            State::Parked {
                called,
                gone,
                slot,
                rings_back,
                until,
            } if number == self.other_side(gone, called) => {
                let patience = Instant::now() + self.services.waits.vanished;
                let parked = State::Parked {
                    called,
                    gone,
                    slot,
                    rings_back,
                    until: patience.min(until),
                };
                self.transition(parked, why);
            }
            _ => {}
        }
    }

    /// One of those that talk may be gone already when they begin to: then it is waited for.
    pub(super) fn wait_for_the_gone(&mut self) {
        let State::Talking { called, third } = self.state else {
            return;
        };
        let guest = third.map(|third| third.leg);
        let talkers = [Some(self.caller), Some(called), guest];
        let gone = talkers
            .into_iter()
            .flatten()
            .find_map(|number| Some((number, self.legs.get(&number)?.gone?)));
        let Some((gone, why)) = gone else { return };
        if let Some(third) = third.filter(|third| third.host != gone) {
            self.stop_leg(gone, 408, why);
            return self.leaves_conference(gone, called, third);
        }
        self.wait_for(gone, called, third, why);
    }

    /// A side is gone; the other one hears so until it is back.
    pub(super) fn wait_for(
        &mut self,
        gone: LegNo,
        called: LegNo,
        third: Option<Third>,
        why: &'static str,
    ) {
        let until = Instant::now() + self.services.waits.vanished;
        let waiting = State::Waiting {
            called,
            third,
            gone,
            until,
            why,
        };
        self.transition(waiting, why);
        self.arrange();
        self.emit(CallEvent::CallVanished {
            id: self.id,
            at: SystemTime::now(),
            extension: self.extension_of(gone),
        });
    }

    fn returned(&mut self, media: LegId) {
        let Some(number) = self.number_of(media) else {
            return;
        };
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.gone = None;
        }
        if let State::Waiting {
            called,
            third,
            gone,
            ..
        } = self.state
            && gone == number
        {
            self.tell_reattached(gone);
            self.transition(State::Talking { called, third }, "media is back");
            self.arrange();
        }
    }

    pub(super) fn tell_reattached(&self, number: LegNo) {
        self.emit(CallEvent::CallReattached {
            id: self.id,
            at: SystemTime::now(),
            extension: self.extension_of(number),
        });
    }

    pub(super) fn extension_of(&self, number: LegNo) -> Option<String> {
        self.legs.get(&number).and_then(|leg| leg.extension.clone())
    }

    /// While it rings, a caller whose page is gone is waited for like one who talks; a call that
    /// talks does not need the connection, its audio tells.
    pub(super) async fn connection(&mut self, number: LegNo, contact: Contact) -> Step {
        let Some(leg) = self.legs.get(&number).filter(|leg| leg.is_live()) else {
            return Ok(());
        };
        let unattended = !matches!(contact, Contact::Back);
        self.services.engine.watch(leg.media, unattended);
        if number != self.caller {
            return Ok(());
        }
        match (self.state.clone(), contact) {
            (State::Ringing { until, .. }, Contact::Lost) => {
                let alone = Some(Instant::now() + self.services.waits.vanished);
                let ringing = State::Ringing { until, alone };
                self.transition(ringing, "the caller's page is gone");
            }
            (State::Ringing { until, .. }, Contact::Back) => {
                let alone = None;
                let ringing = State::Ringing { until, alone };
                self.transition(ringing, "the caller's page is back");
            }
            (State::Ringing { .. }, Contact::Anew(target)) => {
                return self.call_again(*target).await;
            }
            // Answered while its page was away, which therefore does not know it.
            (State::Talking { called, third }, Contact::Anew(target))
                if self.is_unaware(number) =>
            {
                self.wait_for(number, called, third, "The caller's page was loaded again");
                return self.call_again(*target).await;
            }
            (State::Waiting { .. }, Contact::Anew(target)) if self.is_unaware(number) => {
                return self.call_again(*target).await;
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether the caller has not learned that the call was answered.
    fn is_unaware(&self, number: LegNo) -> bool {
        let leg = self.legs.get(&number);
        number == LegNo::CALLER && leg.is_some_and(|leg| !leg.confirmed)
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
