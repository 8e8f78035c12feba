//! Blind transfer: one conversation and one recording, whoever talks.

use sip_core::{
    CallHandle, Event, ReferRequest, agent::OutgoingHandle, header::ReferTo, uri::SipUri,
};
use sip_gateway::ports::{CallEvent, Disposition, HungUpBy};
use test_network::{RobotCall, TestNetwork};

use super::{
    PATIENCE,
    audio::Audio,
    browser::Browser,
    stage::{PASSWORD, Stage},
};

/// What the robot plays, Hz.
pub const ROBOT_HZ: f32 = 941.0;

pub async fn refer(page: &Browser, call: CallHandle, to: &str) -> OutgoingHandle {
    refer_to(page, call, ReferTo::new(SipUri::new(to, "trubka"))).await
}

pub async fn refer_to(page: &Browser, call: CallHandle, refer_to: ReferTo) -> OutgoingHandle {
    let wanted = ReferRequest {
        refer_to,
        referred_by: None,
        notify: true,
    };
    page.does(move |ua, now| ua.refer(now, call, wanted)).await
}

/// The answer to REFER.
pub async fn taken(page: &mut Browser, refer: OutgoingHandle) -> u16 {
    page.wait(|event| match event {
        Event::Response { handle, response } if handle == refer => Some(response.code),
        _ => None,
    })
    .await
}

/// The last thing told of a transfer.
pub async fn outcome(page: &mut Browser) -> u16 {
    page.wait(|event| match event {
        Event::ReferProgress {
            cause, done: true, ..
        } => Some(cause.code),
        _ => None,
    })
    .await
}

/// The robot calls in, and a page answers it.
pub async fn robot_and(page: &mut Browser, network: &TestNetwork, audio: &Audio) -> CallHandle {
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    robot.tone_hz = ROBOT_HZ;
    network.ring(robot).await.unwrap();
    answer(page, audio).await
}

pub async fn answer(page: &mut Browser, audio: &Audio) -> CallHandle {
    let invite = page.rung().await;
    let sdp = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, sdp).await;
    invite.call
}

pub async fn robot_hears(network: &TestNetwork, hz: f32) {
    let search = async {
        let heard = |call: &test_network::FarCall| call.media.heard_ms(hz, 15.0) >= 500;
        while !network.calls().iter().any(heard) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, search).await;
    assert!(found.is_ok(), "the robot hears {:#?}", network.calls());
}

async fn handed_over(stage: &mut Stage) -> (String, Option<String>, String) {
    stage
        .event(|event| match event {
            CallEvent::CallTransferred {
                from, to, dialled, ..
            } => Some((from, to, dialled)),
            _ => None,
        })
        .await
}

async fn end(stage: &mut Stage) -> (Disposition, HungUpBy) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition, by, ..
            } => Some((disposition, by)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_handed_to_a_colleague_talks_with_the_colleague() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(1300.0, &[ROBOT_HZ]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    at_anna.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, 1300.0).await;

    let wish = refer(&anna, call, "102").await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    let invite = boris.rung().await;
    // The new one sees the customer, not the colleague.
    let from = invite.request.from_header().unwrap();
    assert_eq!(from.uri.user.as_deref(), Some("74951234567"));
    let at_boris = Audio::new(700.0, &[ROBOT_HZ]).await;
    let sdp = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, sdp).await;
    assert_eq!(outcome(&mut anna).await, 200);
    anna.ended().await;
    at_boris.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, 700.0).await;
    assert_eq!(
        handed_over(&mut stage).await,
        ("101".to_owned(), Some("102".to_owned()), "102".to_owned())
    );

    let theirs = invite.call;
    boris
        .does(move |ua, now| ua.hang_up(now, theirs, None))
        .await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Agent)
    );
    let recorded = stage
        .event(|event| match event {
            CallEvent::RecordingReady { files, .. } => Some(files),
            _ => None,
        })
        .await;
    assert!(recorded.duration_ms > 1_500, "{recorded:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_goes_on_when_the_one_who_made_it_hangs_up_at_once() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(1300.0, &[]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    let wish = refer(&anna, call, "102").await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    anna.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let at_boris = Audio::new(700.0, &[ROBOT_HZ]).await;
    answer(&mut boris, &at_boris).await;
    at_boris.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, 700.0).await;
    let (_, to, _) = handed_over(&mut stage).await;
    assert_eq!(to.as_deref(), Some("102"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_nobody_takes_gives_the_call_back() {
    let (stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(1300.0, &[1000.0]).await;
    let call = anna.dial("602", PASSWORD, at_anna.offer().await).await;
    let sdp = anna.answered().await;
    at_anna.take_answer(&sdp).await;

    // 603 is busy, 102 has no phone.
    for (to, code) in [("603", 486), ("102", 480)] {
        let wish = refer(&anna, call, to).await;
        assert_eq!(taken(&mut anna, wish).await, 202);
        assert_eq!(outcome(&mut anna).await, code, "{to}");
    }
    // Only now is it listened to: both directions are back.
    at_anna.hears(&[1000.0]).await;
    robot_hears(&network, 1300.0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_handed_to_a_number_outside() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(1300.0, &[]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    let wish = refer(&anna, call, "602").await;
    assert_eq!(taken(&mut anna, wish).await, 202);
    let (_, to, dialled) = handed_over(&mut stage).await;
    assert_eq!((to, dialled.as_str()), (None, "602"));
    // 602's tone reaches the robot, and the robot's reaches 602.
    robot_hears(&network, 1000.0).await;
    robot_hears(&network, ROBOT_HZ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_transfers_to_where_they_may_not_call() {
    let (stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(1300.0, &[ROBOT_HZ]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    let wish = refer(&anna, call, "911").await;
    assert_eq!(taken(&mut anna, wish).await, 403);
    at_anna.hears(&[ROBOT_HZ]).await;
}
