//! Two conversations become one: attended transfer (REFER with `Replaces`) and conference (`Join`).
//!
//! ```text
//!  A, which was asked          agent task             B, the other call of the same employee
//!  Talking ─► Joining ──TakeFrom──► GiveAway ──────────► Talking
//!                 ◄─────Given───── rekeys the leg ◄─HandOver── Leaving
//!  Talking (with B's party)        HandedOver ─────────► Over
//! ```
//! The party keeps its dialog and its media leg; only whose they are changes. What the agent task had
//! already sent to B about the leg is forwarded to A, so nothing is lost. What is asked for in a call
//! between colleagues of one with a customer goes the other way round: the customer's conversation,
//! with its record and its recording, is the one that stays.

use std::time::{Duration, SystemTime};

use sip_core::agent::RequestHandle;
use tokio::time::Instant;

use super::{
    Asker, CallOrder, Input, LegKey, LegNo, LegOrder, Shown,
    conversation::{Conversation, Step},
    leg::Leg,
    outcome::Outcome,
    setup::first_and_rest,
    state::{State, Third},
};
use crate::{
    media::{Codec, LegId},
    ports::{CallEvent, Direction, Disposition, HungUpBy},
};

/// How long the other conversation may take; it answers within microseconds.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a party of another conversation is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To stand in the asker's place.
    Transfer,
    /// To talk with both.
    Conference,
}

/// A leg on its way to another conversation.
#[derive(Debug)]
pub(crate) struct Handed {
    leg: Leg,
    /// The conversation it comes from.
    from: super::CallId,
    purpose: Purpose,
}

impl Handed {
    /// Its media.
    pub(crate) fn media(&self) -> LegId {
        self.leg.media
    }
}

/// A party that was given away, and what came for it before that was done.
#[derive(Debug)]
pub(super) struct Leaving {
    leg: LegNo,
    media: LegId,
    to: super::CallId,
    held_back: Vec<Input>,
}

/// A request for a party of another call.
#[derive(Debug)]
pub(super) struct Join {
    /// The REFER; `None` when the other side took the asking over.
    refer: Option<RequestHandle>,
    from: String,
}

impl Conversation {
    /// REFER on leg `by` that names another call of the same employee.
    pub(super) fn begin_joining(
        &mut self,
        (by, called, from): (LegNo, LegNo, String),
        refer: RequestHandle,
        of: LegKey,
        purpose: Purpose,
    ) {
        self.leg_order(by, LegOrder::AcceptRefer(refer));
        self.ask((by, called, from), Some(refer), of, purpose);
    }

    fn ask(
        &mut self,
        (by, called, from): (LegNo, LegNo, String),
        refer: Option<RequestHandle>,
        of: LegKey,
        purpose: Purpose,
    ) {
        let asker = Asker {
            leg: (self.id, by),
            extension: from.clone(),
            is_internal: self.is_internal(),
            purpose,
        };
        self.join = Some(Join { refer, from });
        let until = Instant::now() + PATIENCE;
        self.transition(
            State::Joining { called, by, until },
            "another call is asked",
        );
        self.order(CallOrder::TakeFrom { of, asker });
    }

    /// Another conversation wants the party `leg` talks with.
    pub(super) fn asked_for(&mut self, leg: LegNo, asker: Asker) -> Step {
        match self.may_give(leg, &asker) {
            Ok(called) if self.is_better_kept(&asker) => {
                let from = asker.extension.clone();
                self.ask((leg, called, from), None, asker.leg, asker.purpose);
            }
            Ok(called) => self.give_away(self.other_side(leg, called), &asker),
            Err((code, reason)) => self.order(CallOrder::Keep {
                from: asker.leg.0,
                code,
                reason,
            }),
        }
        Ok(())
    }

    /// The called leg, if the employee who asks is the one on `leg` here.
    fn may_give(&self, leg: LegNo, asker: &Asker) -> Result<LegNo, (u16, &'static str)> {
        let called = match self.state {
            State::Talking {
                called,
                third: None,
            } => called,
            // The one we asked asks back since it is better kept: it stays, we go. Otherwise two
            // that ask each other would both go.
            State::Joining { called, by, .. }
                if by == leg && self.is_internal() && !asker.is_internal =>
            {
                called
            }
            _ => return Err((480, "The other call is not in talk")),
        };
        if leg != self.caller && leg != called {
            return Err((481, "Call Does Not Exist"));
        }
        let owner = self.legs.get(&leg).and_then(|leg| leg.extension.as_deref());
        if owner != Some(asker.extension.as_str()) {
            return Err((403, "This is another person's call"));
        }
        Ok(called)
    }

    fn is_internal(&self) -> bool {
        self.direction == Direction::Internal
    }

    /// Whether the asker should come here rather than we go there.
    fn is_better_kept(&self, asker: &Asker) -> bool {
        asker.is_internal && !self.is_internal() && matches!(self.state, State::Talking { .. })
    }

    fn give_away(&mut self, party: LegNo, asker: &Asker) {
        self.tell_joined(200, "OK");
        let shown = self.shown_to_the_new_one(party);
        let Some(mut leg) = self.legs.remove(&party) else {
            return;
        };
        self.services.engine.part(leg.media);
        leg.party = Some(shown);
        let to = asker.leg.0;
        self.leaving = Some(Leaving {
            leg: party,
            media: leg.media,
            to,
            held_back: Vec::new(),
        });
        self.transition(State::Leaving, "its party goes into another call");
        let handed = Box::new(Handed {
            leg,
            from: self.id,
            purpose: asker.purpose,
        });
        self.order(CallOrder::HandOver {
            leg: party,
            to,
            handed,
        });
    }

