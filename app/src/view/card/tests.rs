use super::samples::{call, contact, record};
use super::*;
use api_types::CallStatus;
use phone::{CallKey, CallPhase, Transfer, TransferKind, TransferProgress};

#[test]
fn who_is_asked_by_a_colleague_or_picks_up_what_one_parked_sees_the_client() {
    let mut record = samples::record("a", api_types::CallStatus::Ringing);
    record.brought = Some(Brought {
        by: api_types::EmployeeRef {
            extension: "205".into(),
            name: "Anna".into(),
        },
        call: "b".into(),
        contact: None,
        number: Some(PhoneNumber {
            e164: "+442079460018".into(),
            display: "+44 20 7946 0018".into(),
        }),
        line: None,
        note: "wants two".into(),
    });
    let mut call = samples::call(1);
    call.side = Side::Incoming;
    let face = Face::of(Some(&call), Some(&record));
    assert_eq!(face.who, Who::Number("+44 20 7946 0018".into()));
    assert_eq!(face.brought, Some(("Anna".into(), "wants two".into())));
    call.side = Side::Outgoing;
    let face = Face::of(Some(&call), Some(&record));
    assert_eq!(face.who, Who::Number("+44 20 7946 0018".into()));
    assert_eq!(face.brought, Some(("Anna".into(), "wants two".into())));
}

#[test]
fn the_phone_alone_shows_the_number_and_offers_nothing_yet() {
    let face = Face::of(Some(&call(1)), None);
    assert_eq!(face.who, Who::Number("+74951234567".into()));
    assert_eq!((face.line, face.unknown_number), (None, None));
}

#[test]
fn the_record_adds_name_line_and_the_number_as_people_write_it() {
    let mut record = record("a", CallStatus::Ringing);
    record.contact = Some(contact("Марина Соколова"));
    let face = Face::of(Some(&call(1)), Some(&record));
    assert_eq!(face.who, Who::Contact("Марина Соколова".into()));
    assert_eq!(face.number.as_deref(), Some("+7 495 123-45-67"));
    assert_eq!(face.line, Some(("Sales".into(), "8 800 555-01-23".into())));
    assert_eq!(face.unknown_number, None);
}

#[test]
fn an_unknown_number_can_become_a_contact() {
    let face = Face::of(None, Some(&record("a", CallStatus::Ringing)));
    assert_eq!(face.unknown_number.as_deref(), Some("+7 495 123-45-67"));
    assert_eq!(face.number, None);
}

#[test]
fn a_withheld_number_is_said_so_and_makes_no_contact() {
    let mut hidden = call(1);
    hidden.number = "anonymous".into();
    hidden.display_name = "Anonymous".into();
    let mut record = record("a", CallStatus::Ringing);
    record.number = None;
    let face = Face::of(Some(&hidden), Some(&record));
    assert_eq!(
        (face.who, face.unknown_number, face.network_name),
        (Who::Withheld, None, None)
    );
}

#[test]
fn a_call_between_colleagues_has_no_line_and_an_id_that_is_only_a_number_is_no_name() {
    let mut named = call(1);
    named.display_name = "+7 495 123-45-67".into();
    assert_eq!(Face::of(Some(&named), None).network_name, None);
    named.display_name = "MOSKVA".into();
    assert_eq!(
        Face::of(Some(&named), None).network_name.as_deref(),
        Some("MOSKVA")
    );
}

#[test]
fn keys_end_the_talk_before_they_reject_the_second_call() {
    let (ringing, mut talking) = (call(1), call(2));
    talking.phase = CallPhase::Talking;
    let calls = [ringing, talking];
    assert_eq!(target::to_end(&calls).map(|call| call.key.0), Some(2));
    assert_eq!(target::to_answer(&calls).map(|call| call.key.0), Some(1));
    assert_eq!(target::to_end(&calls[..1]).map(|call| call.key.0), Some(1));
}

fn talking(key: u64, held: bool) -> CallView {
    let mut talking = call(key);
    talking.phase = CallPhase::Talking;
    talking.held = held;
    talking
}

#[test]
fn a_waiting_call_is_a_strip_only_while_another_is_heard() {
    let (waits, heard) = (talking(1, true), talking(2, false));
    let both = [waits.clone(), heard.clone()];
    assert!(target::is_strip(&both, &waits) && !target::is_strip(&both, &heard));
    assert!(!target::is_strip(&both[..1], &waits));
}

#[test]
fn keys_act_on_the_call_that_is_heard() {
    let calls = [talking(1, true), talking(2, false)];
    assert_eq!(target::in_talk(&calls).map(|call| call.key.0), Some(2));
    assert_eq!(target::to_end(&calls).map(|call| call.key.0), Some(2));
    assert_eq!(target::in_talk(&calls[..1]).map(|call| call.key.0), Some(1));
}

#[test]
fn a_call_is_put_together_with_the_one_it_is_about() {
    let mut asked = talking(3, false);
    asked.consults_for = Some(CallKey(2));
    let calls = [talking(1, true), talking(2, true), asked.clone()];
    let partner = |of: &CallView| target::partner(&calls, of).map(|call| call.key.0);
    assert_eq!((partner(&asked), partner(&calls[1])), (Some(2), Some(3)));
    assert_eq!(target::partner(&calls[..1], &calls[0]), None);
}

#[test]
fn a_parked_call_says_where() {
    let park = |progress| Transfer {
        kind: TransferKind::Park,
        to: String::new(),
        progress,
    };
    let note = "Parked in 7".to_owned();
    let parked = HandOnWords::of(&park(TransferProgress::Done { note }));
    assert_eq!(parked, (HandOnWords::ParkedIn, Some("7".into())));
    let reason = String::new();
    let (words, _) = HandOnWords::of(&park(TransferProgress::Failed { code: 503, reason }));
    assert!(words.is_failure());
}
