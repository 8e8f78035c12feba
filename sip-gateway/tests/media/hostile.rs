use std::{sync::Arc, time::Duration};

use media_core::rtp::Header;
use sip_gateway::media::{Codec, LegKind, MediaEvent};
use tokio::net::UdpSocket;

use super::{AGENT_HZ, BOTH, CLIENT_HZ, LOCALHOST, browser::Browser, start};

#[tokio::test]
async fn a_certificate_that_was_not_announced_hears_nothing() {
    let mut plane = start();
    let leg = plane.engine.create_leg(LegKind::Browser).unwrap();
    let browser = Browser::new().await;
    let offer = browser.offer().await;
    let at = offer.find("a=fingerprint:sha-256 ").unwrap() + 22;
    let mut forged = offer.clone();
    let flipped = if &offer[at..=at] == "0" { "1" } else { "0" };
    forged.replace_range(at..=at, flipped);
    plane
        .engine
        .accept_offer(leg, &forged, &BOTH)
        .await
        .unwrap();
    let answer = plane.engine.answer(leg, Codec::Pcma).await.unwrap();
    browser.answered(&answer).await;
    let event = plane
        .until("a refusal", |event| {
            matches!(event, MediaEvent::Closed { .. } | MediaEvent::Connected(_))
        })
        .await;
    let MediaEvent::Closed { reason, .. } = event else {
        panic!("it was let in")
    };
    assert!(reason.contains("certificate"), "{reason}");
}

/// Numbers that look random and are the same every time.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    let mut state = seed | 1;
    std::iter::from_fn(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes().first().copied()
    })
}

#[tokio::test]
async fn a_flood_of_garbage_neither_crashes_nor_disturbs_a_call() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let attacker = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
    let browsers = plane.engine.browser_addr();
    for round in 0..3000_u64 {
        let len = usize::try_from(round % 200).unwrap();
        let mut garbage: Vec<u8> = noise(round * 7919).take(len).collect();
        // Every kind gets its share: STUN, DTLS, RTP, RTCP, others.
        if let Some(first) = garbage.first_mut() {
            *first = [0, 22, 0x80, 0x90, 0xbf, 70][usize::try_from(round % 6).unwrap()];
        }
        if round % 6 == 0 && len > 8 {
            garbage[..8].copy_from_slice(&[0, 1, 0, 80, 0x21, 0x12, 0xa4, 0x42]);
        }
        attacker.send_to(&garbage, browsers).await.unwrap();
        attacker.send_to(&garbage, line.target()).await.unwrap();
        if round % 100 == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    line.ears.forget();
    browser.ears.forget();
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
}

#[tokio::test]
async fn forged_rtp_of_a_running_call_is_neither_heard_nor_followed() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.forget();
    let thief = UdpSocket::bind((LOCALHOST, 0)).await.unwrap();
    let mut voice = super::voice::Voice::new(Codec::Pcma, AGENT_HZ);
    for sequence in 0..60 {
        let header = Header {
            payload_type: 8,
            marker: false,
            sequence,
            timestamp: u32::from(sequence) * 160,
            ssrc: 0x6666,
        };
        let mut packet = Vec::new();
        header.encode(&voice.frame(), &mut packet);
        thief.send_to(&packet, line.target()).await.unwrap();
        thief
            .send_to(&packet, plane.engine.browser_addr())
            .await
            .unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    browser.ears.expect(CLIENT_HZ).await;
    let mut buffer = [0; 2048];
    assert!(
        thief.try_recv_from(&mut buffer).is_err(),
        "the thief was sent something"
    );
}

#[tokio::test]
async fn a_leg_that_is_gone_says_so() {
    let plane = start();
    let leg = plane.engine.create_leg(LegKind::Line).unwrap();
    plane.engine.close(leg);
    let answer = plane.engine.offer(leg, &BOTH).await;
    assert_eq!(answer, Err(sip_gateway::media::SdpError::NoSuchLeg));
    plane.engine.shutdown().await;
    assert!(plane.engine.create_leg(LegKind::Line).is_err());
}
