//! While the called side rings: forks, early media, refusals, the answer.

use std::time::SystemTime;

use sip_core::SipCause;

use super::{
    CallOrder, Destination, LegNo, LegOrder, Target,
    conversation::{Conversation, Step},
    leg::{Leg, Progress},
    outcome::Outcome,
    setup::unusable,
    state::State,
};
use crate::{
    media::{Channel, Codec},
    ports::{CallEvent, Direction, Disposition, HungUpBy},
};

impl Conversation {
    /// Rings phones; called again for each phone that registers while the call rings.
    pub(super) async fn ring(&mut self, targets: Vec<Target>) -> Step {
        if !matches!(self.state, State::Ringing { .. }) {
            return Ok(());
        }
        if targets.is_empty() && self.direction == Direction::Internal && self.legs.len() == 1 {
            return Err(Outcome::new(
                Disposition::NoAnswer,
                HungUpBy::System,
                480,
                "The colleague's phone is not connected",
            ));
        }
        let stale = !targets.is_empty();
        let targets: Vec<Target> = targets
            .into_iter()
            .filter(|target| self.path.rings(&target.extension))
            .collect();
        if targets.is_empty() && stale {
            return Ok(()); // of a stage that is over
        }
        let mut reachable: Vec<String> = targets.iter().map(|t| t.extension.clone()).collect();
        reachable.dedup();
        self.stage_finds(reachable);
        let mut named = Vec::new();
        for target in targets {
            if self.has_refused(&target.extension) {
                continue;
            }
            let extension = target.extension.clone();
            let number = match self.add_leg(target.kind, Some(extension.clone())) {
                Ok(number) => number,
                // One phone less; the others ring.
                Err(_) => continue,
            };
            self.invite(number, Destination::Phone(target)).await?;
            if !self.told_ringing.contains(&extension) && !named.contains(&extension) {
                named.push(extension);
            }
        }
        if !named.is_empty() {
            self.told_ringing.extend(named.iter().cloned());
            self.emit(CallEvent::CallRinging {
                id: self.id,
                at: SystemTime::now(),
                extensions: named,
            });
        }
        Ok(())
    }

    /// A provisional answer of the called side.
    pub(super) async fn progress(&mut self, number: LegNo, code: u16, sdp: Option<String>) -> Step {
        if !matches!(self.state, State::Ringing { .. })
            || !self.legs.get(&number).is_some_and(Leg::is_calling)
        {
            return Ok(());
        }
        self.line_rings(number);
        match self.direction {
            // The line has its 180 already; phones give no early media.
            Direction::Incoming => return Ok(()),
            Direction::Internal => {}
            Direction::Outgoing if self.told_ringing.is_empty() => {
                self.told_ringing.push(String::new());
                self.emit(CallEvent::CallRinging {
                    id: self.id,
                    at: SystemTime::now(),
                    extensions: Vec::new(),
                });
            }
            Direction::Outgoing => {}
        }
        let early = match sdp {
            Some(sdp) if self.direction == Direction::Outgoing => {
                self.early_media(number, &sdp).await
            }
            _ => None,
        };
        let code = if early.is_some() { 183 } else { code };
        if self.legs.get(&self.caller).is_some_and(Leg::is_calling) {
            self.leg_order(self.caller, LegOrder::Ring { code, sdp: early });
        }
        Ok(())
    }

