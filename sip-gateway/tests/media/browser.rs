//! A browser: the full `webrtc` peer connection, with G.711 and telephone-event.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use media_core::{dtmf, rtp::Header};
use rtc::{
    media_stream::MediaStreamTrack,
    rtp_transceiver::rtp_sender::{
        RTCRtpCodec, RTCRtpCodecParameters, RTCRtpCodingParameters, RTCRtpEncodingParameters,
        RtpCodecKind,
    },
};
use rtc_shared::marshal::Unmarshal;
use sip_gateway::media::Codec;
use tokio::sync::watch;
use webrtc::{
    media_stream::{
        track_local::{TrackLocal, static_rtp::TrackLocalStaticRTP},
        track_remote::{TrackRemote, TrackRemoteEvent},
    },
    peer_connection::{
        MediaEngine, PeerConnection, PeerConnectionBuilder, PeerConnectionEventHandler,
        RTCIceGatheringState, RTCSessionDescription, SettingEngineBuilder,
    },
    runtime::TokioRuntime,
};

use super::{
    PATIENCE,
    ears::{Ears, Heard},
    voice::Voice,
};

/// Payload type of events in its descriptions.
pub const EVENTS: u8 = 126;
const SSRC: u32 = 0x2222;
const CODECS: [(&str, u8, u32); 6] = [
    ("audio/PCMA", 8, 8000),
    ("audio/PCMU", 0, 8000),
    ("audio/telephone-event", EVENTS, 8000),
    ("audio/G722", 9, 8000),
    ("audio/opus", 111, 48_000),
    ("audio/telephone-event", 110, 48_000),
];

/// The browser.
pub struct Browser {
    pc: Arc<dyn PeerConnection>,
    track: Arc<TrackLocalStaticRTP>,
    pub ears: Ears,
    gathered: watch::Receiver<bool>,
    next: Arc<AtomicU32>,
}

struct Handler {
    ears: Ears,
    gathered: watch::Sender<bool>,
}

#[async_trait::async_trait]
impl PeerConnectionEventHandler for Handler {
    async fn on_ice_gathering_state_change(&self, state: RTCIceGatheringState) {
        if state == RTCIceGatheringState::Complete {
            let _ = self.gathered.send(true);
        }
    }

    async fn on_track(&self, track: Arc<dyn TrackRemote>) {
        let ears = self.ears.clone();
        tokio::spawn(async move {
            while let Some(event) = track.poll().await {
                let TrackRemoteEvent::OnRtpPacket(packet) = event else {
                    continue;
                };
                ears.push(Heard {
                    payload_type: packet.header.payload_type,
                    sequence: packet.header.sequence_number,
                    timestamp: packet.header.timestamp,
                    ssrc: packet.header.ssrc,
                    payload: packet.payload.to_vec(),
                });
            }
        });
    }
}

impl Browser {
    pub async fn new() -> Self {
        let (gathered_tx, gathered) = watch::channel(false);
        let ears = Ears::default();
        let mut media = MediaEngine::default();
        for (name, payload_type, clock_hz) in CODECS {
            let parameters = RTCRtpCodecParameters {
                rtp_codec: codec(name, clock_hz),
                payload_type,
            };
            media
                .register_codec(parameters, RtpCodecKind::Audio)
                .unwrap();
        }
        let settings = SettingEngineBuilder::new()
            .with_multicast_dns_mode(rtc::ice::mdns::MulticastDnsMode::Disabled)
            .with_include_loopback_candidate(true)
            .build();
        let pc: Arc<dyn PeerConnection> = Arc::new(
            PeerConnectionBuilder::new()
                .with_media_engine(media)
                .with_setting_engine(settings)
                .with_handler(Arc::new(Handler {
                    ears: ears.clone(),
                    gathered: gathered_tx,
                }))
                .with_runtime(Arc::new(TokioRuntime))
                .with_udp_addrs(vec!["127.0.0.1:0".to_owned()])
                .build()
                .await
                .unwrap(),
        );
        let track = Arc::new(TrackLocalStaticRTP::new(MediaStreamTrack::new(
            "stream".to_owned(),
            "microphone".to_owned(),
            "microphone".to_owned(),
            RtpCodecKind::Audio,
            CODECS
                .iter()
                .map(|(name, _, clock_hz)| encoding(name, *clock_hz))
                .collect(),
        )));
        pc.add_track(track.clone() as Arc<dyn TrackLocal>)
            .await
            .unwrap();
        Self {
            pc,
            track,
            ears,
            gathered,
            next: Arc::default(),
        }
    }

