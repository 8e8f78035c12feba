//! A page that comes back to calls that went on without it.

use sip_core::{Event, Replaced};

use super::World;
use crate::{
    CallPhase, Command, Connection, MediaWay, Trouble,
    machine::{Input, MediaAction, MediaEvent},
};

/// A call in talk whose page was loaded again, as the gateway sees it: the INVITE that wants it.
pub(super) fn reloaded(mut world: World) -> (World, sip_core::IncomingInvite) {
    world.seen.clear();
    world.reload();
    let invite = world.invite();
    (world, invite)
}

#[test]
fn a_reloaded_page_takes_its_call_up_again_by_itself() {
    let (mut world, leg, key) = World::talking();
    world.advance(65_000);
    let id = world.call().call_id.clone();
    let (mut world, invite) = reloaded(world);
    assert_eq!(invite.replaces, Some(Replaced::Call(leg)));
    assert!(world.view(key).returning);
    assert_eq!(world.view(key).phase, CallPhase::Talking);
    world.accept(invite.call, "server answers");
    world.server.hang_up(world.now, leg, None);
    world.settle();
    let call = world.view(key);
    assert!(!call.returning && call.phase == CallPhase::Talking);
    assert_eq!((call.number.as_str(), call.call_id.clone()), ("602", id));
    world.advance(5_000);
    world.command(Command::HangUp(key));
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.talk_ms == 70_000));
    assert!(world.kept.is_empty());
}

#[test]
fn mute_and_hold_are_as_they_were() {
    let (mut world, leg, key) = World::talking();
    world.command(Command::Mute(key, true));
    world.command(Command::Hold(key, true));
    world.accept_change(leg);
    let (mut world, invite) = reloaded(world);
    world.accept(invite.call, "server answers");
    assert!(world.media.contains(&MediaAction::SetMuted(true)));
    assert!(world.media.contains(&MediaAction::SetHold(true)));
    world.accept_change(invite.call);
    assert!(world.view(key).muted && world.view(key).held);
}

#[test]
fn a_page_that_is_loaded_twice_comes_back_twice() {
    let (world, ..) = World::talking();
    let (mut world, first) = reloaded(world);
    world.accept(first.call, "server answers");
    let (_, second) = reloaded(world);
    assert_eq!(second.replaces, Some(Replaced::Call(first.call)));
}

#[test]
fn a_call_that_is_gone_meanwhile_ends_with_a_word() {
    let (world, ..) = World::talking();
    let (mut world, invite) = reloaded(world);
    world
        .server
        .reject(world.now, invite.call, 481, "", Vec::new());
    world.settle();
    assert!(matches!(world.phase(), CallPhase::Ended(end) if !end.by_us && end.code == 481));
}

#[test]
fn a_call_waits_for_the_connection_to_come_back() {
    let (mut world, ..) = World::talking();
    world.leave();
    world.is_up = false;
    world.seen.clear();
    world.come_back();
    world.advance(5_000);
    assert!(!world.was_invited());
    world.is_up = true;
    world.advance(3_000);
    assert!(world.was_invited());
}

#[test]
fn a_call_that_does_not_come_back_is_given_up_after_half_a_minute() {
    let (mut world, ..) = World::talking();
    world.leave();
    world.is_up = false;
    world.come_back();
    world.advance(31_000);
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.code == 481));
}

#[test]
fn what_was_kept_long_ago_is_forgotten() {
    let (mut world, ..) = World::talking();
    world.leave();
    world.now += 120_000;
    world.come_back();
    assert!(world.state.calls.is_empty());
}

#[test]
fn a_call_that_is_ended_before_it_is_back_ends_when_it_is() {
    let (world, _, key) = World::talking();
    let (mut world, invite) = reloaded(world);
    world.command(Command::HangUp(key));
    world.accept(invite.call, "server answers");
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.by_us));
    assert!(world.leg_end().is_some());
}

#[test]
fn a_call_that_rang_out_is_answered_by_itself_when_the_server_calls_for_it() {
    let mut world = World::ready();
    let (leg, key) = world.dial("602");
    world.server.ring(world.now, leg, 180, None);
    world.settle();
    let id = world.call().call_id.clone().expect("named");
    world.reload();
    assert_eq!(world.phase(), CallPhase::RingingOut);
    assert!(world.view(key).returning);
    world.call_back(&id);
    assert_eq!(world.view(key).phase, CallPhase::EarlyMedia);
    assert!(!world.view(key).returning);
    world.command(Command::FarAnswered(key));
    assert_eq!(world.view(key).phase, CallPhase::Talking);
    assert_eq!(world.state.calls.len(), 1);
}

#[test]
fn a_call_that_was_put_into_another_keeps_its_new_name_over_a_reload() {
    let mut world = World::ready();
    let (leg, key) = world.dial("602");
    world.server.ring(world.now, leg, 180, None);
    world.settle();
    let into = "ab30317f-1a78-4dc4-8ff8-24d0d3715d86";
    world.command(Command::PutInto(key, into.to_owned()));
    assert_eq!(world.view(key).call_id.as_deref(), Some(into));
    world.reload();
    assert_eq!(world.view(key).call_id.as_deref(), Some(into));
}

