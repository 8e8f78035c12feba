//! From the caller's INVITE to the first ring: the director's answer and what follows from it.

use std::time::SystemTime;

use super::{
    Destination, FromLine, FromPhone, Invitation, LegNo, LegOrder, Shown,
    conversation::{Conversation, Step},
    line_audio,
    outcome::Outcome,
    path::Path,
};
use crate::{
    media::{Codec, SdpError},
    ports::{
        CallEvent, Direction, Disposition, HungUpBy, IncomingCall, IncomingPlan, LineConfig,
        OutgoingCall, OutgoingPlan, RingOrder, RingStage,
    },
};

/// How long a colleague is rung, seconds.
const COLLEAGUE_RING: u32 = 60;

impl Conversation {
    pub(super) async fn begin_from_line(&mut self, call: FromLine) -> Step {
        self.emit(CallEvent::CallStarted {
            id: self.id,
            at: SystemTime::now(),
            direction: Direction::Incoming,
            line: Some(call.line),
            number: call.caller.number.clone(),
            network_name: call.caller.name.clone(),
            our_number: call.called.clone(),
            extension: None,
        });
        self.record = call.record;
        let caller = self.add_leg(self.line_setup(call.line), None)?;
        let question = IncomingCall {
            id: self.id,
            line: call.line,
            caller: call.caller.number.clone(),
            caller_name: call.caller.name.clone(),
            called: call.called.clone(),
            did: call.did.clone(),
            redirected_by: call.redirected_by.clone(),
        };
        self.shown = call.caller;
        self.called = Some((call.called, call.label));
        let codecs = self.codecs_of(call.line);
        let director = std::sync::Arc::clone(&self.services.director);
        let (plan, offer) = tokio::join!(
            director.route_incoming(&question),
            self.take_callers_offer(caller, call.sdp.as_deref(), &codecs)
        );
        offer?;
        match plan {
            IncomingPlan::Refuse { code, reason } => Err(Outcome::new(
                Disposition::Rejected,
                HungUpBy::System,
                code,
                reason,
            )),
            IncomingPlan::Ring { stages, forward } => {
                self.path = Path::new(stages, forward);
                if self.path.is_empty() {
                    return Err(nobody_to_ring());
                }
                self.next_stage().await
            }
        }
    }

    pub(super) async fn begin_from_phone(&mut self, call: FromPhone) -> Step {
        let question = OutgoingCall {
            id: self.id,
            extension: call.extension.clone(),
            dialled: call.dialled.clone(),
            line: call.preferred.line,
            number: call.preferred.number.clone(),
        };
        let plan = self.services.director.authorize_outgoing(&question).await;
        let plan = if call.over_limit && !is_emergency(&plan) {
            too_many_calls()
        } else {
            plan
        };
        let line = self.line_of(&plan);
        self.direction = match plan {
            OutgoingPlan::Extension(_) => Direction::Internal,
            OutgoingPlan::Lines { .. } | OutgoingPlan::Refuse { .. } => Direction::Outgoing,
        };
        let shown = match &plan {
            OutgoingPlan::Lines { attempts, .. } => attempts
                .first()
                .and_then(|attempt| attempt.caller_id.clone()),
            OutgoingPlan::Extension(_) | OutgoingPlan::Refuse { .. } => None,
        };
        let our_number = shown
            .or_else(|| line.as_ref().map(number_of))
            .unwrap_or_else(|| call.extension.clone());
        self.emit(CallEvent::CallStarted {
            id: self.id,
            at: SystemTime::now(),
            direction: self.direction,
            line: line.as_ref().map(|line| line.id),
            number: Some(call.dialled.clone()),
            network_name: None,
            our_number: our_number.clone(),
            extension: Some(call.extension.clone()),
        });
        self.caller_extension = Some(call.extension.clone());
        let caller = self.add_leg(
            line_audio::calling_phone(call.kind),
            Some(call.extension.clone()),
        )?;
        match plan {
            OutgoingPlan::Refuse { code, reason } => Err(Outcome::new(
                Disposition::Failed,
                HungUpBy::System,
                code,
                reason,
            )),
            OutgoingPlan::Extension(colleague) => {
                self.take_callers_offer(caller, call.sdp.as_deref(), &Codec::ALL)
                    .await?;
                self.shown = Shown {
                    number: Some(call.extension),
                    name: Some(call.name).filter(|n| !n.is_empty()),
                };
                self.called = Some((colleague.clone(), String::new()));
                let stage = RingStage {
                    extensions: vec![colleague],
                    how: RingOrder::AtOnce,
                    ring_secs: COLLEAGUE_RING,
                    rule: String::new(),
                };
                self.path = Path::new(vec![stage], None);
                self.next_stage().await
            }
            OutgoingPlan::Lines {
                attempts,
                emergency,
            } => {
                self.take_callers_offer(caller, call.sdp.as_deref(), &Codec::ALL)
                    .await?;
                self.shown = Shown {
                    number: Some(our_number),
                    name: None,
                };
                self.dialled = Some(call.dialled);
                self.path = Path::over(attempts, emergency);
                self.next_line().await
            }
        }
    }

