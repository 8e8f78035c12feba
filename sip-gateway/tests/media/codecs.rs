//! Codecs that pass through as they are, and keys beside them.

use std::sync::Arc;

use sip_gateway::{
    media::{Codec, LegKind, LegSetup, MediaEvent, SdpError},
    ports::DtmfMode,
    recording,
};
use uuid::Uuid;

use super::{AGENT_HZ, BOTH, CLIENT_HZ, line, line::Line, start};
use crate::signalling::recorded::heard_ms;

async fn passes_through_and_is_recorded(codec: Codec) {
    let mut plane = start();
    let (agent, browser) = plane.offered_browser(codec).await;
    let (client, line) = plane.calling_line(codec).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    let call = Uuid::from_u128(u128::from(codec.static_payload()));
    let journal = plane.engine.record(call, agent, client);
    browser.talk(codec, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
    let number = codec.static_payload();
    assert!(
        line.ears
            .all()
            .iter()
            .all(|heard| heard.payload_type == number)
    );
    assert!(plane.engine.stop_recording(call).await.is_some());
    let made = recording::finish(&journal, plane.journals.path()).unwrap();
    let [left, right] = heard_ms(&made.mp3, [AGENT_HZ, CLIENT_HZ]);
    assert!(left[0] >= 400 && left[1] == 0, "the agent: {left:?}");
    assert!(right[1] >= 400 && right[0] == 0, "the client: {right:?}");
}

#[tokio::test]
async fn opus_passes_from_end_to_end_and_is_recorded() {
    passes_through_and_is_recorded(Codec::Opus).await;
}

#[tokio::test]
async fn g722_passes_from_end_to_end_and_is_recorded() {
    passes_through_and_is_recorded(Codec::G722).await;
}

#[tokio::test]
async fn keys_beside_opus_have_its_clock() {
    let mut plane = start();
    let (agent, browser) = plane.offered_browser(Codec::Opus).await;
    let (client, line) = plane.calling_line(Codec::Opus).await;
    plane.engine.join(agent, client);
    let answer = plane.engine.answer(client, Codec::Opus).await.unwrap();
    let map = format!("a=rtpmap:{} telephone-event/48000", line::EVENTS);
    assert!(answer.contains(&map), "{answer}");
    line.press('7').await;
    let digit = plane
        .until("a key", |event| matches!(event, MediaEvent::Digit { .. }))
        .await;
    assert!(matches!(digit, MediaEvent::Digit { digit: '7', .. }));
    browser.ears.expect_digits(110, "7").await;
}

#[tokio::test]
async fn a_line_without_a_common_codec_is_told_so() {
    let plane = start();
    let leg = plane.engine.create_leg(LegKind::Line).unwrap();
    let line = Line::new(Codec::Opus).await;
    let taken = plane.engine.accept_offer(leg, &line.sdp(""), &BOTH).await;
    assert!(
        matches!(taken, Err(SdpError::NoCommonCodec(_))),
        "{taken:?}"
    );
}

fn keyed(dtmf: DtmfMode) -> LegSetup {
    LegSetup {
        dtmf,
        ..LegKind::Line.into()
    }
}

#[tokio::test]
async fn keys_go_as_tones_to_a_line_that_wants_them_in_the_audio() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane
        .answered_line(Codec::Pcmu, keyed(DtmfMode::InBand))
        .await;
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    for digit in "42#".chars() {
        browser.press(digit).await;
    }
    line.ears.expect_key_tones("42#").await;
    let all = line.ears.all();
    assert!(all.iter().all(|heard| heard.payload_type != line::EVENTS));
    // The voice goes on after the keys.
    line.ears.forget();
    line.ears.expect(AGENT_HZ).await;
}

#[tokio::test]
async fn keys_in_the_audio_of_such_a_line_are_told() {
    let mut plane = start();
    let (client, line) = plane
        .answered_line(Codec::Pcma, keyed(DtmfMode::InBand))
        .await;
    line.play_keys("90*").await;
    let mut told = String::new();
    while told.len() < 3 {
        let event = plane
            .until("keys", |event| matches!(event, MediaEvent::Digit { .. }))
            .await;
        if let MediaEvent::Digit { leg, digit } = event {
            assert_eq!(leg, client);
            told.push(digit);
        }
    }
    assert_eq!(told, "90*");
}

#[tokio::test]
async fn no_event_goes_to_a_line_that_wants_info() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane
        .answered_line(Codec::Pcma, keyed(DtmfMode::Info))
        .await;
    plane.engine.join(agent, client);
    browser.press('5').await;
    let told = plane
        .until("a key", |event| matches!(event, MediaEvent::Digit { .. }))
        .await;
    assert!(matches!(told, MediaEvent::Digit { leg, digit: '5' } if leg == agent));
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let all = line.ears.all();
    assert!(all.iter().all(|heard| heard.payload_type != line::EVENTS));
}
