//! A SIP peer's media: a plain UDP socket that speaks RTP.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use media_core::{
    dtmf::{self, in_band::KeyTone},
    g711,
    rtp::{Header, Packet},
    tone::Sine,
};
use sip_gateway::media::Codec;
use tokio::net::UdpSocket;

use super::{
    LOCALHOST,
    ears::{Ears, Heard},
    voice::Voice,
};

/// Payload type of events here; another one than the gateway would choose.
pub const EVENTS: u8 = 96;

/// The peer.
pub struct Line {
    pub socket: Arc<UdpSocket>,
    pub ears: Ears,
    codec: Codec,
    target: Mutex<Option<SocketAddr>>,
    next: Mutex<(u16, u32)>,
}

impl Line {
    pub async fn new(codec: Codec) -> Self {
        let socket = Arc::new(UdpSocket::bind((LOCALHOST, 0)).await.unwrap());
        let ears = Ears::default();
        tokio::spawn(listen(socket.clone(), ears.clone()));
        let (target, next) = (Mutex::default(), Mutex::new((65_500, 5000)));
        Self {
            socket,
            ears,
            codec,
            target,
            next,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Its description, with more attributes of the audio.
    pub fn sdp(&self, more: &str) -> String {
        let (port, payload) = (self.address().port(), self.codec.static_payload());
        let clock = self.codec.clock_hz();
        let map = match self.codec {
            Codec::Opus => format!("a=rtpmap:{payload} opus/48000/2\r\n"),
            Codec::Pcma | Codec::Pcmu | Codec::G722 => String::new(),
        };
        format!(
            "v=0\r\no=- 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {payload} {EVENTS}\r\n\
             {map}a=rtpmap:{EVENTS} telephone-event/{clock}\r\n{more}"
        )
    }

    /// Takes the gateway's address out of its description.
    pub fn aim(&self, sdp: &str) {
        let media = sdp
            .lines()
            .find_map(|line| line.strip_prefix("m=audio "))
            .unwrap();
        let port: u16 = media.split(' ').next().unwrap().parse().unwrap();
        assert_eq!(port % 2, 0, "RTP ports are even");
        *self.target.lock().unwrap() = Some((LOCALHOST, port).into());
    }

    pub fn target(&self) -> SocketAddr {
        self.target.lock().unwrap().unwrap()
    }

    pub async fn send(&self, header: Header, payload: &[u8]) {
        let mut packet = Vec::new();
        header.encode(payload, &mut packet);
        self.socket.send_to(&packet, self.target()).await.unwrap();
    }

    fn header(&self, payload_type: u8, samples: u32) -> Header {
        let mut next = self.next.lock().unwrap();
        let (sequence, timestamp) = *next;
        *next = (sequence.wrapping_add(1), timestamp.wrapping_add(samples));
        Header {
            payload_type,
            marker: false,
            sequence,
            timestamp,
            ssrc: 0x1111,
        }
    }

    /// Sends a tone from now on.
    pub fn talk(self: &Arc<Self>, hertz: f32) {
        let line = self.clone();
        tokio::spawn(async move {
            let mut voice = Voice::new(line.codec, hertz);
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tick.tick().await;
                let payload = voice.frame();
                let ticks = line.codec.clock_hz() / 50;
                let header = line.header(line.codec.static_payload(), ticks);
                line.send(header, &payload).await;
            }
        });
    }

    /// Sends a tone of G.711 in packets of so many milliseconds.
    pub fn talk_in(self: &Arc<Self>, hertz: f32, ms: u32) {
        let line = self.clone();
        tokio::spawn(async move {
            let mut sine = Sine::new(hertz, 8000, 0.4);
            let mut tick = tokio::time::interval(Duration::from_millis(ms.into()));
            loop {
                tick.tick().await;
                let mut samples = vec![0; ms as usize * 8];
                sine.fill(&mut samples);
                let (number, mut payload) = (line.codec.static_payload(), Vec::new());
                assert!(g711::encode(number, &samples, &mut payload));
                line.send(line.header(number, ms * 8), &payload).await;
            }
        });
    }

    /// Says keys as tones of 60 ms.
    pub async fn play_keys(&self, keys: &str) {
        let silence = vec![0; 480];
        for key in keys.chars() {
            let mut tone = vec![0; 480];
            KeyTone::new(key).unwrap().fill(&mut tone);
            for samples in tone.chunks(160).chain(silence.chunks(160)) {
                let mut payload = Vec::new();
                let number = self.codec.static_payload();
                assert!(g711::encode(number, samples, &mut payload));
                self.send(self.header(number, 160), &payload).await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }

    /// Presses a key for 100 ms.
    pub async fn press(&self, digit: char) {
        let timestamp = self.next.lock().unwrap().1;
        for packet in dtmf::Sender::new(digit, timestamp, self.codec.clock_hz(), 100).unwrap() {
            let header = Header {
                timestamp,
                ..self.header(EVENTS, self.codec.clock_hz() / 50)
            };
            self.send(header, &packet.payload).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

async fn listen(socket: Arc<UdpSocket>, ears: Ears) {
    let mut buffer = [0; 2048];
    while let Ok((len, _)) = socket.recv_from(&mut buffer).await {
        if let Some(packet) = Packet::parse(&buffer[..len]) {
            ears.push(Heard {
                payload_type: packet.payload_type,
                sequence: packet.sequence,
                timestamp: packet.timestamp,
                ssrc: packet.ssrc,
                payload: packet.payload.to_vec(),
            });
        }
    }
}
