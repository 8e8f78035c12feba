//! A way that died without a word.

use super::world::World;
use crate::{
    CallKey, Command,
    machine::{Input, MediaAction, MediaEvent},
};

const RESTART: MediaAction = MediaAction::MakeOffer { restart_ice: true };

/// Looks a second apart at what came in.
fn look(world: &mut World, key: CallKey, octets: impl IntoIterator<Item = u64>) {
    for octets in octets {
        world.advance(1_000);
        world.feed(Input::Media(key, MediaEvent::Heard(octets)));
    }
}

fn restarts(world: &World) -> usize {
    let restarts = world.media.iter();
    restarts.filter(|action| **action == RESTART).count()
}

fn talking() -> (World, CallKey) {
    let (mut world, _, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Connected));
    look(&mut world, key, [100, 200]);
    (world, key)
}

#[test]
fn ice_is_restarted_when_nothing_has_come_in_for_seven_seconds() {
    let (mut world, key) = talking();
    look(&mut world, key, [200; 6]);
    assert_eq!(restarts(&world), 0);
    look(&mut world, key, [200]);
    assert_eq!(restarts(&world), 1);
}

#[test]
fn reports_of_a_far_end_that_says_nothing_are_enough() {
    let (mut world, key) = talking();
    for report in 1..10 {
        look(&mut world, key, [200 + report * 80; 5]);
    }
    assert_eq!(restarts(&world), 0);
}

#[test]
fn a_call_on_hold_may_be_silent() {
    let (mut world, key) = talking();
    world.command(Command::Hold(key, true));
    world.media.clear();
    look(&mut world, key, [200; 30]);
    assert_eq!(restarts(&world), 0);
}

#[test]
fn who_never_reports_is_left_alone_in_the_end() {
    let (mut world, key) = talking();
    look(&mut world, key, [200; 60]);
    assert!((1..=3).contains(&restarts(&world)), "{}", restarts(&world));
    assert!(world.view(key).is_talking());
}
