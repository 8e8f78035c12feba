//! How calls sound: looked at, told every half minute, carried over a reload.

use super::{World, coming_back::reloaded};
use crate::{
    Advice, CallKey, Command, FarFigures, MediaWay,
    machine::{Input, MediaEvent},
    quality::{Codec, Heard, IncidentKind, QualityReport, Snapshot},
};

impl World {
    /// A look a second for some seconds, in which `lost` packets of fifty get lost.
    fn looks(&mut self, key: CallKey, secs: u64, lost: u64) {
        for _ in 0..secs {
            self.advance(1_000);
            let second = self.now / 1000;
            let look = Snapshot {
                at_ms: self.now,
                codec: Codec::G711,
                heard: Heard {
                    packets: second * (50 - lost),
                    lost: i64::try_from(second * lost).unwrap(),
                    ..Heard::default()
                },
                ..Snapshot::default()
            };
            self.feed(Input::Media(key, MediaEvent::Look(Box::new(look))));
        }
    }

    fn last_report(&self) -> &QualityReport {
        &self.reports.last().expect("a report").1
    }

    fn met(&self) -> Vec<IncidentKind> {
        let report = self.last_report();
        report.incidents.iter().map(|met| met.kind).collect()
    }
}

#[test]
fn a_call_is_told_of_every_half_minute_and_at_its_end_until_it_is_stored() {
    let (mut world, _, key) = World::talking();
    world.looks(key, 32, 5);
    assert_eq!(world.reports.len(), 1);
    let (of, first) = world.reports[0].clone();
    assert_eq!((of, first.codec, first.is_last), (key, Codec::G711, false));
    assert!(first.slots.len() >= 3, "{first:?}");
    let loss = first.slots[1].figures.heard.unwrap().loss_permille;
    assert_eq!(loss, 100);
    assert_eq!(world.view(key).call_id.as_ref(), Some(&first.call_id));
    // It was not stored: the next one tells it again, and more.
    world.looks(key, 30, 5);
    let again = world.last_report().clone();
    assert_eq!(again.slots[..first.slots.len()], first.slots[..]);
    world.command(Command::QualityStored(key, again.at));
    world.looks(key, 5, 5);
    world.command(Command::HangUp(key));
    let last = world.last_report();
    assert!(last.is_last && last.slots.len() <= 2, "{last:?}");
    assert!(last.slots[0].at >= again.slots.last().unwrap().at);
}

#[test]
fn the_card_says_how_it_sounds_and_whose_network_it_is() {
    let (mut world, _, key) = World::talking();
    world.looks(key, 20, 0);
    let view = world.view(key).quality.unwrap();
    assert_eq!((view.advice, view.loss_permille), (None, 0));
    world.looks(key, 25, 3);
    let view = world.view(key).quality.unwrap();
    assert_eq!(view.advice, Some(Advice::OwnLoss(60)));
    let heard_loss = 58;
    let far = FarFigures {
        heard_loss,
        ..FarFigures::default()
    };
    world.command(Command::FarMeasured(key, far));
    world.looks(key, 5, 3);
    let view = world.view(key).quality.unwrap();
    assert_eq!(view.advice, Some(Advice::FarLoss(heard_loss)));
}

#[test]
fn what_is_not_stored_outlives_a_reload_and_what_changes_every_second_is_not_kept() {
    let (mut world, leg, key) = World::talking();
    world.looks(key, 21, 0);
    let kept = world.kept.clone();
    world.looks(key, 4, 0);
    assert_eq!(world.kept, kept, "nothing but full slots is kept");
    let (mut world, invite) = reloaded(world);
    world.accept(invite.call, "server answers");
    world.server.hang_up(world.now, leg, None);
    world.settle();
    world.looks(key, 5, 0);
    world.command(Command::HangUp(key));
    let at: Vec<_> = world
        .last_report()
        .slots
        .iter()
        .map(|slot| slot.at)
        .collect();
    assert!(at.len() >= 3 && at.is_sorted(), "{at:?}");
    let secs: u16 = world.last_report().slots.iter().map(|slot| slot.secs).sum();
    assert!(
        secs >= 23,
        "the slot that was open is not lost: {secs} s of 30"
    );
    assert_eq!(world.met(), [IncidentKind::PageBack]);
}

#[test]
fn what_the_browser_meets_is_told_with_its_time() {
    let (mut world, _, key) = World::talking();
    for way in [MediaWay::Udp, MediaWay::Udp, MediaWay::Tcp] {
        world.feed(Input::Media(key, MediaEvent::Way(way)));
    }
    world.looks(key, 2, 0);
    world.cut();
    world.advance(6_000);
    world.feed(Input::Media(key, MediaEvent::Disconnected));
    world.advance(2_000);
    world.feed(Input::Media(key, MediaEvent::Connected));
    world.command(Command::HangUp(key));
    assert_eq!(
        world.met(),
        [
            IncidentKind::WayChanged(MediaWay::Tcp),
            IncidentKind::ConnectionLost,
            IncidentKind::ConnectionBack,
            IncidentKind::MediaLost,
            IncidentKind::PathRenewed,
            IncidentKind::MediaBack,
        ]
    );
    let times: Vec<_> = world
        .last_report()
        .incidents
        .iter()
        .map(|met| met.at)
        .collect();
    assert!(times.is_sorted(), "{times:?}");
}
