//! A page that is gone in a call and comes back, and who may take a call over.

use std::time::Duration;

use sip_core::{CallHandle, RegistrationState, SipCause, header::Replaces};
use sip_gateway::ports::{CallEvent, CallId, Disposition, HungUpBy};
use test_network::{RobotCall, TestNetwork};

use super::{
    audio::Audio,
    browser::Browser,
    hold::robot_hears_now,
    recorded::heard_ms,
    stage::{PASSWORD, Stage},
    transfer::{ROBOT_HZ, robot_hears},
};

const BEFORE_HZ: f32 = 1300.0;
const AFTER_HZ: f32 = 700.0;
/// What the other side hears meanwhile.
pub const AWAY_HZ: f32 = 550.0;

/// The robot talks with a page: the page, its audio, its call and its description.
pub async fn in_talk(stage: &Stage, network: &TestNetwork) -> (Browser, Audio, CallHandle, String) {
    let mut page = stage.browser("101").await;
    let audio = Audio::new(BEFORE_HZ, &[ROBOT_HZ]).await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    robot.tone_hz = ROBOT_HZ;
    network.ring(robot).await.unwrap();
    let invite = page.rung().await;
    let sdp = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, sdp.clone()).await;
    robot_hears(network, BEFORE_HZ).await;
    (page, audio, invite.call, sdp)
}

pub async fn dialog(page: &Browser, call: CallHandle) -> Replaces {
    page.does(move |ua, _| ua.dialog_id(call)).await.unwrap()
}

/// INVITE of 101 that is to take the place of a dialog.
async fn replace(
    page: &mut Browser,
    audio: &Audio,
    dialog: &str,
    password: &str,
) -> Result<String, SipCause> {
    replace_as(("101", password), page, audio, dialog).await
}

/// INVITE with `Replaces` from an extension, with its password.
pub async fn replace_as(
    (extension, password): (&str, &str),
    page: &mut Browser,
    audio: &Audio,
    dialog: &str,
) -> Result<String, SipCause> {
    let headers = vec![
        ("Replaces".to_owned(), dialog.to_owned()),
        ("Require".to_owned(), "replaces".to_owned()),
    ];
    let offer = audio.offer().await;
    page.dial_with(extension, password, offer, headers).await;
    page.answered_or_refused().await
}

pub async fn registers(page: &mut Browser) {
    let state = page.register(PASSWORD).await;
    assert!(
        matches!(state, RegistrationState::Registered { .. }),
        "{state:?}"
    );
}

pub async fn vanished(stage: &mut Stage) -> Option<String> {
    stage
        .event(|event| match event {
            CallEvent::CallVanished { extension, .. } => Some(extension),
            _ => None,
        })
        .await
}

pub async fn reattached(stage: &mut Stage) -> Option<String> {
    stage
        .event(|event| match event {
            CallEvent::CallReattached { extension, .. } => Some(extension),
            _ => None,
        })
        .await
}

