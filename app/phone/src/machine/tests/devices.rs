//! Devices come, go and are chosen; the call goes on.

use sip_core::CallHandle;

use super::{World, world::device_name};
use crate::{
    CallKey, CallPhase, Command, DeviceRole, Processing, Trouble,
    machine::{Input, MediaAction},
};

const MIC: bool = true;
const SPEAKER: bool = false;

const HEADSET: [(bool, &str); 2] = [(MIC, "Headset"), (SPEAKER, "Headset")];
const BUILT_IN: [(bool, &str); 2] = [(MIC, "Built-in"), (SPEAKER, "Built-in")];

fn both() -> Vec<(bool, &'static str)> {
    [BUILT_IN, HEADSET].concat()
}

fn choose(world: &mut World, role: DeviceRole, label: &str) {
    let device = Some(device_name(label));
    world.command(Command::ChooseDevice { role, device });
}

/// A call with a headset as microphone beside what is built in.
fn talking_by_headset() -> (World, CallHandle, CallKey) {
    let (mut world, leg, key) = World::talking();
    world.plug(&both());
    choose(&mut world, DeviceRole::Microphone, "Headset");
    world.media.clear();
    (world, leg, key)
}

fn asked_for(world: &World) -> Option<&str> {
    world.wish.device.as_deref()
}

fn renewed(world: &World) -> usize {
    let is_it = |action: &&MediaAction| **action == MediaAction::RenewTrack;
    world.media.iter().filter(is_it).count()
}

fn gone(name: &str, used: &str) -> Trouble {
    let (name, used) = (name.to_owned(), used.to_owned());
    Trouble::MicrophoneGone { name, used }
}

#[test]
fn a_chosen_microphone_is_taken_in_a_running_call_and_in_the_next() {
    let (mut world, _, key) = World::talking();
    world.plug(&both());
    assert_eq!(asked_for(&world), None);
    choose(&mut world, DeviceRole::Microphone, "Headset");
    assert_eq!(asked_for(&world), Some("id of Headset"));
    assert_eq!(world.media.last(), Some(&MediaAction::RenewTrack));
    world.command(Command::HangUp(key));
    assert!(!world.microphone_is_open);
    world.wish = Default::default();
    world.dial("602");
    assert_eq!(asked_for(&world), Some("id of Headset"));
}

#[test]
fn an_unplugged_microphone_is_replaced_and_taken_again_when_it_is_back() {
    let (mut world, _, _) = talking_by_headset();
    // Some browsers tell of the track first, others of the list.
    world.plugged.truncate(2);
    world.feed(Input::MicrophoneEnded);
    assert_eq!(world.state.troubles, [gone("Headset", "Built-in")]);
    assert_eq!((asked_for(&world), renewed(&world)), (None, 1));
    assert_eq!(world.phase(), CallPhase::Talking);
    world.plug(&both());
    assert_eq!(asked_for(&world), Some("id of Headset"));
    assert_eq!(renewed(&world), 2);
    assert!(world.state.troubles.is_empty());
}

#[test]
fn the_list_alone_tells_that_the_microphone_is_away() {
    let (mut world, _, _) = talking_by_headset();
    world.plug(&BUILT_IN);
    assert_eq!(world.state.troubles, [gone("Headset", "Built-in")]);
    // Late, of the track that was replaced.
    world.plug(&BUILT_IN);
    assert_eq!(renewed(&world), 1);
}

#[test]
fn without_any_microphone_the_call_is_kept_and_gets_the_next_one() {
    let (mut world, _, _) = talking_by_headset();
    world.microphone = Err(Trouble::NoMicrophone);
    world.plugged.retain(|device| !device.is_input);
    world.feed(Input::MicrophoneEnded);
    assert_eq!(world.state.troubles, [Trouble::NoMicrophone]);
    assert_eq!(world.phase(), CallPhase::Talking);
    world.microphone = Ok(());
    world.plug(&both());
    assert!(world.state.troubles.is_empty());
    assert_eq!(asked_for(&world), Some("id of Headset"));
    assert_eq!(renewed(&world), 1);
}

