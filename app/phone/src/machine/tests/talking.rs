//! What happens in the middle of a call.

use sip_core::Event;

use super::World;
use crate::{
    CallKey, CallPhase, Command, Trouble,
    machine::{Input, MediaAction, MediaEvent},
};

#[test]
fn muting_and_digits_reach_the_media() {
    let (mut world, _, key) = World::talking();
    world.command(Command::Mute(key, true));
    world.command(Command::SendDigits(key, "1a2 x#".to_owned()));
    assert!(world.call().muted);
    assert_eq!(world.call().digits, "1A2#");
    let expected = [
        MediaAction::SetMuted(true),
        MediaAction::SendDigits("1A2#".to_owned()),
    ];
    assert!(world.media.ends_with(&expected));
}

#[test]
fn a_changed_session_is_answered_by_the_browser() {
    let (mut world, leg, _) = World::talking();
    world
        .server
        .reinvite(world.now, leg, "server holds".to_owned());
    world.settle();
    assert_eq!(
        world.media.last(),
        Some(&MediaAction::AnswerOffer("server holds".to_owned()))
    );
    let answered = |event: &Event| matches!(event, Event::ReOfferAnswered { sdp: Some(sdp), .. } if sdp == "phone answers");
    assert!(world.seen.iter().any(answered));
    assert_eq!(world.phase(), CallPhase::Talking);
}

#[test]
fn a_change_that_comes_while_we_make_our_own_is_asked_for_again() {
    let (mut world, leg, key) = World::talking();
    world.describes_later = true;
    world.command(Command::Hold(key, true));
    world
        .server
        .reinvite(world.now, leg, "server holds".to_owned());
    world.settle();
    let answers = |action: &MediaAction| matches!(action, MediaAction::AnswerOffer(_));
    assert!(!world.media.iter().any(answers));
    // Ours goes out, and then theirs comes again.
    world.describes_later = false;
    let offer = "phone offers".to_owned();
    world.feed(Input::Media(key, MediaEvent::LocalDescription(offer)));
    world.accept_change(leg);
    assert!(world.view(key).held);
    world.advance(5_000);
    let theirs = MediaAction::AnswerOffer("server holds".to_owned());
    assert!(world.media.contains(&theirs));
    assert_eq!(world.phase(), CallPhase::Talking);
}

fn restarts(world: &World) -> usize {
    let restart = MediaAction::MakeOffer { restart_ice: true };
    world
        .media
        .iter()
        .filter(|action| **action == restart)
        .count()
}

/// A call whose media flows.
fn connected() -> (World, sip_core::CallHandle, CallKey) {
    let (mut world, leg, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Connected));
    (world, leg, key)
}

#[test]
fn failed_media_is_repaired_by_an_ice_restart() {
    let (mut world, leg, key) = connected();
    world.feed(Input::Media(key, MediaEvent::Failed));
    assert_eq!(world.state.troubles, [Trouble::NoMedia]);
    let restart = |event: &Event| matches!(event, Event::ReOffer { sdp: Some(sdp), .. } if sdp == "phone restarts");
    assert!(world.seen.iter().any(restart));
    world
        .server
        .accept_reoffer(world.now, leg, "server restarts".to_owned());
    world.settle();
    let answer = MediaAction::ApplyAnswer("server restarts".to_owned());
    assert_eq!(world.media.last(), Some(&answer));
    world.feed(Input::Media(key, MediaEvent::Connected));
    assert!(world.state.troubles.is_empty());
    world.advance(60_000);
    assert_eq!((world.phase(), restarts(&world)), (CallPhase::Talking, 1));
}

#[test]
fn a_short_interruption_heals_by_itself() {
    let (mut world, _, key) = connected();
    world.feed(Input::Media(key, MediaEvent::Disconnected));
    world.advance(1_000);
    world.feed(Input::Media(key, MediaEvent::Connected));
    world.advance(60_000);
    assert_eq!((world.phase(), restarts(&world)), (CallPhase::Talking, 0));
}

#[test]
fn media_that_stays_away_is_tried_again_and_then_ends_the_call() {
    let (mut world, leg, key) = connected();
    world.feed(Input::Media(key, MediaEvent::Disconnected));
    for tried in 1..=3 {
        world.advance(4_000);
        assert_eq!(restarts(&world), tried);
        world
            .server
            .accept_reoffer(world.now, leg, "server restarts".to_owned());
        world.settle();
        world.feed(Input::Media(key, MediaEvent::Failed));
    }
    world.advance(20_000);
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.reason == "No media"));
    assert_eq!(world.state.troubles, [Trouble::NoMedia]);
    assert!(world.leg_end().is_some());
}

#[test]
fn media_that_never_came_ends_the_call_at_once() {
    let (mut world, _, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Failed));
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.reason == "No media"));
    assert_eq!(world.state.troubles, [Trouble::NoMedia]);
}

#[test]
fn media_that_fails_without_a_connection_waits_for_it() {
    let (mut world, _, key) = connected();
    world.is_up = false;
    world.cut();
    world.feed(Input::Media(key, MediaEvent::Failed));
    world.advance(5_000);
    assert_eq!((world.phase(), restarts(&world)), (CallPhase::Talking, 0));
    world.is_up = true;
    world.feed(Input::Network(true));
    assert_eq!(restarts(&world), 1);
}
