//! Calls that come to the phone.

use super::World;
use crate::{
    CallPhase, Command, EndReason, Rejection, Trouble,
    machine::{MediaAction, Sound},
};

#[test]
fn an_incoming_call_shows_who_calls_and_over_which_line() {
    let mut world = World::ready();
    world.call_in(Some("server offers"));
    let call = world.call();
    assert_eq!(call.phase, CallPhase::RingingIn);
    assert_eq!(
        (call.number.as_str(), call.display_name.as_str()),
        ("+74951234567", "Boris")
    );
    assert_eq!(call.line.as_deref(), Some("Sales"));
    assert_eq!(
        call.call_id.as_deref(),
        Some("ab30317f-1a78-4dc4-8ff8-24d0d3715d86")
    );
    assert_eq!(world.sound, Sound::Ring);
    assert!(!world.microphone_is_open);
}

#[test]
fn an_answered_call_talks_until_the_caller_hangs_up() {
    let mut world = World::ready();
    let (leg, key) = world.call_in(Some("server offers"));
    world.command(Command::Answer(key));
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::Talking, Sound::Silence)
    );
    assert_eq!(
        world.media,
        [MediaAction::AnswerOffer("server offers".to_owned())]
    );
    world.advance(3_000);
    world.server.hang_up(world.now, leg, None);
    world.settle();
    assert!(matches!(
        world.phase(),
        CallPhase::Ended(EndReason {
            by_us: false,
            code: 200,
            talk_ms: 3_000,
            ..
        })
    ));
}

#[test]
fn a_call_without_an_offer_is_answered_with_ours() {
    let mut world = World::ready();
    let (leg, key) = world.call_in(None);
    world.command(Command::Answer(key));
    assert_eq!(world.phase(), CallPhase::Answering);
    assert_eq!(world.media, [MediaAction::MakeOffer { restart_ice: false }]);
    world
        .server
        .answer_late_offer(world.now, leg, "server answers".to_owned());
    world.settle();
    assert_eq!(world.phase(), CallPhase::Talking);
    assert!(
        world
            .media
            .contains(&MediaAction::ApplyAnswer("server answers".to_owned()))
    );
}

#[test]
fn a_rejected_call_is_busy() {
    let mut world = World::ready();
    let (_, key) = world.call_in(Some("server offers"));
    world.command(Command::Reject(key, Rejection::Busy));
    assert!(matches!(world.phase(), CallPhase::Ended(end) if end.by_us && end.code == 486));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(486));
    assert_eq!(world.sound, Sound::Silence);
}

#[test]
fn a_caller_who_gives_up_ends_the_ringing() {
    let mut world = World::ready();
    let (leg, key) = world.call_in(Some("server offers"));
    world.server.hang_up(world.now, leg, None);
    world.settle();
    assert!(matches!(world.phase(), CallPhase::Ended(end) if !end.by_us && end.code == 487));
    assert_eq!(world.sound, Sound::Silence);
    world.command(Command::Answer(key));
    assert!(!world.microphone_is_open);
}

#[test]
fn a_call_rings_on_when_there_is_no_microphone_to_answer_it_with() {
    let mut world = World::ready();
    let (_, key) = world.call_in(Some("server offers"));
    world.microphone = Err(Trouble::NoMicrophone);
    world.command(Command::Answer(key));
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::RingingIn, Sound::Ring)
    );
    assert_eq!(world.state.troubles, [Trouble::NoMicrophone]);
    world.microphone = Ok(());
    world.command(Command::Answer(key));
    assert_eq!(world.phase(), CallPhase::Talking);
    assert!(world.state.troubles.is_empty());
}

#[test]
fn a_second_call_only_knocks() {
    let (mut world, ..) = World::talking();
    world.call_in(Some("server offers"));
    assert_eq!(world.sound, Sound::CallWaiting);
}
