//! Blind transfer (REFER, RFC 3515): an employee hands the other side over to somebody else.
//!
//! The other side hears ringing until the new one answers and takes the place of the employee. The
//! employee's leg stays until then, so that a transfer nobody takes gives the call back.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use sip_core::{EndedBy, SipCause, agent::RequestHandle};
use tokio::time::Instant;

use super::{
    CallOrder, Destination, LegKey, LegNo, LegOrder, Purpose, Shown, Target,
    conversation::{Conversation, Step},
    leg::{Leg, Progress},
    outcome::Outcome,
    setup::number_of,
    state::State,
};
use crate::{
    media::{Channel, Sound},
    ports::{CallEvent, Direction, Disposition, HungUpBy, LineAttempt, OutgoingCall, OutgoingPlan},
};

/// How long the new one may ring before the call goes back.
const PATIENCE: Duration = Duration::from_secs(45);

/// What a peer asks for with REFER.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Referral {
    /// Names the transfer.
    pub handle: RequestHandle,
    /// What for.
    pub wanted: Wanted,
}

/// What a REFER asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A call to this, as dialled.
    Call(String),
    /// The party of another call, whose leg of the same phone is this: in the asker's place
    /// (`Replaces`) or beside them (`Join`).
    Party(LegKey, Purpose),
    /// A slot where the other side waits for somebody.
    Park,
    /// What cannot be had.
    Nothing(u16, &'static str),
}

/// A transfer under way.
#[derive(Debug)]
pub(super) struct Transfer {
    refer: RequestHandle,
    /// The extension that transfers.
    from: String,
    /// As dialled.
    to: String,
    /// Lines still to be tried.
    lines: VecDeque<LineAttempt>,
    /// Legs made for it.
    rung: Vec<LegNo>,
    told_ringing: bool,
}

impl Conversation {
    /// REFER on a leg.
    pub(super) async fn referred(&mut self, number: LegNo, referral: Referral) -> Step {
        match self.may_transfer(number, &referral) {
            Ok((called, from)) => match referral.wanted {
                Wanted::Call(to) => {
                    let refer = referral.handle;
                    self.begin_transfer(number, called, from, (refer, to)).await
                }
                Wanted::Party(of, purpose) => {
                    self.begin_joining((number, called, from), referral.handle, of, purpose);
                    Ok(())
                }
                Wanted::Park => {
                    self.begin_parking(number, from, referral.handle);
                    Ok(())
                }
                Wanted::Nothing(..) => Ok(()),
            },
            Err((code, reason)) => {
                self.refuse_referral(number, referral.handle, code, reason.to_owned());
                Ok(())
            }
        }
    }

    /// The called leg and the extension of the one who asks.
    fn may_transfer(
        &self,
        number: LegNo,
        referral: &Referral,
    ) -> Result<(LegNo, String), (u16, &'static str)> {
        let State::Talking {
            called,
            third: None,
        } = self.state
        else {
            return Err((480, "Only a call of two in talk can be transferred"));
        };
        if number != self.caller && number != called {
            return Err((481, "Call Does Not Exist"));
        }
        if self.parking.is_some() {
            return Err((491, "The call is being parked"));
        }
        if let Wanted::Nothing(code, reason) = referral.wanted {
            return Err((code, reason));
        }
        let extension = self.legs.get(&number).and_then(|leg| leg.extension.clone());
        match extension {
            Some(extension) => Ok((called, extension)),
            // RFC 3515 §5: what the network asks for would be paid by us.
            None => Err((603, "Only an employee may transfer")),
        }
    }

    pub(super) fn refuse_referral(
        &self,
        number: LegNo,
        handle: RequestHandle,
        code: u16,
        reason: String,
    ) {
        self.leg_order(
            number,
            LegOrder::Respond {
                handle,
                code,
                reason,
            },
        );
    }

    async fn begin_transfer(
        &mut self,
        by: LegNo,
        called: LegNo,
        from: String,
        (refer, to): (RequestHandle, String),
    ) -> Step {
        let question = OutgoingCall {
            id: self.id,
            extension: from.clone(),
            dialled: to.clone(),
            line: None,
            number: None,
        };
        let plan = self.services.director.authorize_outgoing(&question).await;
        let (finding, lines) = match plan {
            OutgoingPlan::Refuse { code, reason } => {
                self.refuse_referral(by, refer, code, reason);
                return Ok(());
            }
            OutgoingPlan::Extension(extension) => (vec![extension], VecDeque::new()),
            OutgoingPlan::Lines { attempts, .. } => (Vec::new(), attempts.into()),
        };
        self.leg_order(by, LegOrder::AcceptRefer(refer));
        self.transfer = Some(Transfer {
            refer,
            from,
            to,
            lines,
            rung: Vec::new(),
            told_ringing: false,
        });
        let until = Instant::now() + PATIENCE;
        self.transition(State::Transferring { called, by, until }, "transferred");
        if let Some(stays) = self.legs.get(&self.other_side(by, called)) {
            self.services.engine.part(stays.media);
            self.services.engine.play(stays.media, Sound::Ringback);
        }
        if finding.is_empty() {
            return self.transfer_over_next_line().await;
        }
        self.order(CallOrder::Find(finding));
        Ok(())
    }