    /// Its offer, with all candidates.
    pub async fn offer(&self) -> String {
        let offer = self.pc.create_offer(None).await.unwrap();
        self.pc.set_local_description(offer).await.unwrap();
        self.gathered().await
    }

    /// Takes the answer.
    pub async fn answered(&self, sdp: &str) {
        let answer = RTCSessionDescription::answer(sdp.to_owned()).unwrap();
        self.pc.set_remote_description(answer).await.unwrap();
    }

    /// Answers an offer.
    pub async fn answer(&self, sdp: &str) -> String {
        let offer = RTCSessionDescription::offer(sdp.to_owned()).unwrap();
        self.pc.set_remote_description(offer).await.unwrap();
        let answer = self.pc.create_answer(None).await.unwrap();
        self.pc.set_local_description(answer).await.unwrap();
        self.gathered().await
    }

    pub async fn restart_ice(&self) {
        self.pc.restart_ice().await.unwrap();
    }

    async fn gathered(&self) -> String {
        let mut gathered = self.gathered.clone();
        let complete = gathered.wait_for(|complete| *complete);
        tokio::time::timeout(PATIENCE, complete)
            .await
            .unwrap()
            .unwrap();
        self.pc.local_description().await.unwrap().sdp
    }

    /// Sends a tone from now on.
    pub fn talk(&self, codec: Codec, hertz: f32) {
        let (track, next) = (self.track.clone(), self.next.clone());
        tokio::spawn(async move {
            let mut voice = Voice::new(codec, hertz);
            let ticks = codec.clock_hz() / 50;
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tick.tick().await;
                let step = next.fetch_add(1, Ordering::Relaxed);
                let payload = voice.frame();
                send(
                    &track,
                    codec.static_payload(),
                    step,
                    step.wrapping_mul(ticks),
                    &payload,
                )
                .await;
            }
        });
    }

    /// Presses a key for 100 ms.
    pub async fn press(&self, digit: char) {
        let timestamp = self.next.load(Ordering::Relaxed).wrapping_mul(160);
        for packet in dtmf::Sender::new(digit, timestamp, 8000, 100).unwrap() {
            let step = self.next.fetch_add(1, Ordering::Relaxed);
            send(&self.track, EVENTS, step, timestamp, &packet.payload).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn send(
    track: &TrackLocalStaticRTP,
    payload_type: u8,
    step: u32,
    timestamp: u32,
    payload: &[u8],
) {
    #[expect(clippy::cast_possible_truncation, reason = "sequence numbers wrap")]
    let sequence = step as u16;
    let header = Header {
        payload_type,
        marker: false,
        sequence,
        timestamp,
        ssrc: SSRC,
    };
    let mut octets = Vec::new();
    header.encode(payload, &mut octets);
    let packet = rtc_rtp::Packet::unmarshal(&mut &octets[..]).unwrap();
    // Before the handshake it has nowhere to go.
    let _ = track.write_rtp(packet).await;
}

fn encoding(name: &str, clock_hz: u32) -> RTCRtpEncodingParameters {
    RTCRtpEncodingParameters {
        rtp_coding_parameters: RTCRtpCodingParameters {
            ssrc: Some(SSRC),
            ..Default::default()
        },
        codec: codec(name, clock_hz),
        ..Default::default()
    }
}

fn codec(name: &str, clock_rate: u32) -> RTCRtpCodec {
    RTCRtpCodec {
        mime_type: name.to_owned(),
        clock_rate,
        channels: if name == "audio/opus" { 2 } else { 1 },
        sdp_fmtp_line: String::new(),
        rtcp_feedback: Vec::new(),
    }
}
