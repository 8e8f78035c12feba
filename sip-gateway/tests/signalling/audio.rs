//! The media of a test browser: a peer connection of the `webrtc` crate that plays one tone and
//! listens for others.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use media_core::{
    g711,
    tone::{Detector, Sine},
};
use rtc::{
    ice::mdns::MulticastDnsMode,
    media_stream::MediaStreamTrack,
    peer_connection::{
        configuration::{
            RTCConfigurationBuilder, media_engine::MediaEngine,
            setting_engine::SettingEngineBuilder,
        },
        sdp::RTCSessionDescription,
        state::RTCIceGatheringState,
    },
    rtp_transceiver::rtp_sender::{
        RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
        RtpCodecKind,
    },
};
use tokio::{sync::watch, time::MissedTickBehavior};
use webrtc::{
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::{TrackRemote, TrackRemoteEvent},
    },
    peer_connection::{PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler},
};

use super::PATIENCE;

/// Samples in a packet of 20 ms.
const PACKET: usize = 160;

struct Ear {
    detector: Mutex<Detector>,
    packets: AtomicU64,
    gathered: watch::Sender<bool>,
}

#[derive(Clone)]
struct Handler(Arc<Ear>);

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            self.0.gathered.send_replace(true);
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let ear = Arc::clone(&self.0);
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                if let TrackRemoteEvent::OnRtpPacket(packet) = event {
                    ear.packets.fetch_add(1, Ordering::Relaxed);
                    let mut samples = [0i16; 2048];
                    let decoded =
                        g711::decode(packet.header.payload_type, &packet.payload, &mut samples);
                    if let Some(length) = decoded {
                        ear.detector.lock().unwrap().push(&samples[..length]);
                    }
                }
            }
        });
    }
}

/// One browser's audio in one call.
pub struct Audio {
    connection: Arc<dyn PeerConnection>,
    ear: Arc<Ear>,
    talker: tokio::task::JoinHandle<()>,
    speaks: watch::Sender<bool>,
}

impl Drop for Audio {
    fn drop(&mut self) {
        self.talker.abort();
    }
}

