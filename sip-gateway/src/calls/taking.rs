//! A leg takes a place in a conversation: a page that comes back, another phone of the same person
//! (INVITE with `Replaces`, RFC 3891), whoever picks a parked call up; and the call we make to a page
//! that was loaded again while it called somebody (`Answer-Mode: Auto`, RFC 5373).

use sip_core::SipCause;
use tokio::time::Instant;

use super::{
    Arrival, ArrivalFrom, CallOrder, Destination, LegNo, LegOrder, Shown, Takes, Target,
    conversation::{Conversation, Step},
    leg::{Leg, Progress},
    line_audio,
    outcome::{self, Outcome},
    setup::{first_and_rest, unusable},
    state::{State, Third},
};
use crate::{
    media::{Codec, SdpError, Sound},
    ports::{Direction, Disposition, HungUpBy},
};

/// What is to become of an arriving leg.
enum Place {
    /// Stands where this one of those who talk stood.
    Of(LegNo),
    /// Answers for this one, which rings.
    Answers,
}

impl Conversation {
    /// An INVITE that takes a place here.
    pub(super) async fn arrives(&mut self, number: LegNo, arrival: Arrival) -> Step {
        let Some(place) = self.place_for(arrival.takes) else {
            let (code, reason) = match arrival.takes {
                Takes::Leg(_) => (481, "There is no such call"),
                Takes::Parked => (404, "Nothing is parked there"),
            };
            return self.turn_away(number, code, reason.to_owned());
        };
        let setup = match arrival.from {
            ArrivalFrom::Phone(kind) => line_audio::calling_phone(kind),
            ArrivalFrom::Line(line) => self.line_setup(line),
        };
        if let Err(outcome) = self.add_leg_as(number, setup, arrival.extension) {
            return self.turn_away(number, outcome.code, outcome.reason);
        }
        let codecs = self.codecs_for(&place);
        match self
            .agree_with(number, arrival.sdp.as_deref(), &codecs)
            .await
        {
            Ok(sdp) => self.leg_order(number, LegOrder::Accept { sdp }),
            Err(error) => {
                let outcome = unusable(&error);
                if let Some(leg) = self.legs.remove(&number) {
                    self.services.engine.close(leg.media);
                }
                return self.turn_away(number, outcome.code, outcome.reason);
            }
        }
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Up;
        }
        match place {
            Place::Of(old) => {
                self.stands_for(old, number);
                Ok(())
            }
            Place::Answers => self.answered_instead(number).await,
        }
    }

    fn turn_away(&self, number: LegNo, code: u16, reason: String) -> Step {
        self.leg_order(number, LegOrder::Reject { code, reason });
        Ok(())
    }

    fn place_for(&self, takes: Takes) -> Option<Place> {
        match (takes, &self.state) {
            (Takes::Parked, State::Parked { gone, .. }) => Some(Place::Of(*gone)),
            (Takes::Leg(old), State::Talking { .. } | State::Waiting { .. }) => {
                let third = self.state.third().map(|third| third.leg);
                let talks = [Some(self.caller), self.state.answered(), third];
                talks.contains(&Some(old)).then_some(Place::Of(old))
            }
            (Takes::Leg(old), State::Transferring { called, .. }) => [self.caller, *called]
                .contains(&old)
                .then_some(Place::Of(old)),
            (Takes::Leg(old), State::Parked { called, gone, .. }) => {
                (old == self.other_side(*gone, *called)).then_some(Place::Of(old))
            }
            (Takes::Leg(old), State::Ringing { .. }) => {
                let rings = self.legs.get(&old).is_some_and(Leg::is_calling);
                (rings && self.is_called(old)).then_some(Place::Answers)
            }
            _ => None,
        }
    }

    /// What the one it will talk with can hear.
    fn codecs_for(&self, place: &Place) -> Vec<Codec> {
        let Place::Of(old) = place else {
            return self.possible_codecs();
        };
        if self.state.third().is_some() {
            return vec![Codec::Pcma, Codec::Pcmu];
        }
        let other = self
            .state
            .answered()
            .map(|called| self.other_side(*old, called));
        let spoken = other
            .and_then(|other| self.legs.get(&other))
            .and_then(|leg| leg.codec);
        spoken.map_or_else(|| Codec::ALL.to_vec(), |codec| first_and_rest(&[codec]))
    }

    /// Our answer to its offer, or our offer where it has none.
    async fn agree_with(
        &mut self,
        number: LegNo,
        sdp: Option<&str>,
        codecs: &[Codec],
    ) -> Result<String, SdpError> {
        let leg = self.legs.get_mut(&number).ok_or(SdpError::NoSuchLeg)?;
        let engine = &self.services.engine;
        let Some(sdp) = sdp else {
            return engine.offer(leg.media, codecs).await;
        };
        leg.peer_offered = true;
        let common = engine.accept_offer(leg.media, sdp, codecs).await?;
        let best = codecs.iter().find(|codec| common.contains(codec));
        let codec = *best.ok_or_else(|| SdpError::NoCommonCodec(String::new()))?;
        leg.codec = Some(codec);
        engine.answer(leg.media, codec).await
    }

    /// `new` talks where `old` talked.
    fn stands_for(&mut self, old: LegNo, new: LegNo) {
        let Some(called) = self.state.answered() else {
            return;
        };
        match self.state {
            State::Parked { gone, .. } if gone != old => return self.moves_in_the_slot(old, new),
            State::Transferring { .. } => return self.moves_in_transfer(old, new),
            _ => {}
        }
        let was_parked = matches!(self.state, State::Parked { .. });
        let third = self.state.third();
        let third = third.map(|Third { leg, host }| Third {
            leg: if leg == old { new } else { leg },
            host: if host == old { new } else { host },
        });
        let called = if third.is_some_and(|third| third.leg == new) {
            called
        } else {
            self.takes_place(old, new, called)
        };
        // The old page is most likely gone; if it is not, it is told.
        self.stop_leg(old, 200, "Call completed elsewhere");
        self.recall_is_over(old);
        self.transition(State::Talking { called, third }, "a leg took a place");
        self.talk_with_new_one();
        self.note_hold(new);
        if was_parked {
            self.picked_up(new);
        } else {
            self.tell_reattached(new);
        }
    }

    /// Whoever is parked waits on at another phone or page.
    fn moves_in_the_slot(&mut self, old: LegNo, new: LegNo) {
        let State::Parked { called, .. } = self.state else {
            return;
        };
        let place = self.takes_place(old, new, called);
        self.stop_leg(old, 200, "Call completed elsewhere");
        let mut parked = self.state.clone();
        if let State::Parked { called, .. } = &mut parked {
            *called = place;
        }
        self.transition(parked, "a leg took a place");
        self.arrange();
        self.tell_reattached(new);
    }

    /// One of the two is at another phone or page while somebody new is rung; until then both hear it
    /// ring.
    fn moves_in_transfer(&mut self, old: LegNo, new: LegNo) {
        let State::Transferring { called, by, until } = self.state else {
            return;
        };
        let called = self.takes_place(old, new, called);
        let by = if by == old { new } else { by };
        self.stop_leg(old, 200, "Call completed elsewhere");
        let on = State::Transferring { called, by, until };
        self.transition(on, "a leg took a place");
        if let Some(leg) = self.legs.get(&new) {
            self.services.engine.play(leg.media, Sound::Ringback);
        }
        self.tell_reattached(new);
    }

    /// Another phone of the one who is rung answers by itself.
    async fn answered_instead(&mut self, number: LegNo) -> Step {
        let codec = self.legs.get(&number).and_then(|leg| leg.codec);
        self.order(CallOrder::FindNoMore);
        self.stop_other_forks(number);
        self.answer_caller(codec.unwrap_or(Codec::Pcma)).await?;
        self.connect(number);
        Ok(())
    }

    /// The page that called was loaded again: it is called, and answers by itself.
    pub(super) async fn call_again(&mut self, target: Target) -> Step {
        // Loaded once more before it answered: that page is gone too.
        if let Some(before) = self.recall.take() {
            self.stop_leg(before, 480, "The page was loaded again");
        }
        let extension = target.extension.clone();
        let Ok(number) = self.add_leg(target.kind, Some(extension)) else {
            return Ok(());
        };
        self.recall = Some(number);
        let shown = Shown {
            number: self.dialled.clone().or_else(|| {
                let called = self.called.as_ref();
                called.map(|(number, _)| number.clone())
            }),
            name: None,
        };
        self.invite_again(number, Destination::Phone(target), shown)
            .await
    }

    /// The page has answered. It talks, or hears the far end ring.
    pub(super) async fn recalled(&mut self, number: LegNo, sdp: Option<&str>) -> Step {
        self.recall = None;
        if let Err(outcome) = self.take_answer(number, sdp).await {
            self.drop_fork(number, outcome.code, &outcome.reason);
            return Err(outcome);
        }
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Up;
            leg.confirmed = true;
        }
        let old = self.caller;
        match self.state {
            State::Ringing { until, .. } => {
                self.stop_leg(old, 200, "Call completed elsewhere");
                self.caller = number;
                let alone = None;
                let ringing = State::Ringing { until, alone };
                self.transition(ringing, "the caller's page is back");
                self.hears_ringing(number);
            }
            State::Talking { .. } | State::Waiting { .. } => self.stands_for(old, number),
            _ => self.drop_fork(number, 480, "The call is over"),
        }
        Ok(())
    }

    /// What the network plays before an answer, or our own ringing.
    fn hears_ringing(&self, caller: LegNo) {
        let media = |leg: &Leg| leg.media;
        let early = self
            .legs
            .iter()
            .find(|(n, leg)| self.is_called(**n) && leg.is_calling() && leg.codec.is_some())
            .map(|(_, leg)| leg.media);
        let engine = &self.services.engine;
        match (self.legs.get(&caller).map(media), early) {
            (Some(caller), Some(called)) => engine.join(caller, called),
            (Some(caller), None) => engine.play(caller, Sound::Ringback),
            (None, _) => {}
        }
    }

    /// The one who called is in the call again, or never will be.
    fn recall_is_over(&mut self, caller: LegNo) {
        if caller == LegNo::CALLER
            && let Some(number) = self.recall.take()
        {
            self.stop_leg(number, 200, "Call completed elsewhere");
        }
    }

    /// The called side has answered: the caller hears it, or is waited for.
    pub(super) fn caller_waits_or_talks(&mut self, called: LegNo) {
        if self.recall.is_some() {
            let why = "The caller's page was loaded again";
            self.wait_for(self.caller, called, None, why);
        } else {
            self.transition(State::talking(called), "answered");
        }
    }

    /// A leg that is none of those who talk or are rung for this call: it calls the caller's page
    /// again, or the one who has parked the call.
    pub(super) fn is_side_leg(&self, number: LegNo) -> bool {
        self.recall == Some(number) || self.rings_back_on(number)
    }

    /// Such a leg is over.
    pub(super) fn side_leg_ended(&mut self, number: LegNo, cause: &SipCause) -> Step {
        self.leg_over(number, None);
        if let Some(leg) = self.legs.get(&number) {
            self.services.engine.close(leg.media);
        }
        let was_called_again = self.recall.take_if(|recall| *recall == number).is_some();
        if let (true, State::Ringing { until, .. }) = (was_called_again, self.state.clone()) {
            // The page went again, or its connection; it may come back.
            if matches!(cause.code, 408 | 503) {
                let alone = Some(Instant::now() + self.services.waits.vanished);
                let ringing = State::Ringing { until, alone };
                self.transition(ringing, "the caller's page is gone again");
                return Ok(());
            }
            // The page does not know the call any more: nobody waits for an answer.
            let cause = SipCause::new(487, "");
            let gave_up = outcome::caller_gave_up(self.direction, &cause);
            debug_assert!(self.direction != Direction::Incoming, "lines have no page");
            return Err(Outcome::new(
                Disposition::Cancelled,
                HungUpBy::System,
                gave_up.code,
                "The caller's page was closed",
            ));
        }
        Ok(())
    }
}
