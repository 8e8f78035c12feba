use std::{sync::Arc, time::Duration};

use sip_gateway::media::{Codec, LegKind, MediaEvent, Sound};

use super::{
    AGENT_HZ, BOTH, CLIENT_HZ, browser::Browser, ears, line, line::Line, relay::Relay, start,
};

#[tokio::test]
async fn a_browser_that_offers_talks_with_a_line_both_ways() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
    plane.connected(client).await;
    // Untouched: one source, every sequence number once.
    let heard = browser.ears.all();
    assert!(heard.windows(2).all(|pair| pair[0].ssrc == pair[1].ssrc));
    assert!(heard.windows(2).all(|pair| {
        pair[1].sequence == pair[0].sequence.wrapping_add(1)
            && pair[1].timestamp == pair[0].timestamp.wrapping_add(160)
    }));
}

#[tokio::test]
async fn a_browser_that_is_offered_talks_with_a_line_both_ways() {
    let mut plane = start();
    let agent = plane.engine.create_leg(LegKind::Browser).unwrap();
    let client = plane.engine.create_leg(LegKind::Line).unwrap();
    let (browser, line) = (Browser::new().await, Arc::new(Line::new(Codec::Pcmu).await));
    let offer = plane.engine.offer(agent, &[Codec::Pcmu]).await.unwrap();
    let answer = browser.answer(&offer).await;
    assert_eq!(
        plane.engine.accept_answer(agent, &answer).await,
        Ok(Codec::Pcmu)
    );
    line.aim(&plane.engine.offer(client, &BOTH).await.unwrap());
    assert_eq!(
        plane.engine.accept_answer(client, &line.sdp("")).await,
        Ok(Codec::Pcmu)
    );
    plane.connected(agent).await;
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcmu, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
}

#[tokio::test]
async fn sides_with_different_laws_understand_each_other() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcmu).await;
    let line = Arc::new(line);
    plane.engine.join(client, agent);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
    assert!(line.ears.all().iter().all(|heard| heard.payload_type == 0));
    assert!(
        browser
            .ears
            .all()
            .iter()
            .all(|heard| heard.payload_type == 8)
    );
}

#[tokio::test]
async fn digits_pass_both_ways_and_are_told_once() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    plane.engine.join(agent, client);
    for digit in "12#".chars() {
        browser.press(digit).await;
        line.press(digit).await;
    }
    line.ears.expect_digits(line::EVENTS, "12#").await;
    browser
        .ears
        .expect_digits(super::browser::EVENTS, "12#")
        .await;
    let mut told = (String::new(), String::new());
    while told.0.len() + told.1.len() < 6 {
        let event = plane
            .until("digits", |event| matches!(event, MediaEvent::Digit { .. }))
            .await;
        if let MediaEvent::Digit { leg, digit } = event {
            if leg == agent {
                told.0.push(digit)
            } else {
                told.1.push(digit)
            }
        }
    }
    assert_eq!(told, ("12#".to_owned(), "12#".to_owned()));
    // All packets of a digit carry one timestamp.
    let stamps: std::collections::BTreeSet<u32> = line
        .ears
        .all()
        .iter()
        .filter(|heard| heard.payload_type == line::EVENTS)
        .map(|heard| heard.timestamp)
        .collect();
    assert_eq!(stamps.len(), 3);
}

#[tokio::test]
async fn a_held_line_gets_nothing_until_it_is_resumed() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let held = line.sdp("a=sendonly\r\n");
    plane
        .engine
        .accept_offer(client, &held, &BOTH)
        .await
        .unwrap();
    let answer = plane.engine.answer(client, Codec::Pcma).await.unwrap();
    assert!(answer.contains("a=recvonly"), "{answer}");
    quiet(&line.ears).await;
    // It may still be heard: music on hold is the holder's.
    browser.ears.forget();
    browser.ears.expect(CLIENT_HZ).await;
    let before = line.ears.all();
    plane
        .engine
        .accept_offer(client, &line.sdp(""), &BOTH)
        .await
        .unwrap();
    plane.engine.answer(client, Codec::Pcma).await.unwrap();
    line.ears.expect(AGENT_HZ).await;
    assert!(
        before
            .iter()
            .all(|heard| heard.ssrc == line.ears.all()[0].ssrc)
    );
}

/// Waits until packets that are on their way have come, then sees that no more come.
async fn quiet(ears: &ears::Ears) {
    let mut rounds = 0;
    while rounds < 5 {
        ears.forget();
        tokio::time::sleep(Duration::from_millis(60)).await;
        rounds += usize::from(ears.count() == 0);
        if ears.count() > 0 {
            rounds = 0;
        }
    }
}

#[tokio::test]
async fn a_held_browser_gets_nothing() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    line.talk(CLIENT_HZ);
    browser.ears.expect(CLIENT_HZ).await;
    let offer = browser.offer().await.replace("a=sendrecv", "a=inactive");
    plane
        .engine
        .accept_offer(agent, &offer, &BOTH)
        .await
        .unwrap();
    let answer = plane.engine.answer(agent, Codec::Pcma).await.unwrap();
    assert!(answer.contains("a=inactive"), "{answer}");
    quiet(&browser.ears).await;
}