    /// The side that stays when `by` goes.
    pub(super) fn other_side(&self, by: LegNo, called: LegNo) -> LegNo {
        if by == self.caller {
            called
        } else {
            self.caller
        }
    }

    async fn transfer_over_next_line(&mut self) -> Step {
        let next = self
            .transfer
            .as_mut()
            .and_then(|transfer| transfer.lines.pop_front());
        let Some(attempt) = next else {
            return self.transfer_failed(480, "Nobody could be reached");
        };
        let ours = self.our_number_on(&attempt);
        let setup = self.line_setup(attempt.line);
        let to = Destination::Line(attempt);
        if self.codecs_towards(&to).is_empty() {
            return self.transfer_failed(488, "The audio cannot be agreed on");
        }
        match self.add_leg(setup, None) {
            Ok(number) => self.transfer_rings(number, to, ours).await,
            Err(_) => self.transfer_failed(503, "All media ports are in use"),
        }
    }

    fn our_number_on(&self, attempt: &LineAttempt) -> Shown {
        let lines = self.services.lines.borrow();
        let line = lines.iter().find(|line| line.id == attempt.line);
        Shown {
            number: attempt.caller_id.clone().or_else(|| line.map(number_of)),
            name: None,
        }
    }

    /// Phones of the extension the call goes to.
    pub(super) async fn ring_for_transfer(&mut self, targets: Vec<Target>) -> Step {
        let State::Transferring { by, called, .. } = self.state else {
            return Ok(());
        };
        let shown = self.shown_to_the_new_one(self.other_side(by, called));
        self.tell_offered(&targets);
        for target in targets {
            if let Ok(number) = self.add_leg(target.kind, Some(target.extension.clone())) {
                self.transfer_rings(number, Destination::Phone(target), shown.clone())
                    .await?;
            }
        }
        if self.transfer.as_ref().is_some_and(|t| t.rung.is_empty()) {
            return self.transfer_failed(480, "The colleague's phone is not connected");
        }
        Ok(())
    }

    /// Their pages show whom it is about before they ring.
    fn tell_offered(&self, targets: &[Target]) {
        let Some(transfer) = &self.transfer else {
            return;
        };
        let mut told: Vec<&str> = Vec::new();
        for target in targets {
            if !told.contains(&target.extension.as_str()) {
                told.push(&target.extension);
                self.emit(CallEvent::CallOffered {
                    id: self.id,
                    at: SystemTime::now(),
                    from: transfer.from.clone(),
                    to: target.extension.clone(),
                });
            }
        }
    }

    /// The new one sees who stays, not who transfers.
    pub(super) fn shown_to_the_new_one(&self, stays: LegNo) -> Shown {
        let leg = self.legs.get(&stays);
        if let Some(party) = leg.and_then(|leg| leg.party.clone()) {
            return party;
        }
        let extension = leg.and_then(|leg| leg.extension.clone());
        match (extension, self.direction) {
            (Some(extension), _) => Shown {
                number: Some(extension),
                name: None,
            },
            (None, Direction::Outgoing) => Shown {
                number: self.dialled.clone(),
                name: None,
            },
            (None, Direction::Incoming | Direction::Internal) => self.shown.clone(),
        }
    }

    async fn transfer_rings(&mut self, number: LegNo, to: Destination, shown: Shown) -> Step {
        self.invite_as(number, to, shown).await?;
        if let Some(transfer) = &mut self.transfer {
            transfer.rung.push(number);
        }
        Ok(())
    }

    /// Whether a leg was made for the transfer.
    pub(super) fn is_new_one(&self, number: LegNo) -> bool {
        self.transfer
            .as_ref()
            .is_some_and(|transfer| transfer.rung.contains(&number))
    }

    /// The new one rings.
    pub(super) fn transfer_progress(&mut self) {
        if let Some(transfer) = &mut self.transfer
            && !transfer.told_ringing
        {
            transfer.told_ringing = true;
            self.tell_referrer(180, "Ringing");
        }
    }

    fn tell_referrer(&self, code: u16, reason: &str) {
        if let (Some(transfer), State::Transferring { by, .. }) = (&self.transfer, &self.state) {
            let order = LegOrder::NotifyRefer {
                handle: transfer.refer,
                code,
                reason: reason.to_owned(),
            };
            self.leg_order(*by, order);
        }
    }

