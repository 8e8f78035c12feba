//! The task of one conversation: its data, its loop, its end.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::SystemTime};

use tokio::{
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};
use tracing::Instrument;

use super::{
    Beginning, CallOrder, Input, LegInput, LegNo, LegNumbers, LegOrder, Shown,
    joining::{Join, Leaving},
    leg::{Leg, Progress},
    outcome::Outcome,
    parking::Parking,
    path::Path,
    state::State,
    transfer::Transfer,
};
use crate::{
    archive::Archive,
    config::Waits,
    events::EventSink,
    media::{Codec, Engine, LegSetup},
    orders::Orders,
    ports::{
        CallDirector, CallEvent, CallId, Direction, Disposition, DtmfMode, HungUpBy, LineConfig,
    },
};

/// What every conversation needs of its surroundings. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Services {
    /// The media plane.
    pub engine: Engine,
    /// Who is asked.
    pub director: Arc<dyn CallDirector>,
    /// Who is told.
    pub events: EventSink,
    /// The agent task.
    pub orders: Orders,
    /// Recordings after their call.
    pub archive: Archive,
    /// How long calls wait for people.
    pub waits: Waits,
    /// The lines as they are now.
    pub lines: watch::Receiver<Arc<Vec<LineConfig>>>,
}

impl Services {
    /// Ends a recording, if one runs, and has it finished.
    async fn end_recording(&self, id: CallId) {
        if let Some(closed) = self.engine.stop_recording(id).await {
            self.archive.finish(closed);
        }
    }

    /// Cleans up after a conversation's task that has panicked: a fault of ours must leave neither
    /// a record nor a recording open, nor a caller waiting.
    async fn abandon(&self, id: CallId) {
        self.orders.call(id, CallOrder::Abandon);
        self.events.emit(ended(
            id,
            Outcome::new(Disposition::Failed, HungUpBy::System, 500, "Internal fault"),
        ));
        self.end_recording(id).await;
    }
}

/// What a handler says: go on, or the conversation is over.
pub(super) type Step = Result<(), Outcome>;

/// One conversation.
pub(crate) struct Conversation {
    pub(super) id: CallId,
    pub(super) services: Services,
    pub(super) direction: Direction,
    pub(super) state: State,
    pub(super) legs: BTreeMap<LegNo, Leg>,
    numbers: LegNumbers,
    /// What came for the party that was given away.
    pub(super) leaving: Option<Leaving>,
    /// The leg in the caller's place: the one who called, until transferred.
    pub(super) caller: LegNo,
    /// The number dialled over a line.
    pub(super) dialled: Option<String>,
    /// A transfer under way.
    pub(super) transfer: Option<Transfer>,
    /// A leg that calls the caller's page, which was loaded again.
    pub(super) recall: Option<LegNo>,
    /// The call is being parked, or is.
    pub(super) parking: Option<Parking>,
    /// A party of another call that was asked for.
    pub(super) join: Option<Join>,
    /// Codecs the caller has, in the caller's order.
    pub(super) codecs: Vec<Codec>,
    /// Who is shown to those who are rung.
    pub(super) shown: Shown,
    /// Number of ours that was called and label of its line, for the phones.
    pub(super) called: Option<(String, String)>,
    /// The extension that calls (outgoing, internal).
    pub(super) caller_extension: Option<String>,
    /// Who and what is tried in which order.
    pub(super) path: Path,
    /// Whether the caller from the network hears ringing.
    pub(super) caller_rung: bool,
    /// No limit of ours stops the call.
    pub(super) emergency: bool,
    /// Extensions [`CallEvent::CallRinging`] has named.
    pub(super) told_ringing: Vec<String>,
    /// Whether the conversation is to be recorded.
    pub(super) record: bool,
    /// The journal, while a recording runs.
    pub(super) journal: Option<PathBuf>,
}

impl Conversation {
    /// Starts the task. Inputs go into the returned sender.
    pub(crate) fn spawn(
        id: CallId,
        beginning: Beginning,
        services: Services,
        numbers: LegNumbers,
    ) -> mpsc::UnboundedSender<Input> {
        let (sender, mailbox) = mpsc::unbounded_channel();
        let conversation = Self {
            id,
            services,
            direction: match &beginning {
                Beginning::FromLine(_) => Direction::Incoming,
                Beginning::FromPhone(_) => Direction::Outgoing,
            },
            state: State::Routing,
            legs: BTreeMap::new(),
            numbers,
            leaving: None,
            caller: LegNo::CALLER,
            dialled: None,
            transfer: None,
            join: None,
            recall: None,
            parking: None,
            codecs: Vec::new(),
            shown: Shown {
                number: None,
                name: None,
            },
            called: None,
            caller_extension: None,
            path: Path::default(),
            caller_rung: false,
            emergency: false,
            told_ringing: Vec::new(),
            record: false,
            journal: None,
        };
        let span = tracing::info_span!("call", call.id = %id.simple());
        let services = conversation.services.clone();
        let task = tokio::spawn(conversation.run(beginning, mailbox).instrument(span));
        tokio::spawn(async move {
            if task.await.is_err_and(|error| error.is_panic()) {
                services.abandon(id).await;
            }
        });
        sender
    }

