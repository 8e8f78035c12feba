//! Calls that come over a line.

use sip_core::{Event, header::SessionId};
use sip_gateway::{
    Limits,
    ports::{CallEvent, Disposition, HungUpBy},
};
use test_network::{EndedBy, FarCallId, RobotCall, TestNetwork};

use super::{PATIENCE, audio::Audio, stage::Stage};

/// How a conversation ended.
async fn end(stage: &mut Stage) -> (Disposition, HungUpBy, u16) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition,
                by,
                code,
                ..
            } => Some((disposition, by, code)),
            _ => None,
        })
        .await
}

/// Waits until the far end's view satisfies a condition.
async fn far(
    network: &TestNetwork,
    id: FarCallId,
    wanted: impl Fn(&test_network::FarCall) -> bool,
) -> test_network::FarCall {
    let mut changes = network.changes();
    let search = async {
        loop {
            if let Some(call) = network.call(id).filter(&wanted) {
                return call;
            }
            let _ = tokio::time::timeout(std::time::Duration::from_millis(100), changes.changed())
                .await;
        }
    };
    match tokio::time::timeout(PATIENCE, search).await {
        Ok(call) => call,
        Err(_) => panic!("the far end saw {:#?}", network.call(id)),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_over_a_line_is_answered_heard_recorded_and_told() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.caller_name = Some("Customer".to_owned());
    robot.talk_ms = u64::MAX;
    let far_call = network.ring(robot).await.unwrap();

    let invite = page.rung().await;
    assert_eq!(invite.from.uri.user.as_deref(), Some("74951234567"));
    assert_eq!(invite.from.display.as_deref(), Some("Customer"));
    let (id, number, our_number) = stage
        .event(|event| match event {
            CallEvent::CallStarted {
                id,
                number,
                our_number,
                ..
            } => Some((id, number, our_number)),
            _ => None,
        })
        .await;
    assert_eq!(
        (number.as_deref(), our_number.as_str()),
        (Some("74951234567"), "74950000001")
    );
    let session: SessionId = invite
        .request
        .header("Session-ID")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(session.local, id.simple().to_string());
    let called = invite.request.header("P-Called-Party-ID").unwrap();
    assert!(
        called.contains("Sales") && called.contains("74950000001"),
        "{called}"
    );

    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    let extension = stage
        .event(|event| match event {
            CallEvent::CallAnswered { extension, .. } => Some(extension),
            _ => None,
        })
        .await;
    assert_eq!(extension, "101");
    audio.hears(&[850.0]).await;
    far(&network, far_call, |call| {
        call.media.heard_ms(1300.0, 15.0) >= 500
    })
    .await;

    network.hang_up(far_call).await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::Client, 200)
    );
    page.ended().await;
    let files = stage
        .event(|event| match event {
            CallEvent::RecordingReady { id: of, files } if of == id => Some(files),
            CallEvent::RecordingFailed { reason, .. } => panic!("{reason}"),
            _ => None,
        })
        .await;
    assert!(files.mp3.exists() && files.duration_ms > 500, "{files:?}");
    assert!(stage.gateway.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_the_agent_rejects_is_refused_to_the_caller() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let far_call = network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    let call = page.rung().await.call;
    page.does(move |ua, now| ua.reject(now, call, 486, "Busy Here", Vec::new()))
        .await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Rejected, HungUpBy::Agent, 486)
    );
    let call = far(&network, far_call, |call| call.final_code.is_some()).await;
    assert_eq!(call.final_code, Some(486));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_gives_up_is_a_missed_call_and_the_page_stops_ringing() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.ring_ms = 700;
    network.ring(robot).await.unwrap();
    page.rung().await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::NoAnswer, HungUpBy::Client, 487)
    );
    page.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_opens_while_a_call_rings_is_rung() {
    let (stage, network) = Stage::with_network().await;
    network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    let waited = async {
        while stage.gateway.calls().is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap();
    let mut page = stage.browser("101").await;
    page.rung().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_nobody_answers_ends_in_time_with_480() {
    let (mut stage, network) = Stage::with_network().await;
    *stage.director.ring_secs.lock().unwrap() = 1;
    let mut page = stage.browser("101").await;
    let far_call = network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    page.rung().await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::NoAnswer, HungUpBy::System, 480)
    );
    far(&network, far_call, |call| call.final_code == Some(480)).await;
    page.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_phone_to_answer_has_the_call_and_the_others_are_told_so() {
    let (stage, network) = Stage::with_network().await;
    let mut first = stage.browser("101").await;
    let mut second = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    first.rung().await;
    let invite = second.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    second.accept(invite.call, answer).await;
    let cause = first.ended().await;
    assert_eq!(cause.reason, "Call completed elsewhere", "{cause:?}");
    audio.hears(&[850.0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blocked_caller_is_declined_with_the_directors_words() {
    let (mut stage, network) = Stage::with_network().await;
    let far_call = network
        .ring(RobotCall::new("line1", Some("666")))
        .await
        .unwrap();
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Rejected, HungUpBy::System, 603)
    );
    let call = far(&network, far_call, |call| call.final_code.is_some()).await;
    assert_eq!(
        (call.final_code, call.reason.as_str()),
        (Some(603), "This caller is blocked")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withheld_number_stays_withheld() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    network.ring(RobotCall::new("line1", None)).await.unwrap();
    let invite = page.rung().await;
    assert_eq!(invite.from.uri.host, "anonymous.invalid");
    let number = stage
        .event(|event| match event {
            CallEvent::CallStarted { number, .. } => Some(number),
            _ => None,
        })
        .await;
    assert_eq!(number, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn digits_reach_the_page_and_the_log() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.dtmf = Some("5".to_owned());
    network.ring(robot).await.unwrap();
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    let digit = stage
        .event(|event| match event {
            CallEvent::Digit {
                digit, from_agent, ..
            } => Some((digit, from_agent)),
            _ => None,
        })
        .await;
    assert_eq!(digit, ('5', false));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_panel_can_end_a_call() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    let far_call = network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    let id = stage
        .event(|event| match event {
            CallEvent::CallAnswered { id, .. } => Some(id),
            _ => None,
        })
        .await;
    stage.gateway.hang_up(id);
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::System, 200)
    );
    far(&network, far_call, |call| {
        call.ended_by == Some(EndedBy::Them)
    })
    .await;
    page.wait(|event| matches!(event, Event::Ended { .. }).then_some(()))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_reloaded_while_it_rings_is_rung_again() {
    let (stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    page.rung().await;
    drop(page);
    let mut page = stage.browser("101").await;
    let invite = page.rung().await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[850.0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_above_the_limit_is_refused_with_503() {
    let limits = Limits {
        calls: 0,
        ..Limits::default()
    };
    let (stage, network) = Stage::with_network_and(limits).await;
    let far_call = network
        .ring(RobotCall::new("line1", Some("74951234567")))
        .await
        .unwrap();
    far(&network, far_call, |call| call.final_code == Some(503)).await;
    assert!(stage.gateway.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_hangs_up_unregisters_and_keeps_the_recording() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[850.0]).await;
    let mut robot = RobotCall::new("line1", Some("74951234567"));
    robot.talk_ms = u64::MAX;
    let far_call = network.ring(robot).await.unwrap();
    let invite = page.rung().await;
    let answer = audio.answer(invite.sdp.as_deref().unwrap()).await;
    page.accept(invite.call, answer).await;
    audio.hears(&[850.0]).await;
    stage.gateway.shutdown().await;
    assert_eq!(
        end(&mut stage).await,
        (Disposition::Answered, HungUpBy::System, 200)
    );
    assert_eq!(network.contacts("line1"), 0);
    far(&network, far_call, |call| {
        call.ended_by == Some(EndedBy::Them)
    })
    .await;
    stage
        .event(|event| matches!(event, CallEvent::RecordingReady { .. }).then_some(()))
        .await;
}
