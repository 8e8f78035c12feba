//! Calls the phone makes.

use super::World;
use crate::{
    CallFrom, CallPhase, Command, EndReason, Trouble,
    machine::{MediaAction, Sound},
};

fn ended(by_us: bool, code: u16, reason: &str) -> CallPhase {
    CallPhase::Ended(EndReason {
        by_us,
        code,
        reason: reason.to_owned(),
        talk_ms: 0,
    })
}

#[test]
fn a_call_names_the_line_and_number_it_was_told_to_go_out_by() {
    let mut world = World::ready();
    world.command(Command::CallFrom(Some(CallFrom {
        line: "01a2006c-8dd9-70e9-ae01-83e7580a3038".to_owned(),
        number: "+74951234567".to_owned(),
    })));
    world.dial("600");
    assert_eq!(
        world.invite().request.header("P-Preferred-Identity"),
        Some("<sip:+74951234567@trubka.test;line=01a2006c-8dd9-70e9-ae01-83e7580a3038>")
    );
}

#[test]
fn a_call_that_was_told_nothing_names_no_line() {
    let mut world = World::ready();
    world.command(Command::CallFrom(None));
    world.dial("600");
    assert_eq!(world.invite().request.header("P-Preferred-Identity"), None);
}

#[test]
fn a_call_rings_talks_and_is_ended_here() {
    let mut world = World::ready();
    let (leg, key) = world.dial("8 (495) 123-45-67");
    let invite = world.invite();
    assert_eq!(invite.target.user_or_empty(), "84951234567");
    assert_eq!(invite.from.uri.to_string(), "sip:101@trubka.test");
    assert_eq!(invite.sdp.as_deref(), Some("phone offers"));
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::Dialling, Sound::Silence)
    );

    world.server.ring(world.now, leg, 180, None);
    world.settle();
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::RingingOut, Sound::Ringback)
    );

    world.advance(4_000);
    world.accept(leg, "server answers");
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::Talking, Sound::Silence)
    );
    assert!(
        world
            .media
            .contains(&MediaAction::ApplyAnswer("server answers".to_owned()))
    );

    world.advance(7_000);
    world.command(Command::HangUp(key));
    let end = EndReason {
        by_us: true,
        code: 200,
        reason: String::new(),
        talk_ms: 7_000,
    };
    assert_eq!(world.phase(), CallPhase::Ended(end));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(200));
    assert!(!world.microphone_is_open);
    assert_eq!(world.media.last(), Some(&MediaAction::Close));

    world.command(Command::Dismiss(key));
    assert!(world.state.calls.is_empty());
}

#[test]
fn the_call_is_named_by_the_session_id_it_was_sent_with() {
    let mut world = World::ready();
    world.dial("602");
    let sent = world
        .invite()
        .request
        .header("Session-ID")
        .unwrap()
        .to_owned();
    assert_eq!(
        world
            .call()
            .call_id
            .as_deref()
            .map(|id| id.replace('-', "")),
        Some(sent)
    );
}

#[test]
fn early_media_silences_the_local_tone_and_its_answer_is_applied_once() {
    let mut world = World::ready();
    let (leg, _) = world.dial("605");
    world
        .server
        .ring(world.now, leg, 183, Some("server answers".to_owned()));
    world.settle();
    assert_eq!(
        (world.phase(), world.sound),
        (CallPhase::EarlyMedia, Sound::Silence)
    );
    world.server.ring(world.now, leg, 180, None);
    world.settle();
    assert_eq!(world.phase(), CallPhase::EarlyMedia);
    world.accept(leg, "server answers");
    assert_eq!(world.phase(), CallPhase::Talking);
    let applied = world
        .media
        .iter()
        .filter(|action| matches!(action, MediaAction::ApplyAnswer(_)));
    assert_eq!(applied.count(), 1);
}

#[test]
fn a_busy_number_ends_the_call_with_its_reason() {
    let mut world = World::ready();
    let (leg, _) = world.dial("603");
    world
        .server
        .reject(world.now, leg, 486, "Busy Here", Vec::new());
    world.settle();
    assert_eq!(world.phase(), ended(false, 486, "Busy Here"));
    assert!(!world.microphone_is_open);
}

#[test]
fn hanging_up_before_the_answer_cancels() {
    let mut world = World::ready();
    let (leg, key) = world.dial("604");
    world.server.ring(world.now, leg, 180, None);
    world.settle();
    world.command(Command::HangUp(key));
    assert_eq!(world.phase(), ended(true, 487, ""));
    assert_eq!(world.leg_end().map(|(_, code)| code), Some(487));
    assert_eq!(world.sound, Sound::Silence);
}

#[test]
fn nothing_is_sent_without_a_microphone() {
    let mut world = World::ready();
    world.microphone = Err(Trouble::MicrophoneDenied);
    world.command(Command::Dial {
        number: "602".to_owned(),
    });
    assert_eq!(world.phase(), ended(false, 0, "No microphone"));
    assert_eq!(world.state.troubles, [Trouble::MicrophoneDenied]);
    assert!(!world.was_invited());

    world.microphone = Ok(());
    world.command(Command::RetryMicrophone);
    assert!(world.state.troubles.is_empty());
    assert!(!world.microphone_is_open);
    world.dial("602");
}

#[test]
fn a_phone_that_is_not_connected_says_so() {
    let mut world = World::new();
    world.command(Command::Dial {
        number: "602".to_owned(),
    });
    assert_eq!(
        world.phase(),
        ended(false, 503, "The phone is not connected")
    );
}

#[test]
fn a_number_without_digits_is_incomplete() {
    let mut world = World::ready();
    world.command(Command::Dial {
        number: " - ".to_owned(),
    });
    assert_eq!(world.phase(), ended(false, 484, "Address Incomplete"));
    world.command(Command::Dial {
        number: "  ".to_owned(),
    });
    assert_eq!(world.state.calls.len(), 1);
}
