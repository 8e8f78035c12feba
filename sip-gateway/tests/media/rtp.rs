//! What far ends do with RTP and telephone events.

use std::{sync::Arc, time::Duration};

use media_core::{dtmf, rtp::Header};
use sip_gateway::media::{Codec, MediaEvent};

use super::{AGENT_HZ, BOTH, CLIENT_HZ, browser::Browser, line, line::Line, start, voice::Voice};

/// What the browser got is one stream: one source, no number twice, no gap.
fn is_one_stream(browser: &Browser) {
    let heard = browser.ears.all();
    for pair in heard.windows(2) {
        assert_eq!(pair[0].ssrc, pair[1].ssrc);
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
    }
}

/// Sends `count` packets of 20 ms from a source of its own.
async fn say(line: &Line, codec: Codec, ssrc: u32, first: u16, count: u16) {
    let mut voice = Voice::new(codec, CLIENT_HZ);
    for step in 0..count {
        let header = Header {
            payload_type: codec.static_payload(),
            marker: false,
            sequence: first.wrapping_add(step),
            timestamp: u32::from(step) * 160 + ssrc,
            ssrc,
        };
        line.send(header, &voice.frame()).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn packets_of_10_20_30_and_40_ms_are_passed_on_as_they_come() {
    for ms in [10, 20, 30, 40] {
        let mut plane = start();
        let (agent, browser) = plane.calling_browser().await;
        let (client, line) = plane.calling_line(Codec::Pcma).await;
        plane.engine.join(agent, client);
        let line = Arc::new(line);
        line.talk_in(CLIENT_HZ, ms);
        browser.ears.expect(CLIENT_HZ).await;
        let samples = ms as usize * 8;
        let heard = browser.ears.all();
        assert!(
            heard.iter().all(|heard| heard.payload.len() == samples),
            "{ms} ms"
        );
        is_one_stream(&browser);
    }
}

#[tokio::test]
async fn a_new_source_in_mid_call_goes_on_in_the_old_stream() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    say(&line, Codec::Pcma, 7, 65_000, 20).await;
    say(&line, Codec::Pcma, 9, 4, 40).await;
    browser.ears.expect(CLIENT_HZ).await;
    is_one_stream(&browser);
}

#[tokio::test]
async fn a_line_that_changes_its_law_in_mid_call_is_understood() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    let both = line.sdp("").replace("RTP/AVP 8 ", "RTP/AVP 8 0 ");
    plane
        .engine
        .accept_offer(client, &both, &BOTH)
        .await
        .unwrap();
    plane.engine.answer(client, Codec::Pcma).await.unwrap();
    say(&line, Codec::Pcma, 7, 10, 30).await;
    browser.ears.expect(CLIENT_HZ).await;
    browser.ears.forget();
    say(&line, Codec::Pcmu, 7, 40, 40).await;
    browser.ears.expect(CLIENT_HZ).await;
    assert!(
        browser
            .ears
            .all()
            .iter()
            .all(|heard| heard.payload_type == 8)
    );
}

#[tokio::test]
async fn comfort_noise_does_not_disturb_the_audio_around_it() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    say(&line, Codec::Pcma, 7, 10, 20).await;
    let noise = Header {
        payload_type: 13,
        marker: false,
        sequence: 30,
        timestamp: 20 * 160 + 7,
        ssrc: 7,
    };
    line.send(noise, &[40]).await;
    tokio::time::sleep(Duration::from_millis(400)).await;
    browser.ears.forget();
    say(&line, Codec::Pcma, 7, 31, 40).await;
    browser.ears.expect(CLIENT_HZ).await;
    assert!(
        browser
            .ears
            .all()
            .iter()
            .all(|heard| heard.payload_type == 8)
    );
}

#[tokio::test]
async fn audio_follows_a_line_to_its_new_address() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let moved = Arc::new(Line::new(Codec::Pcma).await);
    plane
        .engine
        .accept_offer(client, &moved.sdp(""), &BOTH)
        .await
        .unwrap();
    moved.aim(&plane.engine.answer(client, Codec::Pcma).await.unwrap());
    moved.talk(CLIENT_HZ);
    moved.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
}

#[tokio::test]
async fn a_key_whose_end_packets_are_lost_and_that_has_no_marker_is_told_once() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    let packets = dtmf::Sender::new('6', 800, 8000, 100).unwrap();
    for (sequence, packet) in (1..).zip(packets.take(3)) {
        let header = Header {
            payload_type: line::EVENTS,
            marker: false,
            sequence,
            timestamp: packet.timestamp,
            ssrc: 7,
        };
        line.send(header, &packet.payload).await;
    }
    say(&line, Codec::Pcma, 7, 10, 40).await;
    browser.ears.expect(CLIENT_HZ).await;
    line.press('1').await;
    let mut told = String::new();
    while told.len() < 2 {
        let event = plane
            .until("keys", |event| matches!(event, MediaEvent::Digit { .. }))
            .await;
        if let MediaEvent::Digit { digit, .. } = event {
            told.push(digit);
        }
    }
    assert_eq!(told, "61");
}