impl Audio {
    /// Plays `tone_hz`, listens for `listen_hz`.
    pub async fn new(tone_hz: f32, listen_hz: &[f32]) -> Self {
        let (gathered, _) = watch::channel(false);
        let detector = Mutex::new(Detector::new(listen_hz, g711::RATE_HZ));
        let ear = Arc::new(Ear {
            detector,
            packets: AtomicU64::new(0),
            gathered,
        });
        let mut engine = MediaEngine::default();
        for (mime, payload_type) in [("audio/PCMA", g711::PCMA), ("audio/PCMU", g711::PCMU)] {
            let parameters = RTCRtpCodecParameters {
                rtp_codec: codec(mime),
                payload_type,
            };
            engine
                .register_codec(parameters, RtpCodecKind::Audio)
                .unwrap();
        }
        let settings = SettingEngineBuilder::new()
            .with_multicast_dns_mode(MulticastDnsMode::Disabled)
            .build();
        let connection: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_configuration(RTCConfigurationBuilder::new().build())
                .with_media_engine(engine)
                .with_setting_engine(settings)
                .with_handler(Arc::new(Handler(Arc::clone(&ear))))
                .with_udp_addrs(vec!["127.0.0.1:0"])
                .build()
                .await
                .unwrap(),
        );
        let ssrc = rand();
        let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            "voice".to_owned(),
            "microphone".to_owned(),
            "microphone".to_owned(),
            RtpCodecKind::Audio,
            vec![RTCRtpEncodingParameters {
                rtp_coding_parameters: RTCRtpCodingParameters {
                    ssrc: Some(ssrc),
                    ..Default::default()
                },
                codec: codec("audio/PCMA"),
                ..Default::default()
            }],
        )));
        connection
            .add_track(Arc::clone(&track) as Arc<dyn TrackLocal>)
            .await
            .unwrap();
        let (speaks, may_speak) = watch::channel(true);
        let talker = tokio::spawn(talk(track, ssrc, tone_hz, may_speak));
        Self {
            connection,
            ear,
            talker,
            speaks,
        }
    }

    /// Our offer with all candidates.
    pub async fn offer(&self) -> String {
        let offer = self.connection.create_offer(None).await.unwrap();
        self.connection.set_local_description(offer).await.unwrap();
        self.local().await
    }

    /// Our answer with all candidates.
    pub async fn answer(&self, offer: &str) -> String {
        let offer = RTCSessionDescription::offer(offer.to_owned()).unwrap();
        self.connection.set_remote_description(offer).await.unwrap();
        let answer = self.connection.create_answer(None).await.unwrap();
        self.connection.set_local_description(answer).await.unwrap();
        self.local().await
    }

    async fn local(&self) -> String {
        let mut gathered = self.ear.gathered.subscribe();
        tokio::time::timeout(PATIENCE, gathered.wait_for(|done| *done))
            .await
            .unwrap()
            .unwrap();
        self.connection.local_description().await.unwrap().sdp
    }

    /// The peer's answer to our offer.
    pub async fn take_answer(&self, answer: &str) {
        let answer = RTCSessionDescription::answer(answer.to_owned()).unwrap();
        self.connection
            .set_remote_description(answer)
            .await
            .unwrap();
    }

    /// Waits until each tone was heard for half a second.
    pub async fn hears(&self, tones: &[f32]) {
        let heard = || {
            let report = self.ear.detector.lock().unwrap().report();
            tones.iter().all(|hz| {
                report
                    .iter()
                    .any(|tone| tone.frequency_hz == *hz && tone.heard_ms >= 500)
            })
        };
        let waited = tokio::time::timeout(PATIENCE, async {
            while !heard() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        })
        .await;
        assert!(
            waited.is_ok(),
            "did not hear {tones:?}: {:?}",
            self.ear.detector.lock().unwrap().report()
        );
    }

    /// Packets received so far.
    pub fn packets(&self) -> u64 {
        self.ear.packets.load(Ordering::Relaxed)
    }

    /// Milliseconds for which a tone was heard so far.
    pub fn heard_ms(&self, hz: f32) -> u32 {
        let report = self.ear.detector.lock().unwrap().report();
        let tone = report.iter().find(|tone| tone.frequency_hz == hz);
        tone.map_or(0, |tone| tone.heard_ms)
    }

    /// Sends nothing, as a phone that holds, or talks again.
    pub fn speaks(&self, speaks: bool) {
        self.speaks.send_replace(speaks);
    }

    /// Forgets what was heard, and waits until each tone is heard again.
    pub async fn hears_anew(&self, tones: &[f32]) {
        self.ear.detector.lock().unwrap().reset();
        self.hears(tones).await;
    }

    /// Closes the peer connection as a page does that is left.
    pub async fn close(&self) {
        self.connection.close().await.unwrap();
    }
}

fn codec(mime: &str) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: mime.to_owned(),
        clock_rate: g711::RATE_HZ,
        channels: 1,
        sdp_fmtp_line: String::new(),
        rtcp_feedback: vec![],
    }
}

fn rand() -> u32 {
    let bytes = *uuid::Uuid::new_v4().as_bytes();
    u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// Sends the tone, a packet every 20 ms.
async fn talk(
    track: Arc<TrackLocalStaticRTP>,
    ssrc: u32,
    tone_hz: f32,
    speaks: watch::Receiver<bool>,
) {
    let mut sine = Sine::new(tone_hz, g711::RATE_HZ, 0.3);
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut count = 0u32;
    loop {
        ticks.tick().await;
        if !*speaks.borrow() {
            continue;
        }
        let mut samples = [0; PACKET];
        sine.fill(&mut samples);
        let mut payload = Vec::with_capacity(PACKET);
        g711::encode(g711::PCMA, &samples, &mut payload);
        let header = rtc::rtp::Header {
            version: 2,
            payload_type: g711::PCMA,
            sequence_number: count as u16,
            timestamp: count.wrapping_mul(PACKET as u32),
            ssrc,
            ..Default::default()
        };
        // Before the connection is up nothing is sent; that is no failure.
        let _ = track
            .write_rtp(rtc::rtp::Packet {
                header,
                payload: Bytes::from(payload),
            })
            .await;
        count = count.wrapping_add(1);
    }
}