    async fn run(mut self, beginning: Beginning, mut mailbox: mpsc::UnboundedReceiver<Input>) {
        let begun = match beginning {
            Beginning::FromLine(call) => self.begin_from_line(call).await,
            Beginning::FromPhone(call) => self.begin_from_phone(call).await,
        };
        let outcome = match begun {
            Err(outcome) => outcome,
            Ok(()) => self.converse(&mut mailbox).await,
        };
        self.finish(outcome).await;
    }

    async fn converse(&mut self, mailbox: &mut mpsc::UnboundedReceiver<Input>) -> Outcome {
        loop {
            let step = tokio::select! {
                input = mailbox.recv() => match input {
                    Some(input) => self.handle(input).await,
                    None => Err(Outcome::new(Disposition::Failed, HungUpBy::System, 503, "Trubka is shutting down")),
                },
                () = until(self.state.deadline()) => self.deadline_passed().await,
            };
            if let Err(outcome) = step {
                return outcome;
            }
        }
    }

    async fn handle(&mut self, input: Input) -> Step {
        let Some(input) = self.keep_for_the_other(input) else {
            return Ok(());
        };
        match input {
            Input::Leg(number, input) => self.handle_leg(number, input).await,
            Input::Targets(targets) => match self.state {
                State::Transferring { .. } => self.ring_for_transfer(targets).await,
                State::Parked { .. } => self.ring_back(targets).await,
                _ => self.ring(targets).await,
            },
            Input::Media(event) => self.handle_media(event),
            Input::Connection(number, contact) => self.connection(number, contact).await,
            Input::ParkedIn(slot) => {
                self.parked_in(slot);
                Ok(())
            }
            Input::GiveAway { leg, asker } => self.asked_for(leg, asker),
            Input::Given(number, handed) => self.given(number, *handed).await,
            Input::NotGiven { code, reason } => self.joining_failed(code, reason),
            Input::HandedOver(to) => self.handed_over(to),
            Input::HangUp { reason } => Err(self.ended_by_system(reason)),
        }
    }

    async fn handle_leg(&mut self, number: LegNo, input: LegInput) -> Step {
        match input {
            LegInput::Progress { .. }
                if self.recall == Some(number) || self.rings_back_on(number) =>
            {
                Ok(())
            }
            LegInput::Answered { sdp } if self.recall == Some(number) => {
                self.recalled(number, sdp.as_deref()).await
            }
            LegInput::Answered { sdp } if self.rings_back_on(number) => {
                self.rung_back_answered(number, sdp.as_deref()).await
            }
            LegInput::Arrives(arrival) => self.arrives(number, *arrival).await,
            LegInput::Progress { .. } if self.is_new_one(number) => {
                self.transfer_progress();
                Ok(())
            }
            LegInput::Progress { code, sdp } => self.progress(number, code, sdp).await,
            LegInput::Answered { sdp } if self.is_new_one(number) => {
                self.transfer_answered(number, sdp.as_deref()).await
            }
            LegInput::Answered { sdp } => self.answered(number, sdp).await,
            LegInput::Refer(referral) => self.referred(number, referral).await,
            LegInput::Confirmed { sdp } => self.confirmed(number, sdp).await,
            LegInput::ReOffer { sdp } => self.reoffered(number, sdp).await,
            LegInput::ReOfferAnswered { sdp } => self.our_offer_answered(number, sdp).await,
            LegInput::ReOfferRefused => self.our_offer_refused(number),
            LegInput::Request { handle, request } => {
                self.in_call_request(number, handle, &request);
                Ok(())
            }
            LegInput::Ended { cause, .. } if self.is_side_leg(number) => {
                self.side_leg_ended(number, &cause)
            }
            LegInput::Ended { by, cause } => match self.state {
                State::Transferring { .. } => self.ended_in_transfer(number, by, cause).await,
                State::Talking { .. }
                | State::Waiting { .. }
                | State::Joining { .. }
                | State::Parked { .. } => self.talker_ended(number, by, cause),
                State::Leaving => {
                    self.leg_over(number, Some(cause));
                    Ok(())
                }
                State::Routing | State::Ringing { .. } | State::Over => {
                    self.ringing_leg_ended(number, by, cause).await
                }
            },
        }
    }

    async fn deadline_passed(&mut self) -> Step {
        match self.state.clone() {
            State::Ringing { until, .. } if until > Instant::now() => Err(Outcome::new(
                Disposition::Cancelled,
                HungUpBy::System,
                408,
                "The caller's page was closed",
            )),
            State::Ringing { .. } => self.ringing_time_over().await,
            State::Waiting { gone, why, .. } => Err(self.never_came_back(gone, why)),
            State::Transferring { .. } => self.transfer_time_over(),
            State::Joining { .. } => self.joining_failed(500, "The other call did not answer"),
            State::Parked { .. } => self.parked_for_long(),
            State::Routing | State::Talking { .. } | State::Leaving | State::Over => Ok(()),
        }
    }

