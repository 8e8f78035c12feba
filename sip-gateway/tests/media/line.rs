//! A SIP peer's media: a plain UDP socket that speaks RTP.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use media_core::{
    dtmf, g711,
    rtp::{Header, Packet},
    tone::Sine,
};
use sip_gateway::media::Codec;
use tokio::net::UdpSocket;

use super::{
    LOCALHOST,
    ears::{Ears, Heard},
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
        format!(
            "v=0\r\no=- 7 7 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {port} RTP/AVP {payload} {EVENTS}\r\n\
             a=rtpmap:{EVENTS} telephone-event/8000\r\n{more}"
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
            let mut sine = Sine::new(hertz, 8000, 0.4);
            let mut tick = tokio::time::interval(Duration::from_millis(20));
            loop {
                tick.tick().await;
                let payload = frame(line.codec, &mut sine);
                let header = line.header(line.codec.static_payload(), 160);
                line.send(header, &payload).await;
            }
        });
    }

    /// Presses a key for 100 ms.
    pub async fn press(&self, digit: char) {
        let timestamp = self.next.lock().unwrap().1;
        for packet in dtmf::Sender::new(digit, timestamp, 8000, 100).unwrap() {
            let header = Header {
                timestamp,
                ..self.header(EVENTS, 160)
            };
            self.send(header, &packet.payload).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// 20 ms of a tone.
pub fn frame(codec: Codec, sine: &mut Sine) -> Vec<u8> {
    let mut samples = [0; 160];
    sine.fill(&mut samples);
    let mut payload = Vec::new();
    assert!(g711::encode(codec.static_payload(), &samples, &mut payload));
    payload
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
