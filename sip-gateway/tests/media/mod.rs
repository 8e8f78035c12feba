//! The media plane between a WebRTC peer connection that nobody here wrote and plain RTP.

pub mod browser;
mod calls;
mod codecs;
pub mod ears;
mod hostile;
pub mod line;
mod measure;
mod over_tcp;
mod recording;
mod relay;
mod rtp;
mod sounds;
pub mod voice;

use std::{net::IpAddr, time::Duration};

use sip_gateway::media::{Codec, Engine, LegId, LegKind, LegSetup, MediaConfig, MediaEvent};
use tempfile::TempDir;
use tokio::sync::mpsc::UnboundedReceiver;

use browser::Browser;
use line::Line;

/// Tones far enough apart to be told from each other.
pub const AGENT_HZ: f32 = 440.0;
pub const CLIENT_HZ: f32 = 800.0;
const BOTH: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];
const LOCALHOST: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// No step of a test takes longer on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running media plane.
struct Plane {
    engine: Engine,
    events: UnboundedReceiver<MediaEvent>,
    journals: TempDir,
}

fn start() -> Plane {
    let journals = TempDir::new().unwrap();
    let config = MediaConfig {
        browser_bind: (LOCALHOST, 0).into(),
        browser_tcp: Some((LOCALHOST, 0).into()),
        browser_public: Vec::new(),
        line_bind: LOCALHOST,
        line_public: None,
        line_ports: (0, 0),
        journal_dir: journals.path().to_owned(),
    };
    let (engine, events) = Engine::start(config).unwrap();
    Plane {
        engine,
        events,
        journals,
    }
}

impl Plane {
    /// Waits for an event that fits.
    async fn until(&mut self, what: &str, fits: impl Fn(&MediaEvent) -> bool) -> MediaEvent {
        let waited = tokio::time::timeout(PATIENCE, async {
            loop {
                let event = self.events.recv().await.expect("the media plane lives");
                if fits(&event) {
                    return event;
                }
            }
        });
        waited
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"))
    }

    async fn connected(&mut self, leg: LegId) {
        self.until(
            "a connection",
            |event| matches!(event, MediaEvent::Connected(id) if *id == leg),
        )
        .await;
    }

    /// A browser that offers, connected.
    async fn calling_browser(&mut self) -> (LegId, Browser) {
        let leg = self.engine.create_leg(LegKind::Browser).unwrap();
        let browser = Browser::new().await;
        let offer = browser.offer().await;
        let codecs = self.engine.accept_offer(leg, &offer, &BOTH).await.unwrap();
        let answer = self.engine.answer(leg, codecs[0]).await.unwrap();
        browser.answered(&answer).await;
        self.connected(leg).await;
        (leg, browser)
    }

    /// A browser that is offered one codec, connected.
    async fn offered_browser(&mut self, codec: Codec) -> (LegId, Browser) {
        let agent = self.engine.create_leg(LegKind::Browser).unwrap();
        let browser = Browser::new().await;
        let offer = self.engine.offer(agent, &[codec]).await.unwrap();
        let answer = browser.answer(&offer).await;
        let agreed = self.engine.accept_answer(agent, &answer).await;
        assert_eq!(agreed, Ok(codec));
        self.connected(agent).await;
        (agent, browser)
    }

    /// A line that offers one codec and is answered.
    async fn calling_line(&self, codec: Codec) -> (LegId, Line) {
        self.answered_line(codec, LegKind::Line.into()).await
    }

    /// The same on a leg with other settings.
    async fn answered_line(&self, codec: Codec, setup: LegSetup) -> (LegId, Line) {
        let leg = self.engine.create_leg(setup).unwrap();
        let line = Line::new(codec).await;
        self.engine
            .accept_offer(leg, &line.sdp(""), &Codec::ALL)
            .await
            .unwrap();
        let answer = self.engine.answer(leg, codec).await.unwrap();
        line.aim(&answer);
        (leg, line)
    }
}
