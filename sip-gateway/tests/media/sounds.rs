//! What the gateway plays and mixes: music, tones, three that talk with each other.

use std::{sync::Arc, time::Duration};

use media_core::melody;
use sip_gateway::{
    media::{Codec, LegKind, Sound},
    recording,
};
use uuid::Uuid;

use super::{
    AGENT_HZ, CLIENT_HZ, Plane,
    browser::Browser,
    ears::{Ears, wait},
    line::Line,
    start,
};
use crate::signalling::recorded::heard_ms;

/// A note of the melody that no voice here has.
fn note() -> f32 {
    melody::notes_hz()[2]
}

async fn hears(ears: &Ears, hertz: f32, ms: u32) {
    let heard = || ears.heard_ms(&[hertz])[0];
    wait(
        &format!("{hertz} Hz"),
        || heard() >= ms,
        || format!("{} ms", heard()),
    )
    .await;
}

/// One stream: one source, no number twice, none left out.
fn is_one_stream(ears: &Ears) {
    for pair in ears.all().windows(2) {
        assert_eq!(pair[0].ssrc, pair[1].ssrc);
        assert_eq!(pair[1].sequence, pair[0].sequence.wrapping_add(1));
    }
}

#[tokio::test]
async fn music_takes_the_place_of_the_other_side_and_gives_it_back() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    for codec in [Codec::Pcma, Codec::Pcmu] {
        let (client, line) = plane.calling_line(codec).await;
        let line = Arc::new(line);
        plane.engine.join(agent, client);
        browser.talk(Codec::Pcma, AGENT_HZ);
        line.talk(CLIENT_HZ);
        line.ears.expect(AGENT_HZ).await;
        plane.engine.play(client, Sound::Music);
        tokio::time::sleep(Duration::from_millis(200)).await;
        line.ears.forget();
        hears(&line.ears, note(), 400).await;
        assert_eq!(line.ears.tones().0, 0, "the agent is not heard");
        // Music goes one way: what the client says is heard.
        hears(&browser.ears, CLIENT_HZ, 500).await;
        plane.engine.hush(client);
        tokio::time::sleep(Duration::from_millis(200)).await;
        line.ears.forget();
        line.ears.expect(AGENT_HZ).await;
        plane.engine.close(client);
    }
}

#[tokio::test]
async fn every_sound_is_heard_in_every_codec_by_browsers_and_lines() {
    let mut plane = start();
    let sounds = [
        (Sound::Ringback, 425.0),
        (Sound::Away, 550.0),
        (Sound::Music, note()),
    ];
    for codec in Codec::ALL {
        let (client, line) = plane.calling_line(codec).await;
        let line = Arc::new(line);
        let (agent, browser) = plane.offered_browser(codec).await;
        for (sound, hertz) in sounds {
            for (leg, ears) in [(client, &line.ears), (agent, &browser.ears)] {
                plane.engine.play(leg, sound);
                hears(ears, hertz, 250).await;
                ears.forget();
            }
        }
        plane.engine.close(client);
        plane.engine.close(agent);
    }
}

#[tokio::test]
async fn all_that_a_peer_hears_is_one_stream_whoever_makes_it() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    line.talk(CLIENT_HZ);
    browser.ears.expect(CLIENT_HZ).await;
    for sound in [Sound::Music, Sound::Away, Sound::Ringback] {
        plane.engine.play(agent, sound);
        tokio::time::sleep(Duration::from_millis(300)).await;
        plane.engine.hush(agent);
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    is_one_stream(&browser.ears);
    assert!(browser.ears.count() > 80);
}

#[tokio::test]
async fn music_that_fills_silence_gives_way_to_the_holders_own() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    plane.engine.play_into_silence(agent, Sound::Music);
    hears(&browser.ears, note(), 250).await;
    line.talk(CLIENT_HZ);
    tokio::time::sleep(Duration::from_millis(200)).await;
    browser.ears.forget();
    hears(&browser.ears, CLIENT_HZ, 1000).await;
    assert_eq!(browser.ears.heard_ms(&[note()]), [0]);
}

/// Three in a room: a browser and two lines of both laws.
async fn three(
    plane: &mut Plane,
) -> (
    [sip_gateway::media::LegId; 3],
    Browser,
    Arc<Line>,
    Arc<Line>,
) {
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let (third, other) = plane.calling_line(Codec::Pcmu).await;
    let (line, other) = (Arc::new(line), Arc::new(other));
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    other.talk(THIRD_HZ);
    ([agent, client, third], browser, line, other)
}

const THIRD_HZ: f32 = 1300.0;

#[tokio::test]
async fn three_hear_each_other_and_nobody_hears_themselves() {
    let mut plane = start();
    let (legs, browser, line, other) = three(&mut plane).await;
    plane.engine.join(legs[0], legs[1]);
    let call = Uuid::from_u128(3);
    let journal = plane.engine.record(call, legs[0], legs[1]);
    line.ears.expect(AGENT_HZ).await;
    plane.engine.mix(legs);
    let tones = [AGENT_HZ, CLIENT_HZ, THIRD_HZ];
    let ears = [&browser.ears, &line.ears, &other.ears];
    tokio::time::sleep(Duration::from_millis(200)).await;
    ears.iter().for_each(|ears| ears.forget());
    for (own, ears) in ears.iter().enumerate() {
        let heard = || ears.heard_ms(&tones);
        let fits = || (0..3).all(|tone| tone == own || heard()[tone] >= 600);
        wait("the two others", fits, || format!("{:?}", heard())).await;
        assert_eq!(heard()[own], 0, "{own} hears itself: {:?}", heard());
        is_one_stream(ears);
    }
    plane.engine.join(legs[0], legs[1]);
    tokio::time::sleep(Duration::from_millis(300)).await;
    other.ears.forget();
    line.ears.forget();
    line.ears.expect(AGENT_HZ).await;
    assert!(other.ears.count() < 5, "the third is out");
    // On the right of the recording is what the employee heard.
    assert!(plane.engine.stop_recording(call).await.is_some());
    let made = recording::finish(&journal, plane.journals.path()).unwrap();
    let [left, right] = heard_ms(&made.mp3, [AGENT_HZ, CLIENT_HZ]);
    assert!(left[0] >= 1000 && left[1] == 0, "{left:?}");
    assert!(right[1] >= 1000 && right[0] == 0, "{right:?}");
    assert!(heard_ms(&made.mp3, [AGENT_HZ, THIRD_HZ])[1][1] >= 500);
}

#[tokio::test]
async fn a_conference_ends_for_all_when_one_leg_is_closed() {
    let mut plane = start();
    let (legs, browser, line, _other) = three(&mut plane).await;
    plane.engine.mix(legs);
    hears(&browser.ears, THIRD_HZ, 500).await;
    plane.engine.close(legs[2]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    line.ears.forget();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(line.ears.count(), 0);
    plane.engine.join(legs[0], legs[1]);
    line.ears.expect(AGENT_HZ).await;
}

#[tokio::test]
async fn a_leg_without_a_codec_or_that_is_gone_is_played_nothing() {
    let plane = start();
    let leg = plane.engine.create_leg(LegKind::Line).unwrap();
    plane.engine.play(leg, Sound::Music);
    tokio::time::sleep(Duration::from_millis(100)).await;
    plane.engine.close(leg);
    plane.engine.play(leg, Sound::Music);
}