pub async fn end(stage: &mut Stage) -> (CallId, Disposition, HungUpBy, String) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                id,
                disposition,
                by,
                reason,
                ..
            } => Some((id, disposition, by, reason)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_loaded_again_goes_on_with_its_call() {
    let (mut stage, network) = Stage::with_network().await;
    let (page, audio, call, _) = in_talk(&stage, &network).await;
    let dialog = dialog(&page, call).await;
    audio.close().await;
    let mut page = page.reloaded(&stage.url).await;
    assert_eq!(vanished(&mut stage).await.as_deref(), Some("101"));
    robot_hears_now(&network, &[AWAY_HZ], BEFORE_HZ).await;

    registers(&mut page).await;
    let audio = Audio::new(AFTER_HZ, &[ROBOT_HZ]).await;
    let sdp = replace(&mut page, &audio, &dialog.to_string(), PASSWORD).await;
    audio.take_answer(&sdp.unwrap()).await;
    assert_eq!(reattached(&mut stage).await.as_deref(), Some("101"));
    audio.hears(&[ROBOT_HZ]).await;
    robot_hears_now(&network, &[AFTER_HZ], AWAY_HZ).await;
    robot_hears(&network, AFTER_HZ).await;

    network.hang_up(network.calls()[0].id).await;
    page.ended().await;
    let (id, disposition, by, _) = end(&mut stage).await;
    assert_eq!((disposition, by), (Disposition::Answered, HungUpBy::Client));
    let files = stage
        .event(|event| match event {
            CallEvent::RecordingReady { id: of, files } if of == id => Some(files),
            CallEvent::CallEnded { .. } => panic!("it ended twice"),
            _ => None,
        })
        .await;
    // One recording with both pages on the left.
    let [left, right] = heard_ms(&files.mp3, [BEFORE_HZ, AFTER_HZ]);
    assert!(left[0] >= 400 && left[1] >= 400, "{left:?}");
    assert_eq!(right, [0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_over_what_is_not_theirs_or_not_there() {
    let (stage, network) = Stage::with_network().await;
    let (mut page, audio, call, _) = in_talk(&stage, &network).await;
    let own = dialog(&page, call).await;
    let mut boris = stage.browser("102").await;
    let at_boris = Audio::new(AFTER_HZ, &[]).await;
    let wanted = own.to_string();
    let early = format!("{wanted};early-only");
    let other_tag = wanted.replace("from-tag=", "from-tag=x");
    for (dialog, password, code) in [
        (wanted.as_str(), PASSWORD, 403),
        (wanted.as_str(), "wrong", 403),
        (other_tag.as_str(), PASSWORD, 481),
        ("nothing@nowhere;to-tag=1;from-tag=2", PASSWORD, 481),
        ("nothing", PASSWORD, 400),
        (early.as_str(), PASSWORD, 486),
    ] {
        let refused = replace(&mut boris, &at_boris, dialog, password).await;
        assert_eq!(
            refused.err().map(|cause| cause.code),
            Some(code),
            "{dialog}"
        );
    }
    // Its owner may, at another phone: the first one is told so.
    let mut desk = stage.browser("101").await;
    let at_desk = Audio::new(AFTER_HZ, &[ROBOT_HZ]).await;
    let sdp = replace(&mut desk, &at_desk, &wanted, PASSWORD).await;
    at_desk.take_answer(&sdp.unwrap()).await;
    at_desk.hears(&[ROBOT_HZ]).await;
    assert_eq!(page.ended().await.code, 200);
    drop(audio);
    robot_hears(&network, AFTER_HZ).await;
    // And what was replaced is there no more.
    let refused = replace(&mut boris, &at_boris, &wanted, PASSWORD).await;
    assert!(matches!(
        refused.err().map(|cause| cause.code),
        Some(481 | 603)
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_rings_at_one_phone_is_answered_from_another_of_the_same_person() {
    let (stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    robot.tone_hz = ROBOT_HZ;
    network.ring(robot).await.unwrap();
    let ringing = page.rung().await.call;
    let early = dialog(&page, ringing).await;
    assert!(early.early_only, "nobody has answered it");
    let mut boris = stage.browser("102").await;
    let audio = Audio::new(AFTER_HZ, &[ROBOT_HZ]).await;
    let refused = replace(&mut boris, &audio, &early.to_string(), PASSWORD).await;
    assert_eq!(refused.err().map(|cause| cause.code), Some(403));

    let mut desk = Browser::open(&stage.url, "101").await;
    let at_desk = Audio::new(AFTER_HZ, &[ROBOT_HZ]).await;
    let sdp = replace(&mut desk, &at_desk, &early.to_string(), PASSWORD).await;
    at_desk.take_answer(&sdp.unwrap()).await;
    assert_eq!(page.ended().await.code, 200, "completed elsewhere");
    at_desk.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, AFTER_HZ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_websocket_does_not_interrupt_a_call_that_is_heard() {
    let (stage, network) = Stage::with_network().await;
    let (page, audio, _, _) = in_talk(&stage, &network).await;
    let mut page = page.reloaded(&stage.url).await;
    // Longer than the gateway waits for the media of a page without signalling.
    tokio::time::sleep(Duration::from_secs(4)).await;
    registers(&mut page).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let heard = |hz| network.calls()[0].media.heard_ms(hz, 15.0);
    assert_eq!(heard(AWAY_HZ), 0);
    assert!(heard(BEFORE_HZ) > 4000);
    drop(audio);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_come_back_ends_the_call_and_the_record_says_so() {
    let (mut stage, network) =
        Stage::with_network_so(|config| config.waits.vanished = Duration::from_secs(1)).await;
    let (page, audio, _, _) = in_talk(&stage, &network).await;
    audio.close().await;
    drop(page);
    assert_eq!(vanished(&mut stage).await.as_deref(), Some("101"));
    let (_, disposition, by, reason) = end(&mut stage).await;
    assert_eq!((disposition, by), (Disposition::Answered, HungUpBy::System));
    assert!(
        reason.starts_with("The phone of 101 vanished and did not come back"),
        "{reason}"
    );
    // The customer is hung up.
    while network.calls()[0].ended_by.is_none() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_loaded_again_while_it_calls_is_called_and_goes_on() {
    let stage = Stage::new().await;
    let anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let before = Audio::new(BEFORE_HZ, &[]).await;
    let session = "00000000000000000000000000000abc";
    let headers = vec![("Session-ID".to_owned(), format!("{session};remote=0"))];
    anna.dial_with("102", PASSWORD, before.offer().await, headers)
        .await;
    let invite = boris.rung().await;
    let mut anna = anna.reloaded(&stage.url).await;
    drop(before);
    registers(&mut anna).await;
    let again = anna.rung().await;
    assert_eq!(again.request.header("Answer-Mode"), Some("Auto"));
    let named = again.request.header("Session-ID").unwrap();
    assert!(named.starts_with(&stage.gateway.calls()[0].id.simple().to_string()));
    assert_eq!(again.from.uri.user.as_deref(), Some("102"));
    let audio = Audio::new(AFTER_HZ, &[425.0, BEFORE_HZ]).await;
    let sdp = audio.answer(again.sdp.as_deref().unwrap()).await;
    anna.accept(again.call, sdp).await;
    audio.hears(&[425.0]).await;

    let at_boris = Audio::new(BEFORE_HZ, &[AFTER_HZ]).await;
    let sdp = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, sdp).await;
    audio.hears(&[BEFORE_HZ]).await;
    at_boris.hears(&[AFTER_HZ]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_answered_while_the_page_is_away_hears_a_tone_until_it_is_back() {
    let mut stage = Stage::new().await;
    let anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let before = Audio::new(BEFORE_HZ, &[]).await;
    anna.dial("102", PASSWORD, before.offer().await).await;
    let invite = boris.rung().await;
    let mut anna = anna.reloaded(&stage.url).await;
    drop(before);
    registers(&mut anna).await;
    let again = anna.rung().await;
    let at_boris = Audio::new(BEFORE_HZ, &[AWAY_HZ, AFTER_HZ]).await;
    let sdp = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, sdp).await;
    at_boris.hears(&[AWAY_HZ]).await;
    let audio = Audio::new(AFTER_HZ, &[BEFORE_HZ]).await;
    let sdp = audio.answer(again.sdp.as_deref().unwrap()).await;
    anna.accept(again.call, sdp).await;
    assert_eq!(reattached(&mut stage).await.as_deref(), Some("101"));
    audio.hears(&[BEFORE_HZ]).await;
    at_boris.hears(&[AFTER_HZ]).await;
}