#[test]
fn a_call_that_rings_out_survives_the_loss_of_its_socket() {
    let mut world = World::ready();
    let (leg, key) = world.dial("602");
    world.server.ring(world.now, leg, 180, None);
    world.settle();
    let id = world.call().call_id.clone().expect("named");
    world.cut();
    assert!(world.view(key).returning);
    assert_eq!(world.phase(), CallPhase::RingingOut);
    assert!(!world.kept.is_empty());
    world.advance(2_000);
    world.call_back(&id);
    assert_eq!(world.view(key).phase, CallPhase::EarlyMedia);
    assert_eq!(world.state.calls.len(), 1);
}

#[test]
fn a_stranger_who_asks_for_an_answer_by_itself_only_rings() {
    let mut world = World::ready();
    world.call_back("00000000-0000-4000-8000-000000000000");
    assert_eq!(world.phase(), CallPhase::RingingIn);
}

#[test]
fn the_way_of_the_audio_is_shown_and_follows_it() {
    let (mut world, _, key) = World::talking();
    assert_eq!(world.view(key).way, None);
    for way in [MediaWay::Udp, MediaWay::Tcp] {
        world.feed(Input::Media(key, MediaEvent::Way(way)));
        assert_eq!(world.view(key).way, Some(way));
    }
}

/// A call whose audio flows, with its connection half dead for long enough to be noticed.
fn half_dead(audio_stops: bool) -> World {
    let (mut world, _, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Connected));
    world.feed(Input::Media(key, MediaEvent::Received(50)));
    world.advance(2_000);
    world.seen.clear();
    world.kill_silently();
    for packets in 2..=7 {
        world.advance(500);
        if !audio_stops {
            world.feed(Input::Media(key, MediaEvent::Received(packets * 50)));
        }
    }
    assert!(matches!(world.state.connection, Connection::Ready { .. }));
    world.advance(1_600);
    world
}

fn restarts(world: &World) -> usize {
    let restart = MediaAction::MakeOffer { restart_ice: true };
    world.media.iter().filter(|made| **made == restart).count()
}

#[test]
fn a_lost_connection_with_audio_alive_changes_nothing_in_the_call() {
    let world = half_dead(false);
    assert_eq!(world.sockets_opened, 2);
    assert_eq!(restarts(&world), 0);
}

#[test]
fn a_lost_connection_that_took_the_audio_along_restarts_ice_once() {
    let world = half_dead(true);
    assert_eq!(restarts(&world), 1);
}

#[test]
fn a_new_connection_that_dies_before_its_first_ping_is_missed_as_soon_as_any() {
    let (mut world, ..) = World::talking();
    world.advance(2_000);
    world.kill_silently();
    while world.sockets_opened < 2 {
        world.advance(100);
    }
    assert!(matches!(world.state.connection, Connection::Ready { .. }));
    world.kill_silently();
    world.advance(2_100);
    assert_eq!(world.sockets_opened, 3);
    assert!(matches!(world.state.connection, Connection::Ready { .. }));
}

#[test]
fn a_server_that_is_slow_to_let_us_in_is_given_its_time() {
    let mut world = World::ready();
    world.advance(2_000);
    world.is_slow = true;
    world.cut();
    while world.sockets_opened < 2 {
        world.advance(100);
    }
    world.advance(3_500);
    assert_eq!(world.sockets_opened, 2, "nothing is begun anew yet");
    world.is_slow = false;
    world.advance(6_000);
    assert!(matches!(world.state.connection, Connection::Ready { .. }));
}

/// The browser looks once a second, so what came in before everything stopped may be seen long after.
#[test]
fn audio_that_stopped_with_the_connection_is_missed_soon_after_that_is_back() {
    for stopped in [true, false] {
        let (mut world, _, key) = World::talking();
        world.feed(Input::Media(key, MediaEvent::Connected));
        world.feed(Input::Media(key, MediaEvent::Received(50)));
        world.advance(2_000);
        world.kill_silently();
        world.advance(900);
        world.feed(Input::Media(key, MediaEvent::Received(90)));
        world.advance(1_200);
        assert!(matches!(world.state.connection, Connection::Ready { .. }));
        let counts = |world: &World| {
            world
                .media
                .iter()
                .filter(|made| **made == MediaAction::Count)
                .count()
        };
        assert_eq!(counts(&world), 1);
        world.feed(Input::Media(key, MediaEvent::Received(90)));
        world.advance(500);
        assert_eq!((counts(&world), restarts(&world)), (2, 0));
        let more = if stopped { 0 } else { 25 };
        world.feed(Input::Media(key, MediaEvent::Received(90 + more)));
        assert_eq!(restarts(&world), usize::from(stopped));
    }
}

#[test]
fn a_call_ended_before_the_dead_connection_was_noticed_ends_for_the_other_side_too() {
    let (mut world, _, key) = World::talking();
    world.advance(2_000);
    world.kill_silently();
    world.advance(500);
    world.command(Command::HangUp(key));
    assert!(world.leg_end().is_none());
    world.advance(3_000);
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(200));
}

#[test]
fn a_server_started_anew_ends_the_calls_it_no_longer_knows() {
    let (mut world, ..) = World::talking();
    world.forget_calls();
    world.cut();
    world.advance(3_000);
    assert!(
        matches!(world.phase(), CallPhase::Ended(end) if end.code == 481 && !end.by_us),
        "{:?}",
        world.phase()
    );
    assert!(!world.state.troubles.contains(&Trouble::NoMedia));
    let ended = |event: &Event| matches!(event, Event::Ended { .. });
    assert!(!world.seen.iter().any(ended));
}