    /// Holds back what is about the party that was given away.
    pub(super) fn keep_for_the_other(&mut self, input: Input) -> Option<Input> {
        let Some(leaving) = &mut self.leaving else {
            return Some(input);
        };
        let is_theirs = match &input {
            Input::Leg(number, _) | Input::Connection(number, _) => *number == leaving.leg,
            Input::Media(event) => event.leg() == Some(leaving.media),
            _ => false,
        };
        if is_theirs {
            leaving.held_back.push(input);
            return None;
        }
        Some(input)
    }

    /// The party belongs to the other conversation now.
    pub(super) fn handed_over(&mut self, key: Option<LegKey>) -> Step {
        let Some(leaving) = self.leaving.take() else {
            return Ok(());
        };
        if let Some((to, number)) = key {
            for input in leaving.held_back {
                let input = match input {
                    Input::Leg(_, input) => Input::Leg(number, input),
                    Input::Connection(_, contact) => Input::Connection(number, contact),
                    other => other,
                };
                self.order(CallOrder::Forward(to, Box::new(input)));
            }
        }
        self.emit(CallEvent::CallJoined {
            id: self.id,
            at: SystemTime::now(),
            into: leaving.to,
        });
        Err(Outcome::new(
            Disposition::Answered,
            HungUpBy::Agent,
            200,
            "Joined with another call",
        ))
    }

    /// The other conversation's party is ours now.
    pub(super) async fn given(&mut self, number: LegNo, handed: Handed) -> Step {
        let media = handed.leg.media;
        let extension = handed.leg.extension.clone();
        let party = handed.leg.party.clone();
        self.legs.insert(number, handed.leg);
        let State::Joining { called, by, .. } = self.state else {
            // Too late; nobody talks with it any more.
            self.stop_leg(number, 480, "The call is over");
            self.services.engine.close(media);
            return Ok(());
        };
        let from = self.join.as_ref().map(|join| join.from.clone());
        self.tell_joined(200, "OK");
        self.join = None;
        let from = from.unwrap_or_default();
        match handed.purpose {
            Purpose::Transfer => {
                let stays = self.other_side(by, called);
                let called = self.takes_place(by, number, called);
                self.transition(State::talking(called), "joined with another call");
                self.stop_leg(by, 200, "Transferred");
                self.talk_with_new_one();
                self.agree_on_codec(stays, number).await;
                self.emit(CallEvent::CallTransferred {
                    id: self.id,
                    at: SystemTime::now(),
                    from,
                    dialled: name_of(extension.as_ref(), party.as_ref()),
                    to: extension,
                    joined: Some(handed.from),
                });
            }
            Purpose::Conference => {
                let third = Some(Third {
                    leg: number,
                    host: by,
                });
                self.transition(State::Talking { called, third }, "conference");
                self.arrange();
                for number in [self.caller, called, number] {
                    self.agree_on_g711(number).await;
                }
                self.emit(CallEvent::ThirdJoined {
                    id: self.id,
                    at: SystemTime::now(),
                    by: from,
                    with: name_of(extension.as_ref(), party.as_ref()),
                    from: handed.from,
                });
            }
        }
        Ok(())
    }

    /// The other conversation keeps its party; everything is as it was.
    pub(super) fn joining_failed(&mut self, code: u16, reason: &'static str) -> Step {
        let State::Joining { called, .. } = self.state else {
            return Ok(());
        };
        self.tell_joined(code, reason);
        self.join = None;
        self.transition(State::talking(called), reason);
        Ok(())
    }

    fn tell_joined(&self, code: u16, reason: &str) {
        if let (
            Some(Join {
                refer: Some(handle),
                ..
            }),
            State::Joining { by, .. },
        ) = (&self.join, &self.state)
        {
            let order = LegOrder::NotifyRefer {
                handle: *handle,
                code,
                reason: reason.to_owned(),
            };
            self.leg_order(*by, order);
        }
    }

    /// Has two legs that have just met speak what the bridge can pass between them: one is offered
    /// the other's codec. A telephone of ours rather than a line, one that speaks what cannot be
    /// turned into anything rather than one with G.711.
    pub(super) async fn agree_on_codec(&mut self, one: LegNo, other: LegNo) {
        let of = |number| {
            let leg = self.legs.get(&number)?;
            Some((leg.codec?, leg.extension.is_some()))
        };
        let (Some((a, a_is_ours)), Some((b, b_is_ours))) = (of(one), of(other)) else {
            return;
        };
        if a.becomes(b) {
            return;
        }
        let is_g711 = |codec: Codec| codec.becomes(Codec::Pcma);
        let change_one = match (a_is_ours, b_is_ours) {
            (true, false) => true,
            (false, true) => false,
            (true, true) | (false, false) => !is_g711(a),
        };
        let (changes, codec) = if change_one { (one, b) } else { (other, a) };
        self.offer_again(changes, &first_and_rest(&[codec])).await;
    }

    /// The mixer understands G.711; who speaks something else is offered that.
    async fn agree_on_g711(&mut self, number: LegNo) {
        let codec = self.legs.get(&number).and_then(|leg| leg.codec);
        if codec.is_some_and(|codec| !codec.becomes(Codec::Pcma)) {
            self.offer_again(number, &[Codec::Pcma, Codec::Pcmu]).await;
        }
    }

    /// The third is gone; the two others go on.
    pub(super) fn third_left(&mut self, called: LegNo) {
        self.transition(State::talking(called), "the third is gone");
        self.arrange();
        self.record_on();
        self.emit(CallEvent::ThirdLeft {
            id: self.id,
            at: SystemTime::now(),
        });
    }
}

fn name_of(extension: Option<&String>, party: Option<&Shown>) -> String {
    let number = party.and_then(|party| party.number.as_ref());
    extension.or(number).cloned().unwrap_or_default()
}