    pub(super) fn never_came_back(&self, gone: LegNo, why: &str) -> Outcome {
        let reason = match self.extension_of(gone) {
            Some(extension) => {
                format!("The phone of {extension} vanished and did not come back: {why}")
            }
            None => format!("The other side vanished and did not come back: {why}"),
        };
        Outcome::new(Disposition::Answered, HungUpBy::System, 408, reason)
    }

    /// The only writer of `state`.
    pub(super) fn transition(&mut self, to: State, reason: &str) {
        if !self.state.may_become(&to) {
            tracing::error!(
                from = self.state.name(),
                to = to.name(),
                reason,
                "no such transition"
            );
            return;
        }
        tracing::info!(
            from = self.state.name(),
            to = to.name(),
            reason,
            "conversation"
        );
        self.state = to;
        self.wait_for_the_gone();
    }

    /// Ends every leg, tells the caller, the director's side and the archive. Once.
    async fn finish(&mut self, outcome: Outcome) {
        self.transition(State::Over, &outcome.reason);
        self.end_legs(&outcome);
        self.emit(ended(self.id, outcome));
        for leg in self.legs.values() {
            self.services.engine.close(leg.media);
        }
        if self.journal.take().is_some() {
            self.services.end_recording(self.id).await;
        }
        self.order(CallOrder::Over);
    }

    fn end_legs(&mut self, outcome: &Outcome) {
        let live: Vec<(LegNo, bool)> = self
            .legs
            .iter()
            .filter(|(_, leg)| leg.is_live())
            .map(|(n, leg)| (*n, leg.is_calling()))
            .collect();
        for (number, calling) in live {
            let (code, reason) = (outcome.code, outcome.reason.clone());
            if number == LegNo::CALLER && calling {
                let code = if code < 300 { 480 } else { code };
                self.leg_order(number, LegOrder::Reject { code, reason });
            } else {
                self.leg_order(number, LegOrder::HangUp { code, reason });
            }
            self.leg_over(number, None);
        }
    }

    /// What it is called when nobody on the phone ends it.
    pub(super) fn ended_by_system(&self, reason: &str) -> Outcome {
        let disposition = match (self.state.answered(), self.direction) {
            (Some(_), _) => Disposition::Answered,
            (None, Direction::Incoming) => Disposition::NoAnswer,
            (None, Direction::Outgoing | Direction::Internal) => Disposition::Cancelled,
        };
        let code = if disposition == Disposition::Answered {
            200
        } else {
            480
        };
        Outcome::new(disposition, HungUpBy::System, code, reason)
    }

    /// The next leg has this number or a higher one.
    pub(super) fn next_leg_number(&self) -> LegNo {
        self.numbers.peek()
    }

    /// A new leg with media of its own.
    pub(super) fn add_leg(
        &mut self,
        setup: impl Into<LegSetup>,
        extension: Option<String>,
    ) -> Result<LegNo, Outcome> {
        let number = self.numbers.take();
        self.add_leg_as(number, setup, extension)?;
        Ok(number)
    }

    /// The same for a leg that has a number.
    pub(super) fn add_leg_as(
        &mut self,
        number: LegNo,
        setup: impl Into<LegSetup>,
        extension: Option<String>,
    ) -> Result<(), Outcome> {
        let setup = setup.into();
        let media = self.services.engine.create_leg(setup).map_err(|error| {
            tracing::error!(%error, "no media for another leg");
            Outcome::new(
                Disposition::Failed,
                HungUpBy::System,
                503,
                "All media ports are in use",
            )
        })?;
        self.order(CallOrder::Media(media));
        let mut leg = Leg::new(media, extension);
        leg.keys_by_info = setup.dtmf == DtmfMode::Info;
        self.legs.insert(number, leg);
        Ok(())
    }

    pub(super) fn leg_over(&mut self, number: LegNo, cause: Option<sip_core::SipCause>) {
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Over(cause);
        }
    }

    pub(super) fn emit(&self, event: CallEvent) {
        self.services.events.emit(event);
    }

    pub(super) fn order(&self, order: CallOrder) {
        self.services.orders.call(self.id, order);
    }

    pub(super) fn leg_order(&self, number: LegNo, order: LegOrder) {
        self.order(CallOrder::Leg(number, order));
    }
}

fn ended(id: CallId, outcome: Outcome) -> CallEvent {
    CallEvent::CallEnded {
        id,
        at: SystemTime::now(),
        disposition: outcome.disposition,
        by: outcome.by,
        code: outcome.code,
        reason: outcome.reason,
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests;
