//! Layouts of real headsets and what they send.
//!
//! Jabra Link 380c: the telephony collection as Chromium's own tests have it
//! (services/device/hid, `JabraLink380c`). Plantronics Blackwire 3220: its report descriptor as
//! posted to github.com/libusb/hidapi (pull request 306). What is sent: github.com/WICG/webhid,
//! issues 61 and 72.

use super::*;
use crate::{CallView, Side};

const HOOK: u32 = TELEPHONY | 0x20;
const MUTE: u32 = TELEPHONY | 0x2f;

fn item(is_relative: bool, usages: &[u32], count: u32) -> Item {
    Item {
        usages: usages.to_vec(),
        is_relative,
        size: 1,
        count,
        ..Item::default()
    }
}

fn led(places: &[u32]) -> Vec<u32> {
    places.iter().map(|place| LED | place).collect()
}

fn jabra() -> Headset {
    let telephony = |places: &[u32]| places.iter().map(|one| TELEPHONY | one).collect::<Vec<_>>();
    let keys = Item {
        usages: (0xb0..=0xbb).map(|key| TELEPHONY | key).collect(),
        is_array: true,
        size: 4,
        count: 1,
        ..Item::default()
    };
    let input = Report {
        id: 2,
        items: vec![
            item(false, &telephony(&[0x20, 0x97, 0x2a]), 3),
            item(true, &telephony(&[0x2f, 0x21, 0x24, 0x50]), 4),
            keys,
            item(false, &telephony(&[0x07]), 1),
            item(false, &[], 4),
        ],
    };
    let output = Report {
        id: 2,
        items: vec![
            item(false, &led(&[0x17, 0x1e, 0x09, 0x18, 0x20, 0x21, 0x2a]), 7),
            item(false, &telephony(&[0x9e]), 1),
            item(false, &[], 8),
        ],
    };
    Headset::new(&[input], &[output]).expect("buttons")
}

fn plantronics() -> Headset {
    let input = Report {
        id: 8,
        items: vec![
            item(true, &[MUTE], 1),
            item(false, &[HOOK, TELEPHONY | 0x21], 2),
            item(false, &[], 5),
        ],
    };
    let light = |id: u8, usage: u32| Report {
        id,
        items: vec![item(false, &led(&[usage]), 1), item(false, &[], 7)],
    };
    let outputs = [light(0x09, 0x09), light(0x17, 0x17), light(0x18, 0x18)];
    Headset::new(&[input], &outputs).expect("buttons")
}

fn view(phase: CallPhase) -> CallView {
    CallView {
        key: CallKey(7),
        call_id: None,
        side: Side::Incoming,
        number: String::new(),
        display_name: String::new(),
        line: None,
        phase,
        muted: false,
        began_at: 0,
        answered_at: None,
        digits: String::new(),
        held: false,
        returning: false,
        consults_for: None,
        transfer: None,
        members: Vec::new(),
        way: None,
        quality: None,
    }
}

fn in_phase(phase: CallPhase) -> Situation {
    Situation::of(&PhoneState {
        calls: vec![view(phase)],
        ..PhoneState::default()
    })
}

const CALL: CallKey = CallKey(7);

#[test]
fn a_jabra_answers_mutes_and_ends() {
    let mut headset = jabra();
    let (ringing, talking) = (in_phase(CallPhase::RingingIn), in_phase(CallPhase::Talking));
    assert_eq!(headset.lights(&ringing), [(2, vec![0b0000_1000, 0])]);
    let off_hook = headset.pressed(2, &[0b0000_0001, 0], &ringing);
    assert!(off_hook == Some(Command::Answer(CALL)));
    assert_eq!(headset.lights(&talking), [(2, vec![0b0000_0001, 0])]);
    // It says so once more when the light is on.
    assert!(headset.pressed(2, &[0b0000_0001, 0], &talking).is_none());
    let mute = headset.pressed(2, &[0b0000_1001, 0], &talking);
    assert!(mute == Some(Command::Mute(CALL, true)));
    assert!(
        headset.pressed(2, &[0b0000_0001, 0], &talking).is_none(),
        "let go"
    );
    let end = headset.pressed(2, &[0, 0], &talking);
    assert!(end == Some(Command::HangUp(CALL)));
}

#[test]
fn a_plantronics_has_a_report_for_each_light() {
    let mut headset = plantronics();
    let talking = in_phase(CallPhase::Talking);
    let lights = headset.lights(&talking);
    assert_eq!(lights, [(0x09, vec![0]), (0x17, vec![1]), (0x18, vec![0])]);
    assert!(headset.lights(&talking).is_empty(), "nothing changed");
    assert!(headset.pressed(8, &[0b010], &talking).is_none(), "its echo");
    let mute = headset.pressed(8, &[0b011], &talking);
    assert!(mute == Some(Command::Mute(CALL, true)));
    let muted = Situation {
        muted: true,
        ..talking
    };
    assert_eq!(headset.lights(&muted), [(0x09, vec![1])]);
    let hold = headset.pressed(8, &[0b110], &muted);
    assert!(hold == Some(Command::Hold(CALL, true)));
    let end = headset.pressed(8, &[0b000], &muted);
    assert!(end == Some(Command::HangUp(CALL)));
}

#[test]
fn what_the_headset_says_after_the_call_ended_here_is_no_wish() {
    let mut headset = jabra();
    let (talking, idle) = (in_phase(CallPhase::Talking), Situation::default());
    headset.lights(&talking);
    headset.pressed(2, &[1, 0], &talking);
    assert_eq!(headset.lights(&idle), [(2, vec![0, 0])]);
    assert!(headset.pressed(2, &[0, 0], &idle).is_none());
}

#[test]
fn one_key_for_both_and_a_drop_key() {
    let input = Report {
        id: 0,
        items: vec![item(true, &[HOOK, TELEPHONY | 0x26], 2)],
    };
    let mut headset = Headset::new(&[input], &[]).expect("buttons");
    let (ringing, talking) = (in_phase(CallPhase::RingingIn), in_phase(CallPhase::Talking));
    assert!(headset.pressed(0, &[0b01], &ringing) == Some(Command::Answer(CALL)));
    assert!(headset.pressed(0, &[0], &talking).is_none());
    assert!(headset.pressed(0, &[0b01], &talking) == Some(Command::HangUp(CALL)));
    headset.pressed(0, &[0], &talking);
    let rejected = Some(Command::Reject(CALL, Rejection::Busy));
    assert!(headset.pressed(0, &[0b10], &ringing) == rejected);
}

#[test]
fn a_key_named_in_an_array_is_found() {
    let keys = Item {
        usages: vec![TELEPHONY | 0xb0, HOOK, MUTE],
        is_array: true,
        size: 8,
        count: 2,
        minimum: 1,
        ..Item::default()
    };
    let input = Report {
        id: 1,
        items: vec![keys],
    };
    let mut headset = Headset::new(&[input], &[]).expect("buttons");
    let talking = in_phase(CallPhase::Talking);
    assert!(headset.pressed(1, &[0, 3], &talking) == Some(Command::Mute(CALL, true)));
    assert!(headset.pressed(1, &[2, 3], &talking) == Some(Command::HangUp(CALL)));
    assert!(headset.pressed(1, &[], &talking).is_none(), "cut short");
}

#[test]
fn a_device_without_buttons_of_ours_is_none() {
    let volume = item(false, &[0x0c_00e9, 0x0c_00ea], 2);
    let input = Report {
        id: 1,
        items: vec![volume],
    };
    assert!(Headset::new(&[input], &[]).is_none());
}
