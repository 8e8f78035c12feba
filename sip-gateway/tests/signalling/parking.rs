//! Park and pick up.

use std::time::Duration;

use media_core::melody;
use sip_core::{CallHandle, Event};
use sip_gateway::ports::{CallEvent, Disposition, HungUpBy};

use super::{
    audio::Audio,
    browser::Browser,
    hold::robot_hears_now,
    recorded::heard_ms,
    stage::{PASSWORD, Stage},
    transfer::{ROBOT_HZ, answer, refer, robot_and, robot_hears, taken},
};

const ANNA_HZ: f32 = 1300.0;
const BORIS_HZ: f32 = 700.0;

/// Parks a call; what the one who parks is told.
pub async fn park(page: &mut Browser, call: CallHandle) -> (u16, String) {
    let wish = refer(page, call, "park").await;
    assert_eq!(taken(page, wish).await, 202);
    page.wait(|event| match event {
        Event::ReferProgress {
            cause, done: true, ..
        } => Some((cause.code, cause.reason)),
        _ => None,
    })
    .await
}

pub async fn parked(stage: &mut Stage) -> (String, u8) {
    stage
        .event(|event| match event {
            CallEvent::CallParked { by, slot, .. } => Some((by, slot)),
            _ => None,
        })
        .await
}

async fn unparked(stage: &mut Stage) -> String {
    stage
        .event(|event| match event {
            CallEvent::CallUnparked { by, .. } => Some(by),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parked_customer_hears_music_and_is_picked_up_by_anyone() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    robot_hears(&network, ANNA_HZ).await;
    let told = park(&mut anna, call).await;
    assert_eq!(told, (200, "Parked in slot 1".to_owned()));
    anna.ended().await;
    assert_eq!(parked(&mut stage).await, ("101".to_owned(), 1));
    robot_hears_now(&network, &melody::notes_hz(), ANNA_HZ).await;

    let at_boris = Audio::new(BORIS_HZ, &[ROBOT_HZ]).await;
    boris.dial("*2", PASSWORD, at_boris.offer().await).await;
    let refused = boris.answered_or_refused().await;
    assert_eq!(refused.err().map(|cause| cause.code), Some(404));
    let at_boris = Audio::new(BORIS_HZ, &[ROBOT_HZ]).await;
    boris.dial("*1", PASSWORD, at_boris.offer().await).await;
    at_boris.take_answer(&boris.answered().await).await;
    assert_eq!(unparked(&mut stage).await, "102");
    at_boris.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, BORIS_HZ).await;

    network.hang_up(network.calls()[0].id).await;
    let (disposition, by) = stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition, by, ..
            } => Some((disposition, by)),
            _ => None,
        })
        .await;
    assert_eq!((disposition, by), (Disposition::Answered, HungUpBy::Client));
    let files = stage
        .event(|event| match event {
            CallEvent::RecordingReady { files, .. } => Some(files),
            CallEvent::CallEnded { .. } => panic!("it ended twice"),
            _ => None,
        })
        .await;
    let [left, _] = heard_ms(&files.mp3, [ANNA_HZ, BORIS_HZ]);
    assert!(left[0] >= 400 && left[1] >= 400, "{left:?}");
    // The slot is free again.
    let at_boris = Audio::new(BORIS_HZ, &[]).await;
    boris.dial("*1", PASSWORD, at_boris.offer().await).await;
    assert!(boris.answered_or_refused().await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_nobody_picks_up_rings_the_one_who_parked_it() {
    let second = Duration::from_secs(1);
    let (mut stage, network) = Stage::with_network_so(|config| {
        config.waits.parked = second;
        config.waits.rung_back = second;
    })
    .await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(ANNA_HZ, &[]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    park(&mut anna, call).await;
    assert_eq!(parked(&mut stage).await, ("101".to_owned(), 1));
    // The first ringing is let pass, the second is answered.
    anna.rung().await;
    assert_eq!(anna.ended().await.code, 480);
    let at_anna = Audio::new(BORIS_HZ, &[ROBOT_HZ]).await;
    answer(&mut anna, &at_anna).await;
    assert_eq!(unparked(&mut stage).await, "101");
    at_anna.hears(&[ROBOT_HZ]).await;
    robot_hears(&network, BORIS_HZ).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_hangs_up_in_the_slot_ends_the_call() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(ANNA_HZ, &[]).await;
    let call = robot_and(&mut anna, &network, &at_anna).await;
    park(&mut anna, call).await;
    network.hang_up(network.calls()[0].id).await;
    let by = stage
        .event(|event| match event {
            CallEvent::CallEnded { by, .. } => Some(by),
            _ => None,
        })
        .await;
    assert_eq!(by, HungUpBy::Client);
}