    /// The new one answered: it takes the place of the one who transfers.
    pub(super) async fn transfer_answered(&mut self, number: LegNo, sdp: Option<&str>) -> Step {
        let State::Transferring { called, by, .. } = self.state else {
            return Ok(());
        };
        if let Err(outcome) = self.take_answer(number, sdp).await {
            self.drop_fork(number, outcome.code, &outcome.reason);
            return self.transfer_failed(488, "The audio cannot be agreed on");
        }
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Up;
        }
        self.tell_referrer(200, "OK");
        self.order(CallOrder::FindNoMore);
        let Some(transfer) = self.transfer.take() else {
            return Ok(());
        };
        for other in transfer.rung.iter().filter(|other| **other != number) {
            self.stop_leg(*other, 200, "Call completed elsewhere");
        }
        self.stop_leg(by, 200, "Transferred");
        let called = self.takes_place(by, number, called);
        self.transition(State::talking(called), "the transfer was answered");
        self.talk_with_new_one();
        let extension = self.legs.get(&number).and_then(|leg| leg.extension.clone());
        self.emit(CallEvent::CallTransferred {
            id: self.id,
            at: SystemTime::now(),
            from: transfer.from,
            to: extension,
            dialled: transfer.to,
            joined: None,
        });
        Ok(())
    }

    /// `new` stands where `old` stood; gives the called leg from now on.
    pub(super) fn takes_place(&mut self, old: LegNo, new: LegNo, called: LegNo) -> LegNo {
        if old == self.caller {
            self.caller = new;
            called
        } else {
            new
        }
    }

    pub(super) fn stop_leg(&mut self, number: LegNo, code: u16, reason: &str) {
        if self.legs.get(&number).is_some_and(Leg::is_live) {
            self.drop_fork(number, code, reason);
        }
    }

    /// Joins them; the recording goes on, each side on its channel.
    pub(super) fn talk_with_new_one(&self) {
        self.arrange();
        self.record_on();
    }

    /// If a recording runs, it is that of those who talk now.
    pub(super) fn record_on(&self) {
        let media = |number| self.legs.get(&number).map(|leg: &Leg| leg.media);
        let called = self.state.answered().and_then(media);
        let (Some(caller), Some(called), Some(_)) = (media(self.caller), called, &self.journal)
        else {
            return;
        };
        let (left, right) = match self.channel_of_caller() {
            Channel::Left => (caller, called),
            Channel::Right => (called, caller),
        };
        self.services.engine.record(self.id, left, right);
    }

    /// A leg ended while a transfer was under way.
    pub(super) async fn ended_in_transfer(
        &mut self,
        number: LegNo,
        by: EndedBy,
        cause: SipCause,
    ) -> Step {
        let State::Transferring { by: referrer, .. } = self.state else {
            return Ok(());
        };
        if number == referrer {
            // Phones hang up as soon as the transfer is accepted; it goes on without them.
            self.leg_over(number, Some(cause));
            return Ok(());
        }
        if !self.is_new_one(number) {
            return self.talker_ended(number, by, cause);
        }
        self.leg_over(number, Some(cause.clone()));
        if let Some(leg) = self.legs.get(&number) {
            self.services.engine.close(leg.media);
        }
        let (still_rings, more_lines) = self.transfer.as_ref().map_or((false, false), |t| {
            let rings = |n: &LegNo| self.legs.get(n).is_some_and(Leg::is_live);
            (t.rung.iter().any(rings), !t.lines.is_empty())
        });
        match (still_rings, more_lines) {
            (true, _) => Ok(()),
            (false, true) => self.transfer_over_next_line().await,
            (false, false) => self.transfer_failed(cause.code.max(400), &cause.reason),
        }
    }

    /// Nobody answered in time.
    pub(super) fn transfer_time_over(&mut self) -> Step {
        self.transfer_failed(480, "Nobody answered in time")
    }

    /// Gives the call back to the one who transferred, or ends it if they have left.
    fn transfer_failed(&mut self, code: u16, reason: &str) -> Step {
        let State::Transferring { called, by, .. } = self.state else {
            return Ok(());
        };
        self.tell_referrer(code, reason);
        self.order(CallOrder::FindNoMore);
        let rung = self.transfer.take().map_or_else(Vec::new, |t| t.rung);
        for number in rung {
            self.stop_leg(number, 480, "The transfer was given up");
        }
        if !self.legs.get(&by).is_some_and(Leg::is_live) {
            return Err(Outcome::new(
                Disposition::Answered,
                HungUpBy::System,
                code,
                format!("The transfer failed: {reason}"),
            ));
        }
        self.transition(State::talking(called), "the transfer failed");
        self.talk_with_new_one();
        Ok(())
    }
}
