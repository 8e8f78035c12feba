//! A parked call: the other side waits with music in a slot until anyone of the house picks it up by
//! dialling `*SLOT`. When nobody does for long, the one who parked it is rung.

use std::time::SystemTime;

use sip_core::agent::RequestHandle;
use tokio::time::Instant;

use super::{
    CallOrder, Destination, LegNo, LegOrder, Target,
    conversation::{Conversation, Step},
    leg::Progress,
    outcome::Outcome,
    state::State,
};
use crate::ports::{CallEvent, Disposition, HungUpBy};

/// Who parks, or has parked, and who is rung for that.
#[derive(Debug)]
pub(super) struct Parking {
    /// The REFER, until it is answered.
    refer: Option<RequestHandle>,
    /// The leg of the one who parks.
    by: LegNo,
    extension: String,
    rung: Vec<LegNo>,
    /// How often they were rung again.
    rounds: u8,
}

/// So often the one who parked a call is rung again; with the waits between, more than half an hour.
const ROUNDS: u8 = 10;

impl Conversation {
    /// REFER to `park`.
    pub(super) fn begin_parking(&mut self, by: LegNo, extension: String, refer: RequestHandle) {
        self.leg_order(by, LegOrder::AcceptRefer(refer));
        self.parking = Some(Parking {
            refer: Some(refer),
            by,
            extension,
            rung: Vec::new(),
            rounds: 0,
        });
        self.order(CallOrder::Park);
    }

    /// There is a slot for the call, or none.
    pub(super) fn parked_in(&mut self, slot: Option<u8>) {
        let Some(parking) = &mut self.parking else {
            return self.order(CallOrder::Unpark);
        };
        let (by, extension) = (parking.by, parking.extension.clone());
        let refer = parking.refer.take();
        let (State::Talking { called, .. }, Some(slot)) = (&self.state, slot) else {
            self.parking = None;
            self.tell_parked(by, refer, 486, "All slots are taken".to_owned());
            return self.order(CallOrder::Unpark);
        };
        let called = *called;
        self.tell_parked(by, refer, 200, format!("Parked in slot {slot}"));
        self.stop_leg(by, 200, "Parked");
        let parked = State::Parked {
            called,
            gone: by,
            slot,
            rings_back: false,
            until: Instant::now() + self.services.waits.parked,
        };
        self.transition(parked, "parked");
        self.arrange();
        self.emit(CallEvent::CallParked {
            id: self.id,
            at: SystemTime::now(),
            by: extension,
            slot,
        });
    }

    fn tell_parked(&self, by: LegNo, refer: Option<RequestHandle>, code: u16, reason: String) {
        if let Some(handle) = refer {
            let order = LegOrder::NotifyRefer {
                handle,
                code,
                reason,
            };
            self.leg_order(by, order);
        }
    }

    /// Nobody picks the call up: the one who parked it is rung, and after a while no longer.
    pub(super) fn parked_for_long(&mut self) -> Step {
        let State::Parked {
            called,
            gone,
            slot,
            rings_back,
            ..
        } = self.state
        else {
            return Ok(());
        };
        let waiting = self.other_side(gone, called);
        if let Some(why) = self.legs.get(&waiting).and_then(|leg| leg.gone) {
            return Err(self.never_came_back(waiting, why));
        }
        if !rings_back && self.has_rung_back_enough() {
            return Err(Outcome::new(
                Disposition::Answered,
                HungUpBy::System,
                480,
                "Nobody picked the parked call up",
            ));
        }
        let waits = self.services.waits;
        let (wait, reason) = match rings_back {
            false => (waits.rung_back, "the one who parked it is rung"),
            true => (waits.parked, "the one who parked it does not answer"),
        };
        let parked = State::Parked {
            called,
            gone,
            slot,
            rings_back: !rings_back,
            until: Instant::now() + wait,
        };
        self.transition(parked, reason);
        if rings_back {
            self.ring_back_no_more(480, "Nobody answered in time");
        } else if let Some(parking) = &self.parking {
            self.order(CallOrder::Find(vec![parking.extension.clone()]));
        }
        Ok(())
    }

    fn has_rung_back_enough(&mut self) -> bool {
        let Some(parking) = &mut self.parking else {
            return true;
        };
        parking.rounds += 1;
        parking.rounds > ROUNDS
    }

    fn ring_back_no_more(&mut self, code: u16, reason: &str) {
        self.order(CallOrder::FindNoMore);
        let rung = match &mut self.parking {
            Some(parking) => std::mem::take(&mut parking.rung),
            None => Vec::new(),
        };
        for number in rung {
            self.stop_leg(number, code, reason);
        }
    }

    /// Phones of the one who parked it.
    pub(super) async fn ring_back(&mut self, targets: Vec<Target>) -> Step {
        let State::Parked {
            called,
            gone,
            rings_back: true,
            ..
        } = self.state
        else {
            return Ok(());
        };
        let shown = self.shown_to_the_new_one(self.other_side(gone, called));
        for target in targets {
            let Ok(number) = self.add_leg(target.kind, Some(target.extension.clone())) else {
                continue;
            };
            if let Some(parking) = &mut self.parking {
                parking.rung.push(number);
            }
            let to = Destination::Phone(target);
            self.invite_as(number, to, shown.clone()).await?;
        }
        Ok(())
    }

    /// Whether a leg was made to ring the one who parked it.
    pub(super) fn rings_back_on(&self, number: LegNo) -> bool {
        let parking = self.parking.as_ref();
        parking.is_some_and(|parking| parking.rung.contains(&number))
    }

    /// The one who parked it took it back.
    pub(super) async fn rung_back_answered(&mut self, number: LegNo, sdp: Option<&str>) -> Step {
        let State::Parked { called, gone, .. } = self.state else {
            return Ok(());
        };
        if let Err(outcome) = self.take_answer(number, sdp).await {
            self.drop_fork(number, outcome.code, &outcome.reason);
            return Ok(());
        }
        if let Some(leg) = self.legs.get_mut(&number) {
            leg.progress = Progress::Up;
        }
        if let Some(parking) = &mut self.parking {
            parking.rung.retain(|rung| *rung != number);
        }
        let called = self.takes_place(gone, number, called);
        self.transition(State::talking(called), "the one who parked it is back");
        self.talk_with_new_one();
        self.picked_up(number);
        Ok(())
    }

    /// Somebody talks with whom was parked.
    pub(super) fn picked_up(&mut self, number: LegNo) {
        self.ring_back_no_more(200, "Call completed elsewhere");
        self.parking = None;
        self.order(CallOrder::Unpark);
        self.emit(CallEvent::CallUnparked {
            id: self.id,
            at: SystemTime::now(),
            by: self.extension_of(number).unwrap_or_default(),
        });
    }
}