    fn line_of(&self, plan: &OutgoingPlan) -> Option<LineConfig> {
        let OutgoingPlan::Lines { attempts, .. } = plan else {
            return None;
        };
        let line = &attempts.first()?.line;
        self.services
            .lines
            .borrow()
            .iter()
            .find(|config| config.id == *line)
            .cloned()
    }

    /// Reads the caller's offer; without one (late offer) all allowed codecs are possible. What a
    /// line allows is in its order, and so is what is kept.
    async fn take_callers_offer(
        &mut self,
        caller: LegNo,
        sdp: Option<&str>,
        allowed: &[Codec],
    ) -> Step {
        let Some(leg) = self.legs.get_mut(&caller) else {
            return Ok(());
        };
        let Some(sdp) = sdp else {
            self.codecs = allowed.to_vec();
            return Ok(());
        };
        leg.peer_offered = true;
        self.codecs = self
            .services
            .engine
            .accept_offer(leg.media, sdp, allowed)
            .await
            .map_err(|error| unusable(&error))?;
        if self.direction == Direction::Incoming {
            let place = |codec: &Codec| allowed.iter().position(|allowed| allowed == codec);
            self.codecs.sort_by_key(place);
        }
        Ok(())
    }

    /// Sends our offer on a leg.
    pub(super) async fn invite(&mut self, number: LegNo, to: Destination) -> Step {
        self.invite_as(number, to, self.shown.clone()).await
    }

    /// The same with another caller shown.
    pub(super) async fn invite_as(&mut self, number: LegNo, to: Destination, from: Shown) -> Step {
        self.invite_so(number, to, from, false).await
    }

    /// To a phone that is to answer by itself, for it has made this call.
    pub(super) async fn invite_again(
        &mut self,
        number: LegNo,
        to: Destination,
        from: Shown,
    ) -> Step {
        self.invite_so(number, to, from, true).await
    }

    async fn invite_so(
        &mut self,
        number: LegNo,
        to: Destination,
        from: Shown,
        answers_itself: bool,
    ) -> Step {
        let Some(leg) = self.legs.get(&number) else {
            return Ok(());
        };
        let codecs = self.codecs_towards(&to);
        if codecs.is_empty() {
            return Err(unusable(&SdpError::NoCommonCodec(String::new())));
        }
        let sdp = self
            .services
            .engine
            .offer(leg.media, &codecs)
            .await
            .map_err(|error| unusable(&error))?;
        let invitation = Invitation {
            to,
            from,
            called: self.called.clone(),
            sdp,
            emergency: self.emergency,
            answers_itself,
        };
        self.leg_order(number, LegOrder::Invite(Box::new(invitation)));
        Ok(())
    }
}

/// `first`, then what the bridge can make of them: the same codec on both sides passes through
/// untouched, one law is turned into the other.
pub(super) fn first_and_rest(first: &[Codec]) -> Vec<Codec> {
    let rest = Codec::ALL
        .iter()
        .filter(|codec| !first.contains(codec) && first.iter().any(|first| first.becomes(**codec)));
    first.iter().chain(rest).copied().collect()
}

fn is_emergency(plan: &OutgoingPlan) -> bool {
    matches!(
        plan,
        OutgoingPlan::Lines {
            emergency: true,
            ..
        }
    )
}

fn too_many_calls() -> OutgoingPlan {
    OutgoingPlan::Refuse {
        code: 503,
        reason: "Too many calls of one extension".to_owned(),
    }
}

fn nobody_to_ring() -> Outcome {
    Outcome::new(
        Disposition::NoAnswer,
        HungUpBy::System,
        480,
        "There is nobody to ring",
    )
}

/// The number a line shows.
pub(crate) fn number_of(line: &LineConfig) -> String {
    line.number.clone().unwrap_or_else(|| line.user.clone())
}

/// RFC 3261 §13.3.1.3: an offer that cannot be met is answered 488.
pub(super) fn unusable(error: &SdpError) -> Outcome {
    Outcome::new(
        Disposition::Failed,
        HungUpBy::System,
        488,
        format!("The audio cannot be agreed on: {error}"),
    )
}
