//! From the caller's INVITE to the first ring: the director's answer and what follows from it.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::{
    CallOrder, Destination, FromLine, FromPhone, Invitation, LegNo, LegOrder, Shown,
    conversation::{Conversation, Step},
    outcome::Outcome,
    state::State,
};
use crate::{
    media::{Codec, SdpError},
    ports::{
        CallEvent, Direction, Disposition, HungUpBy, IncomingCall, IncomingPlan, LineConfig,
        LineId, OutgoingCall, OutgoingPlan,
    },
};

/// Codecs passed through, in our order.
pub(super) const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];
/// How long the network may ring before we give up (RFC 3261 §16.6 item 11 wants over 3 minutes).
const NETWORK_RING: Duration = Duration::from_secs(185);
/// How long a colleague is rung.
const COLLEAGUE_RING: Duration = Duration::from_secs(60);

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
        let caller = self.add_leg(crate::media::LegKind::Line, None)?;
        let question = IncomingCall {
            id: self.id,
            line: call.line,
            caller: call.caller.number.clone(),
            caller_name: call.caller.name.clone(),
            called: call.called.clone(),
            did: None,
            redirected_by: None,
        };
        self.shown = call.caller;
        self.called = Some((call.called, call.label));
        let director = std::sync::Arc::clone(&self.services.director);
        let (plan, offer) = tokio::join!(
            director.route_incoming(&question),
            self.take_callers_offer(caller, call.sdp.as_deref())
        );
        offer?;
        match plan {
            IncomingPlan::Refuse { code, reason } => Err(Outcome::new(
                Disposition::Rejected,
                HungUpBy::System,
                code,
                reason,
            )),
            IncomingPlan::Ring { stages, .. } => {
                let (mut extensions, mut ring_secs) = (Vec::new(), 0);
                for stage in stages {
                    extensions.extend(stage.extensions);
                    ring_secs += stage.ring_secs;
                }
                self.ring_extensions(extensions, Duration::from_secs(ring_secs.into()))
            }
        }
    }

    pub(super) async fn begin_from_phone(&mut self, call: FromPhone) -> Step {
        let question = OutgoingCall {
            id: self.id,
            extension: call.extension.clone(),
            dialled: call.dialled.clone(),
        };
        let plan = self.services.director.authorize_outgoing(&question).await;
        let line = self.line_of(&plan);
        self.direction = match plan {
            OutgoingPlan::Extension(_) => Direction::Internal,
            OutgoingPlan::Lines { .. } | OutgoingPlan::Refuse { .. } => Direction::Outgoing,
        };
        let our_number = line
            .as_ref()
            .map_or_else(|| call.extension.clone(), number_of);
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
        let caller = self.add_leg(call.kind, Some(call.extension.clone()))?;
        match plan {
            OutgoingPlan::Refuse { code, reason } => Err(Outcome::new(
                Disposition::Failed,
                HungUpBy::System,
                code,
                reason,
            )),
            OutgoingPlan::Extension(colleague) => {
                self.take_callers_offer(caller, call.sdp.as_deref()).await?;
                self.shown = Shown {
                    number: Some(call.extension),
                    name: Some(call.name).filter(|n| !n.is_empty()),
                };
                self.called = Some((colleague.clone(), String::new()));
                self.ring_extensions(vec![colleague], COLLEAGUE_RING)
            }
            OutgoingPlan::Lines { attempts, .. } => {
                let Some(attempt) = attempts.into_iter().next() else {
                    return Err(Outcome::new(
                        Disposition::Failed,
                        HungUpBy::System,
                        503,
                        "No line is set up for outgoing calls",
                    ));
                };
                self.take_callers_offer(caller, call.sdp.as_deref()).await?;
                self.record = line.is_some_and(|line| line.record);
                self.shown = Shown {
                    number: Some(our_number),
                    name: None,
                };
                self.call_network(attempt.line, attempt.number).await
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

    /// Reads the caller's offer; without one (late offer) all our codecs are possible.
    async fn take_callers_offer(&mut self, caller: LegNo, sdp: Option<&str>) -> Step {
        let Some(leg) = self.legs.get_mut(&caller) else {
            return Ok(());
        };
        let Some(sdp) = sdp else {
            self.codecs = CODECS.to_vec();
            return Ok(());
        };
        leg.peer_offered = true;
        self.codecs = self
            .services
            .engine
            .accept_offer(leg.media, sdp, &CODECS)
            .await
            .map_err(|error| unusable(&error))?;
        Ok(())
    }

    fn ring_extensions(&mut self, extensions: Vec<String>, time: Duration) -> Step {
        if extensions.is_empty() {
            return Err(Outcome::new(
                Disposition::NoAnswer,
                HungUpBy::System,
                480,
                "There is nobody to ring",
            ));
        }
        self.transition(
            State::Ringing {
                until: Instant::now() + time,
                alone: None,
            },
            "phones are rung",
        );
        // Phones first: the card on the screen is waited for, the caller's 180 is not.
        self.order(CallOrder::Find(extensions));
        if self.direction == Direction::Incoming {
            self.leg_order(
                LegNo::CALLER,
                LegOrder::Ring {
                    code: 180,
                    sdp: None,
                },
            );
        }
        Ok(())
    }

    async fn call_network(&mut self, line: LineId, number: String) -> Step {
        self.transition(
            State::Ringing {
                until: Instant::now() + NETWORK_RING,
                alone: None,
            },
            "the network is called",
        );
        let called = self.add_leg(crate::media::LegKind::Line, None)?;
        self.invite(called, Destination::Line { line, number })
            .await
    }

    /// Sends our offer on a leg.
    pub(super) async fn invite(&mut self, number: LegNo, to: Destination) -> Step {
        let Some(leg) = self.legs.get(&number) else {
            return Ok(());
        };
        let sdp = self
            .services
            .engine
            .offer(leg.media, &first_and_rest(&self.codecs))
            .await
            .map_err(|error| unusable(&error))?;
        let invitation = Invitation {
            to,
            from: self.shown.clone(),
            called: self.called.clone(),
            sdp,
        };
        self.leg_order(number, LegOrder::Invite(Box::new(invitation)));
        Ok(())
    }
}

/// `first`, then our other codecs: the same codec on both sides passes through untouched, another
/// one is turned by the bridge.
pub(super) fn first_and_rest(first: &[Codec]) -> Vec<Codec> {
    let rest = CODECS.iter().filter(|codec| !first.contains(codec));
    first.iter().chain(rest).copied().collect()
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
