//! What the gateway measures on its legs, and the echo before a call.

use std::{sync::Arc, time::Duration};

use media_core::{rtcp, rtp::Header};
use sip_gateway::{
    media::{Codec, LegId, MediaEvent},
    ports::LegFigures,
};

use super::{AGENT_HZ, CLIENT_HZ, Plane, ears, line::Line, start, voice::Voice};

impl Plane {
    async fn figures(&mut self, leg: LegId) -> LegFigures {
        let is_it = |event: &MediaEvent| matches!(event, MediaEvent::Measured { leg: known, .. } if *known == leg);
        match self.until("figures", is_it).await {
            MediaEvent::Measured { figures, .. } => figures,
            other => panic!("{other:?}"),
        }
    }
}

/// Sends a tone of which every tenth packet gets lost on its way.
fn talk_with_loss(line: &Arc<Line>, hertz: f32) {
    let line = line.clone();
    tokio::spawn(async move {
        let mut voice = Voice::new(Codec::Pcma, hertz);
        let mut tick = tokio::time::interval(Duration::from_millis(20));
        for number in 0_u16.. {
            tick.tick().await;
            let payload = voice.frame();
            let header = Header {
                payload_type: 8,
                marker: false,
                sequence: number,
                timestamp: u32::from(number) * 160,
                ssrc: 0x1111,
            };
            if number % 10 != 3 {
                line.send(header, &payload).await;
            }
        }
    });
}

#[tokio::test]
async fn loss_on_the_line_is_measured_apart_from_the_browsers_leg() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    talk_with_loss(&line, CLIENT_HZ);
    browser.ears.expect(CLIENT_HZ).await;
    let figures = plane.figures(client).await;
    let loss = figures.received.loss_permille();
    assert!((80..=120).contains(&loss), "{figures:?}");
    assert!((4_900..8_000).contains(&figures.over_ms), "{figures:?}");
    assert_eq!((figures.codec, figures.sent), (Codec::Pcma, None));
    let agent = plane.figures(agent).await;
    assert_eq!(agent.received.lost, 0, "{agent:?}");
}

#[tokio::test]
async fn what_the_line_does_not_hear_of_us_is_known_by_its_reports() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    browser.talk(Codec::Pcma, AGENT_HZ);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let block = rtcp::ReportBlock {
        ssrc: line.ears.all()[0].ssrc,
        lost: 5,
        jitter: 240,
        ..rtcp::ReportBlock::default()
    };
    let mut report = Vec::new();
    rtcp::write_report(0x1111, None, &[block], &mut report);
    let mut to = line.target();
    to.set_port(to.port() + 1);
    line.socket.send_to(&report, to).await.unwrap();
    let sent = plane.figures(client).await.sent.expect("it reported");
    assert_eq!((sent.lost, sent.jitter_ms), (5, 30), "{sent:?}");
    assert!(sent.expected >= 25, "{sent:?}");
}

#[tokio::test]
async fn an_echo_gives_back_what_is_said_and_ends_with_its_leg() {
    let mut plane = start();
    let (agent, browser) = plane.calling_browser().await;
    plane.engine.echo(agent);
    browser.talk(Codec::Pcma, AGENT_HZ);
    browser.ears.expect(AGENT_HZ).await;
    // Joined to somebody else, it is an echo no more.
    let (client, line) = plane.calling_line(Codec::Pcma).await;
    let line = Arc::new(line);
    plane.engine.join(agent, client);
    line.talk(CLIENT_HZ);
    line.ears.expect(AGENT_HZ).await;
    let hears_the_line = || browser.ears.tones().1 >= 500;
    let heard = || format!("{:?} ms", browser.ears.tones());
    ears::wait("the line", hears_the_line, heard).await;
}