#[test]
fn a_permission_taken_back_is_told_and_given_again_heals() {
    let (mut world, _, _) = talking_by_headset();
    world.microphone = Err(Trouble::MicrophoneDenied);
    world.feed(Input::MicrophoneEnded);
    assert_eq!(world.state.troubles, [Trouble::MicrophoneDenied]);
    assert_eq!(world.phase(), CallPhase::Talking);
    world.microphone = Ok(());
    world.feed(Input::MicrophoneAllowed);
    assert!(world.state.troubles.is_empty());
    assert_eq!(renewed(&world), 1);
}

#[test]
fn a_changed_default_is_followed_unless_one_was_chosen() {
    let (mut world, _, _) = World::talking();
    world.plug(&both());
    assert_eq!(renewed(&world), 0, "names are no change");
    world.plug(&[HEADSET, BUILT_IN].concat());
    assert_eq!(renewed(&world), 1);
    choose(&mut world, DeviceRole::Microphone, "Built-in");
    assert_eq!(renewed(&world), 2);
    world.plug(&both());
    assert_eq!(renewed(&world), 2);
    assert!(world.state.troubles.is_empty());
}

#[test]
fn a_microphone_that_cannot_be_opened_leaves_the_one_before() {
    let (mut world, _, _) = talking_by_headset();
    world.microphone = Err(Trouble::MicrophoneBusy);
    choose(&mut world, DeviceRole::Microphone, "Built-in");
    assert_eq!(world.state.troubles, [Trouble::MicrophoneBusy]);
    assert_eq!((renewed(&world), world.phase()), (0, CallPhase::Talking));
}

#[test]
fn switches_work_in_a_running_call() {
    let (mut world, _, _) = talking_by_headset();
    let processing = Processing {
        noise: false,
        ..Processing::default()
    };
    world.command(Command::Process(processing));
    assert_eq!(world.wish.processing, processing);
    assert_eq!(renewed(&world), 1);
    assert_eq!(world.state.devices.processing, processing);
    world.command(Command::CleanTheirs(true));
    assert!(world.cleans && renewed(&world) == 1);
}

#[test]
fn the_ring_has_a_device_of_its_own_or_goes_where_the_voice_goes() {
    let mut world = World::ready();
    world.plug(&both());
    choose(&mut world, DeviceRole::Speaker, "Headset");
    assert_eq!(world.directed, ["id of Headset", "id of Headset"]);
    choose(&mut world, DeviceRole::Ringer, "Built-in");
    assert_eq!(world.directed, ["id of Headset", "id of Built-in"]);
    world.plug(&BUILT_IN);
    assert_eq!(world.directed, ["", "id of Built-in"]);
    assert!(world.state.troubles.is_empty(), "nobody talks");
    world.plug(&both());
    assert_eq!(world.directed[0], "id of Headset");
}

#[test]
fn a_missing_speaker_is_told_during_a_call() {
    let (mut world, _, key) = World::talking();
    world.plug(&both());
    choose(&mut world, DeviceRole::Speaker, "Headset");
    world.plug(&[(MIC, "Built-in"), (SPEAKER, "Built-in")]);
    let name = "Headset".to_owned();
    assert_eq!(world.state.troubles, [Trouble::SpeakerGone { name }]);
    world.command(Command::HangUp(key));
    assert!(world.state.troubles.is_empty());
}

#[test]
fn choices_outlive_the_page_and_a_changed_id() {
    let mut world = World::ready();
    world.plug(&both());
    choose(&mut world, DeviceRole::Microphone, "Headset");
    let kept = world.kept_devices.clone();
    let mut world = World::ready();
    world.feed(Input::DevicesKept(kept));
    world.dial("602");
    assert_eq!(asked_for(&world), Some("id of Headset"));
    let mut plugged = world.plugged.clone();
    world.plug(&both());
    plugged.clone_from(&world.plugged);
    plugged[2].name.id = "another".to_owned();
    world.feed(Input::Devices(plugged));
    assert_eq!(asked_for(&world), Some("another"));
    assert!(world.kept_devices.contains("another"));
}
