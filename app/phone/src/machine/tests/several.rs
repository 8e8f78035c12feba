//! Several calls at once: one is heard, the others wait.

use sip_core::CallHandle;

use super::World;
use crate::{
    CallKey, CallPhase, Command, Rejection,
    machine::{Input, MediaAction, Sound},
};

/// Two calls: the first waits, the second is heard.
fn two() -> (World, (CallHandle, CallKey), (CallHandle, CallKey)) {
    let (mut world, leg, first) = World::talking();
    let (other, second) = world.call_in(Some("server offers"));
    world.command(Command::Answer(second));
    world.accept_change(leg);
    (world, (leg, first), (other, second))
}

fn holds(world: &World, key: CallKey) -> Vec<bool> {
    let of = |(call, action): &(CallKey, MediaAction)| match action {
        MediaAction::SetHold(hold) if *call == key => Some(*hold),
        _ => None,
    };
    world.media_of.iter().filter_map(of).collect()
}

#[test]
fn a_held_call_is_silent_at_once_and_shown_so_when_the_network_agrees() {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Hold(key, true));
    assert_eq!(holds(&world, key), [true]);
    assert!(!world.view(key).held);
    world.accept_change(leg);
    assert!(world.view(key).held);
    world.command(Command::Hold(key, false));
    world.accept_change(leg);
    assert!(!world.view(key).held);
    assert_eq!(holds(&world, key), [true, false]);
}

#[test]
fn a_hold_that_is_refused_is_given_up() {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Hold(key, true));
    world
        .server
        .reject_reoffer(world.now, leg, 488, "Not Acceptable Here");
    world.settle();
    assert!(!world.view(key).held);
    assert_eq!(holds(&world, key), [true, false]);
    assert!(world.media.contains(&MediaAction::Rollback));
}

#[test]
fn a_hold_wanted_without_a_connection_is_asked_for_when_it_is_back() {
    let (mut world, leg, key) = World::talking();
    world.is_up = false;
    world.cut();
    world.command(Command::Hold(key, true));
    world.is_up = true;
    world.feed(Input::Network(true));
    world.accept_change(leg);
    assert!(world.view(key).held);
}

#[test]
fn answering_a_second_call_has_the_first_wait() {
    let (world, (_, first), (_, second)) = two();
    assert_eq!(world.view(first).phase, CallPhase::Talking);
    assert!(world.view(first).held);
    assert_eq!(world.view(second).phase, CallPhase::Talking);
    assert!(!world.view(second).held);
    assert_eq!(world.state.engaged().map(|call| call.key), Some(second));
}

#[test]
fn taking_a_waiting_call_up_has_the_other_wait() {
    let (mut world, (leg, first), (other, second)) = two();
    world.command(Command::Hold(first, false));
    world.accept_change(leg);
    world.accept_change(other);
    assert!(!world.view(first).held && world.view(second).held);
}

#[test]
fn calling_somebody_has_the_call_in_talk_wait() {
    let (mut world, leg, first) = World::talking();
    let (other, second) = world.dial("603");
    world.accept_change(leg);
    assert!(world.view(first).held);
    world.server.ring(world.now, other, 180, None);
    world.settle();
    assert_eq!(world.sound, Sound::Ringback);
    world.accept(other, "server answers");
    assert_eq!(world.view(second).phase, CallPhase::Talking);
}

#[test]
fn a_second_number_is_not_called_while_the_first_still_rings() {
    let mut world = World::ready();
    world.dial("602");
    world.command(Command::Dial {
        number: "603".to_owned(),
    });
    assert_eq!(world.state.calls.len(), 1);
}

#[test]
fn a_call_that_comes_while_all_others_wait_rings_aloud() {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Hold(key, true));
    world.accept_change(leg);
    world.call_in(Some("server offers"));
    assert_eq!(world.sound, Sound::Ring);
}

#[test]
fn whoever_is_rejected_hears_why() {
    let mut world = World::ready();
    let (_, key) = world.call_in(Some("server offers"));
    world.command(Command::Reject(key, Rejection::CallBack));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(486));
    let (_, key) = world.call_in(Some("server offers"));
    world.seen.clear();
    world.command(Command::Reject(key, Rejection::Decline));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(603));
}
