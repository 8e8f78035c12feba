//! Hold: the one who waits hears music, whoever holds.

use std::time::Duration;

use media_core::melody;
use sip_core::{CallHandle, Event};
use sip_gateway::ports::CallEvent;
use test_network::TestNetwork;

use super::{
    PATIENCE,
    audio::Audio,
    browser::Browser,
    stage::Stage,
    transfer::{ROBOT_HZ, robot_hears},
};

const ANNA_HZ: f32 = 1300.0;

/// Offers a changed session and waits for the answer.
pub async fn reoffer(page: &mut Browser, call: CallHandle, sdp: String) -> String {
    page.does(move |ua, now| ua.reinvite(now, call, sdp)).await;
    page.wait(|event| match event {
        Event::ReOfferAnswered { sdp, .. } => sdp,
        _ => None,
    })
    .await
}

pub async fn robot_hears_now(network: &TestNetwork, wanted: &[f32], unwanted: f32) {
    let close = |a: f32, b: f32| (a - b).abs() < 15.0;
    let search = async {
        let fits = |call: &test_network::FarCall| {
            let now = &call.media.hears_now;
            let has = |hz: f32| now.iter().any(|heard| close(*heard, hz));
            wanted.iter().any(|hz| has(*hz)) && !has(unwanted)
        };
        while !network.calls().iter().any(fits) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, search).await;
    assert!(found.is_ok(), "the robot hears {:#?}", network.calls());
}

async fn held(stage: &mut Stage) -> (Option<String>, bool) {
    stage
        .event(|event| match event {
            CallEvent::CallHeld { by, held, .. } => Some((by, held)),
            _ => None,
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_who_is_held_hears_music_until_the_call_is_resumed() {
    let (mut stage, network) = Stage::with_network().await;
    let mut anna = stage.browser("101").await;
    let at_anna = Audio::new(ANNA_HZ, &[ROBOT_HZ]).await;
    let mut robot = test_network::RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    robot.tone_hz = ROBOT_HZ;
    network.ring(robot).await.unwrap();
    let invite = anna.rung().await;
    let sdp = at_anna.answer(invite.sdp.as_deref().unwrap()).await;
    anna.accept(invite.call, sdp.clone()).await;
    robot_hears(&network, ANNA_HZ).await;

    for direction in ["a=sendonly", "a=inactive"] {
        let hold = sdp.replace("a=sendrecv", direction);
        let answer = reoffer(&mut anna, invite.call, hold).await;
        let expected = if direction == "a=sendonly" {
            "a=recvonly"
        } else {
            "a=inactive"
        };
        assert!(answer.contains(expected), "{answer}");
        assert_eq!(held(&mut stage).await, (Some("101".to_owned()), true));
        // The page goes on sending its tone; it is not heard.
        robot_hears_now(&network, &melody::notes_hz(), ANNA_HZ).await;
        reoffer(&mut anna, invite.call, sdp.clone()).await;
        assert_eq!(held(&mut stage).await, (Some("101".to_owned()), false));
        robot_hears_now(&network, &[ANNA_HZ], melody::notes_hz()[3]).await;
    }
    at_anna.hears(&[ROBOT_HZ]).await;
}