    /// Someone answered: the others stop ringing, the caller is answered, audio flows.
    pub(super) async fn answered(&mut self, number: LegNo, sdp: Option<String>) -> Step {
        let calling = self.legs.get(&number).is_some_and(Leg::is_calling);
        if !matches!(self.state, State::Ringing { .. }) || !calling {
            return Ok(());
        }
        let codec = match self.take_answer(number, sdp.as_deref()).await {
            Ok(codec) => codec,
            Err(outcome) => return self.answer_unusable(number, outcome),
        };
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Up;
        }
        self.order(CallOrder::FindNoMore);
        self.stop_other_forks(number);
        self.answer_caller(codec).await?;
        self.connect(number);
        Ok(())
    }

    /// Reads the called side's answer to our offer.
    pub(super) async fn take_answer(
        &mut self,
        number: LegNo,
        sdp: Option<&str>,
    ) -> Result<Codec, Outcome> {
        let Some(leg) = self.legs.get_mut(&number) else {
            return Err(self.ended_by_system("The leg is gone"));
        };
        let codec = match sdp {
            Some(sdp) => self
                .services
                .engine
                .accept_answer(leg.media, sdp)
                .await
                .map_err(|error| unusable(&error))?,
            // RFC 3261 §13.2.1: the answer may have come in a reliable 18x, else it is missing.
            None => leg
                .codec
                .ok_or_else(|| unusable(&crate::media::SdpError::NoAudio))?,
        };
        leg.codec = Some(codec);
        Ok(codec)
    }

    /// An answered leg whose SDP cannot be used: BYE with the reason; other phones go on ringing.
    fn answer_unusable(&mut self, number: LegNo, outcome: Outcome) -> Step {
        self.leg_order(
            number,
            LegOrder::HangUp {
                code: outcome.code,
                reason: outcome.reason.clone(),
            },
        );
        let cause = SipCause {
            code: outcome.code,
            reason: outcome.reason.clone(),
        };
        self.leg_over(number, Some(cause));
        if self
            .legs
            .iter()
            .any(|(n, leg)| self.is_called(*n) && leg.is_calling())
        {
            Ok(())
        } else {
            Err(outcome)
        }
    }

    pub(super) fn stop_other_forks(&mut self, answered: LegNo) {
        for number in self.rung_legs() {
            if number != answered {
                self.drop_fork(number, 200, "Call completed elsewhere");
            }
        }
    }

    /// Whether a leg is neither the caller's nor one that calls the caller's page again.
    pub(super) fn is_called(&self, number: LegNo) -> bool {
        number != LegNo::CALLER && number != self.caller && self.recall != Some(number)
    }

    fn rung_legs(&self) -> Vec<LegNo> {
        let rung = self.legs.iter();
        rung.filter(|(n, leg)| self.is_called(**n) && leg.is_live())
            .map(|(n, _)| *n)
            .collect()
    }

    /// Nobody who rings now rings any longer.
    pub(super) fn stop_ringing(&mut self, code: u16, reason: &str) {
        for number in self.rung_legs() {
            self.drop_fork(number, code, reason);
        }
    }

    pub(super) fn drop_fork(&mut self, number: LegNo, code: u16, reason: &str) {
        self.leg_order(
            number,
            LegOrder::HangUp {
                code,
                reason: reason.to_owned(),
            },
        );
        self.leg_over(number, None);
        if let Some(leg) = self.legs.get(&number) {
            self.services.engine.close(leg.media);
        }
    }

    /// The codec for the caller when the called side took `codec`.
    pub(super) fn callers_codec(&self, codec: Codec) -> Codec {
        let common = self.codecs.contains(&codec);
        let mut ours = self.codecs.iter().copied();
        let turned = ours.find(|ours| codec.becomes(*ours));
        turned.filter(|_| !common).unwrap_or(codec)
    }

    /// 200 to the caller, with the answer (or, on a late offer, the offer) in it.
    pub(super) async fn answer_caller(&mut self, codec: Codec) -> Step {
        let codec = self.callers_codec(codec);
        // Its page was loaded again: it is called, or has answered that call already.
        let caller = self.legs.get(&self.caller);
        if self.recall.is_some() || !caller.is_some_and(Leg::is_calling) {
            return Ok(());
        }
        let Some(leg) = self.legs.get_mut(&self.caller) else {
            return Ok(());
        };
        let engine = &self.services.engine;
        let sdp = match (&leg.answer, leg.peer_offered) {
            // Early media was agreed on before; the 200 repeats it (RFC 3261 §13.2.1).
            (Some(given), _) => given.clone(),
            (None, true) => engine
                .answer(leg.media, codec)
                .await
                .map_err(|error| unusable(&error))?,
            (None, false) => engine
                .offer(leg.media, &[codec])
                .await
                .map_err(|error| unusable(&error))?,
        };
        leg.progress = Progress::Up;
        leg.codec.get_or_insert(codec);
        self.leg_order(self.caller, LegOrder::Accept { sdp });
        Ok(())
    }

    pub(super) fn connect(&mut self, called: LegNo) {
        let (Some(a), Some(b)) = (self.legs.get(&self.caller), self.legs.get(&called)) else {
            return;
        };
        let (caller_media, called_media) = (a.media, b.media);
        let extension = match self.direction {
            Direction::Incoming | Direction::Internal => b.extension.clone(),
            Direction::Outgoing => self.caller_extension.clone(),
        };
        let who = self.legs.get(&called).and_then(|leg| leg.extension.clone());
        self.path_answered(who.as_deref());
        self.caller_waits_or_talks(called);
        self.arrange();
        self.emit(CallEvent::CallAnswered {
            id: self.id,
            at: SystemTime::now(),
            extension: extension.unwrap_or_default(),
        });
        if self.record {
            let (left, right) = match self.channel_of_caller() {
                Channel::Left => (caller_media, called_media),
                Channel::Right => (called_media, caller_media),
            };
            let journal = self.services.engine.record(self.id, left, right);
            self.journal = Some(journal.clone());
            self.emit(CallEvent::RecordingStarted {
                id: self.id,
                journal,
            });
        }
    }

    pub(super) fn channel_of_caller(&self) -> Channel {
        match self.direction {
            Direction::Incoming => Channel::Right,
            Direction::Outgoing | Direction::Internal => Channel::Left,
        }
    }
}
