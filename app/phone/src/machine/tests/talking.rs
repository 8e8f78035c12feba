//! What happens in the middle of a call.

use sip_core::Event;

use super::World;
use crate::{
    CallPhase, Command, Trouble,
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
fn failed_media_is_repaired_by_an_ice_restart() {
    let (mut world, leg, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Connected));
    world.feed(Input::Media(key, MediaEvent::Failed));
    let restart = |event: &Event| matches!(event, Event::ReOffer { sdp: Some(sdp), .. } if sdp == "phone restarts");
    assert!(world.seen.iter().any(restart));
    world
        .server
        .accept_reoffer(world.now, leg, "server restarts".to_owned());
    world.settle();
    assert_eq!(
        world.media.last(),
        Some(&MediaAction::ApplyAnswer("server restarts".to_owned()))
    );
    world.feed(Input::Media(key, MediaEvent::Connected));
    world.advance(60_000);
    assert_eq!(world.phase(), CallPhase::Talking);
}

#[test]
fn media_that_fails_twice_ends_the_call_and_says_why() {
    let (mut world, leg, key) = World::talking();
    world.feed(Input::Media(key, MediaEvent::Failed));
    world
        .server
        .accept_reoffer(world.now, leg, "server restarts".to_owned());
    world.settle();
    world.feed(Input::Media(key, MediaEvent::Failed));
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.reason == "No media"));
    assert_eq!(world.state.troubles, [Trouble::NoMedia]);
    assert!(world.leg_end().is_some());
}

#[test]
fn media_that_fails_without_a_connection_waits_for_it() {
    let (mut world, _, key) = World::talking();
    world.cut();
    world.feed(Input::Media(key, MediaEvent::Failed));
    assert_eq!(world.phase(), CallPhase::Talking);
    world.advance(2_000);
    assert!(
        world
            .media
            .contains(&MediaAction::MakeOffer { restart_ice: true })
    );
}
