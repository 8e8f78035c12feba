//! Calls our phones make.

use sip_core::Event;
use sip_gateway::ports::{CallEvent, Direction, Disposition, HungUpBy};
use test_network::{EndedBy, TestNetwork};

use super::{
    PATIENCE,
    audio::Audio,
    stage::{PASSWORD, Stage},
};

async fn end(stage: &mut Stage) -> (Disposition, HungUpBy, u16, String) {
    stage
        .event(|event| match event {
            CallEvent::CallEnded {
                disposition,
                by,
                code,
                reason,
                ..
            } => Some((disposition, by, code, reason)),
            _ => None,
        })
        .await
}

async fn far(network: &TestNetwork, wanted: impl Fn(&test_network::FarCall) -> bool) {
    let search = async {
        while !network.calls().iter().any(&wanted) {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    };
    let found = tokio::time::timeout(PATIENCE, search).await;
    assert!(found.is_ok(), "the far end saw {:#?}", network.calls());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialled_number_answers_and_both_hear_each_other() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    let call = page.dial("602", PASSWORD, audio.offer().await).await;
    let (direction, number, extension) = stage
        .event(|event| match event {
            CallEvent::CallStarted {
                direction,
                number,
                extension,
                ..
            } => Some((direction, number, extension)),
            _ => None,
        })
        .await;
    assert_eq!(direction, Direction::Outgoing);
    assert_eq!(
        (number.as_deref(), extension.as_deref()),
        (Some("602"), Some("101"))
    );
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1000.0]).await;
    far(&network, |call| call.media.heard_ms(1300.0, 15.0) >= 500).await;
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let (disposition, by, code, _) = end(&mut stage).await;
    assert_eq!(
        (disposition, by, code),
        (Disposition::Answered, HungUpBy::Agent, 200)
    );
    far(&network, |call| call.ended_by == Some(EndedBy::Them)).await;
    stage
        .event(|event| match event {
            CallEvent::RecordingReady { files, .. } => (files.duration_ms > 500).then_some(()),
            _ => None,
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_refusal_of_the_network_reaches_the_page_in_words() {
    let (mut stage, _network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    for (number, code, disposition) in [
        ("603", 486, Disposition::Busy),
        ("606", 603, Disposition::Rejected),
        ("999", 404, Disposition::Failed),
        ("911", 403, Disposition::Failed),
    ] {
        let audio = Audio::new(1300.0, &[1000.0]).await;
        page.dial(number, PASSWORD, audio.offer().await).await;
        let cause = page.ended().await;
        assert_eq!(cause.code, code, "{number}: {cause:?}");
        let ended = end(&mut stage).await;
        assert_eq!((ended.0, ended.2), (disposition, code), "{number}");
        assert!(
            ended.3.len() > 3 && cause.reason == ended.3,
            "{number}: {} / {}",
            cause.reason,
            ended.3
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_given_up_before_an_answer_is_cancelled_at_the_far_end() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    let call = page.dial("604", PASSWORD, audio.offer().await).await;
    let code = page
        .wait(|event| match event {
            Event::Progress { code, .. } => Some(code),
            _ => None,
        })
        .await;
    assert_eq!(code, 180);
    page.does(move |ua, now| ua.hang_up(now, call, None)).await;
    let (disposition, by, code, _) = end(&mut stage).await;
    assert_eq!(
        (disposition, by, code),
        (Disposition::Cancelled, HungUpBy::Agent, 487)
    );
    far(&network, |call| call.ended_by == Some(EndedBy::Them)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn early_media_is_heard_before_the_answer_and_the_answer_after_it() {
    let (stage, _network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[620.0, 1000.0]).await;
    page.dial("605", PASSWORD, audio.offer().await).await;
    let early = page
        .wait(|event| match event {
            Event::Progress { code: 183, sdp, .. } => Some(sdp.expect("183 has SDP")),
            Event::Answered { .. } => panic!("answered before early media"),
            _ => None,
        })
        .await;
    audio.take_answer(&early).await;
    audio.hears(&[620.0]).await;
    page.answered().await;
    audio.hears(&[1000.0]).await;
    drop(stage);
}

#[tokio::test(flavor = "multi_thread")]
async fn colleagues_call_each_other() {
    let mut stage = Stage::new().await;
    let mut anna = stage.browser("101").await;
    let mut boris = stage.browser("102").await;
    let (at_anna, at_boris) = (
        Audio::new(700.0, &[1300.0]).await,
        Audio::new(1300.0, &[700.0]).await,
    );
    anna.dial("102", PASSWORD, at_anna.offer().await).await;
    let invite = boris.rung().await;
    assert_eq!(invite.from.uri.user.as_deref(), Some("101"));
    assert_eq!(invite.from.display.as_deref(), Some("Anna"));
    let answer = at_boris.answer(invite.sdp.as_deref().unwrap()).await;
    boris.accept(invite.call, answer).await;
    let answer = anna.answered().await;
    at_anna.take_answer(&answer).await;
    at_anna.hears(&[1300.0]).await;
    at_boris.hears(&[700.0]).await;
    let call = invite.call;
    boris.does(move |ua, now| ua.hang_up(now, call, None)).await;
    assert_eq!(end(&mut stage).await.1, HungUpBy::Client);
    anna.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_whose_page_is_closed_is_said_to_be_away() {
    let mut stage = Stage::new().await;
    let mut anna = stage.browser("101").await;
    let audio = Audio::new(700.0, &[1300.0]).await;
    anna.dial("102", PASSWORD, audio.offer().await).await;
    let cause = anna.ended().await;
    assert_eq!(cause.code, 480, "{cause:?}");
    assert_eq!(end(&mut stage).await.0, Disposition::NoAnswer);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_line_a_call_fails_with_a_sentence() {
    let mut stage = Stage::new().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(700.0, &[1300.0]).await;
    page.dial("602", PASSWORD, audio.offer().await).await;
    let cause = page.ended().await;
    assert_eq!(cause.code, 503, "{cause:?}");
    assert_eq!(end(&mut stage).await.0, Disposition::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_closed_in_mid_call_leaves_a_call_that_ends_by_itself() {
    let (mut stage, network) = Stage::with_network().await;
    let mut page = stage.browser("101").await;
    let audio = Audio::new(1300.0, &[1000.0]).await;
    page.dial("602", PASSWORD, audio.offer().await).await;
    let answer = page.answered().await;
    audio.take_answer(&answer).await;
    audio.hears(&[1000.0]).await;
    audio.close().await;
    drop(page);
    let ended = tokio::time::timeout(std::time::Duration::from_secs(60), async {
        loop {
            if let Some(CallEvent::CallEnded {
                disposition,
                by,
                reason,
                ..
            }) = stage.events.recv().await
            {
                return (disposition, by, reason);
            }
        }
    })
    .await
    .unwrap();
    assert_eq!(
        (ended.0, ended.1),
        (Disposition::Answered, HungUpBy::System),
        "{}",
        ended.2
    );
    let why = "The phone of 101 vanished and did not come back: The browser was closed";
    assert_eq!(ended.2, why);
    far(&network, |call| call.ended_by == Some(EndedBy::Them)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proposed_call_id_is_taken_only_when_it_is_new() {
    let mut stage = Stage::new().await;
    let page = stage.browser("101").await;
    let (old, new) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    stage.director.past.lock().unwrap().push(old);
    for (proposed, is_taken) in [(old, false), (new, true), (new, false)] {
        let audio = Audio::new(1300.0, &[1000.0]).await;
        let remote = uuid::Uuid::nil().simple();
        let session = format!("{};remote={remote}", proposed.simple());
        let headers = vec![("Session-ID".to_owned(), session)];
        page.dial_with("102", PASSWORD, audio.offer().await, headers)
            .await;
        let started = stage
            .event(|event| match event {
                CallEvent::CallStarted { id, .. } => Some(id),
                _ => None,
            })
            .await;
        assert_eq!(started == proposed, is_taken, "{proposed}");
    }
}
