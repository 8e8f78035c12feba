use std::sync::Arc;

use media_core::{g711, tone::Detector};
use sip_gateway::{
    media::{Channel, Codec},
    recording::journal::{Reader, Record},
};
use uuid::Uuid;

use super::{AGENT_HZ, CLIENT_HZ, start};

#[tokio::test]
async fn the_journal_holds_the_agent_left_and_the_client_right() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcmu).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    let call = Uuid::from_u128(7);
    let path = plane.engine.record(call, agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    browser.ears.expect(CLIENT_HZ).await;
    let closed = plane.engine.stop_recording(call).await;
    assert!(closed.is_some_and(|closed| closed.is_complete));
    assert!(path.starts_with(plane.journals.path()));
    let mut reader = Reader::open(&path).unwrap();
    let new = || Detector::new(&[AGENT_HZ, CLIENT_HZ], 8000);
    let (mut left, mut right) = (new(), new());
    let mut samples = [0; 2048];
    while let Some(record) = reader.next_record().unwrap() {
        let Record::Packet {
            channel, packet, ..
        } = record
        else {
            continue;
        };
        let len = g711::decode(packet.payload_type, packet.payload, &mut samples).unwrap();
        let side = if channel == Channel::Left {
            &mut left
        } else {
            &mut right
        };
        side.push(&samples[..len]);
    }
    let heard = |detector: &Detector| {
        let report = detector.report();
        (report[0].heard_ms >= 400, report[1].heard_ms >= 400)
    };
    assert_eq!(
        (heard(&left), heard(&right)),
        ((true, false), (false, true))
    );
}