#[tokio::test]
async fn an_ice_restart_keeps_the_call_and_its_keys() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let ufrag = |sdp: &str| {
        sdp.lines()
            .find_map(|line| line.strip_prefix("a=ice-ufrag:"))
            .unwrap()
            .to_owned()
    };
    browser.restart_ice().await;
    let offer = browser.offer().await;
    plane
        .engine
        .accept_offer(agent, &offer, &BOTH)
        .await
        .unwrap();
    let answer = plane.engine.answer(agent, Codec::Pcma).await.unwrap();
    let ours = ufrag(&answer);
    browser.answered(&answer).await;
    for _ in 0..3 {
        line.ears.forget();
        browser.ears.forget();
        line.ears.expect(AGENT_HZ).await;
        browser.ears.expect(CLIENT_HZ).await;
    }
    // Nothing was closed on the way, and no new handshake told of a connection.
    while let Ok(event) = plane.events.try_recv() {
        assert!(
            matches!(event, MediaEvent::Connected(leg) if leg == client),
            "{event:?}"
        );
    }
    let again = plane.engine.answer(agent, Codec::Pcma).await.unwrap();
    assert_eq!(ufrag(&again), ours);
}

#[tokio::test]
async fn a_leg_that_is_closed_says_goodbye() {
    let mut plane = start();
    let gateway = plane.engine.browser_addr();
    let relay = Relay::start(gateway, 0, 1).await;
    let leg = plane.engine.create_leg(LegKind::Browser).unwrap();
    let browser = Browser::new().await;
    plane
        .engine
        .accept_offer(leg, &browser.offer().await, &BOTH)
        .await
        .unwrap();
    let answer = plane.engine.answer(leg, Codec::Pcma).await.unwrap();
    browser.answered(&relay.through(&answer, gateway)).await;
    plane.connected(leg).await;
    assert_eq!(relay.alerts(), 0);
    plane.engine.close(leg);
    ears::wait("goodbye", || relay.alerts() > 0, String::new).await;
}

#[tokio::test]
async fn a_transfer_is_one_stream_to_the_one_who_stays() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (first, old) = plane.calling_line(Codec::Pcma).await;
    let (second, new) = plane.calling_line(Codec::Pcmu).await;
    let (old, new) = (Arc::new(old), Arc::new(new));
    plane.engine.join(agent, first);
    old.talk(AGENT_HZ);
    browser.ears.expect(AGENT_HZ).await;
    plane.engine.join(agent, second);
    new.talk(CLIENT_HZ);
    browser.talk(Codec::Pcma, AGENT_HZ);
    new.ears.expect(AGENT_HZ).await;
    quiet(&old.ears).await;
    super::ears::wait(
        "the second line",
        || browser.ears.tones().1 > 500,
        String::new,
    )
    .await;
    let heard = browser.ears.all();
    assert!(heard.windows(2).all(|pair| pair[0].ssrc == pair[1].ssrc));
    assert!(heard.windows(2).all(|pair| {
        pair[1].sequence.wrapping_sub(pair[0].sequence) == 1
            && pair[1].timestamp.wrapping_sub(pair[0].timestamp) < 80_000
    }));
}

#[tokio::test]
async fn ringback_is_heard_until_the_call_is_joined() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    plane.engine.play(agent, Sound::Ringback);
    super::ears::wait(
        "ringback",
        || {
            let mut detector = media_core::tone::Detector::new(&[425.0], 8000);
            let mut samples = [0; 2048];
            for heard in browser.ears.all() {
                let len =
                    media_core::g711::decode(heard.payload_type, &heard.payload, &mut samples);
                detector.push(&samples[..len.unwrap()]);
            }
            detector.report()[0].heard_ms >= 500
        },
        String::new,
    )
    .await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    quiet(&browser.ears).await;
    line.talk(CLIENT_HZ);
    browser.ears.expect(CLIENT_HZ).await;
}

#[tokio::test]
async fn a_third_of_the_handshake_may_be_lost() {
    let mut plane = start();
    let gateway = plane.engine.browser_addr();
    let mut lost = 0;
    for seed in 1..=4 {
        let relay = Relay::start(gateway, 30, seed).await;
        let leg = plane.engine.create_leg(LegKind::Browser).unwrap();
        let browser = Browser::new().await;
        let offer = browser.offer().await;
        plane.engine.accept_offer(leg, &offer, &BOTH).await.unwrap();
        let answer = plane.engine.answer(leg, Codec::Pcma).await.unwrap();
        browser.answered(&relay.through(&answer, gateway)).await;
        plane.connected(leg).await;
        lost += relay.lost();
        plane.engine.close(leg);
    }
    assert!(lost > 0, "nothing was lost, so nothing was shown");
}
