//! A telephone's audio: sends a tone, listens for others.

use media_core::{
    dtmf, g711,
    rtp::{Header, Packet},
    tone::{Detector, Sine},
};
use std::{net::SocketAddr, time::Duration};
use tokio::{
    net::UdpSocket,
    time::{Instant, interval, timeout},
};

/// Frequencies a line listens for, Hz.
pub const LISTENS_FOR: [f32; 5] = [440.0, 620.0, 700.0, 850.0, 1000.0];

/// An RTP socket that talks A-law.
pub struct Line {
    socket: UdpSocket,
    header: Header,
}

/// What a line heard.
pub struct Heard {
    pub packets: usize,
    pub digits: String,
    /// One per entry of [`LISTENS_FOR`], ms.
    pub tones_ms: Vec<u32>,
}

impl Heard {
    pub fn tone_ms(&self, hz: f32) -> u32 {
        let at = LISTENS_FOR.iter().position(|f| *f == hz).unwrap();
        self.tones_ms[at]
    }
}

impl Line {
    pub async fn open() -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let header = Header {
            payload_type: g711::PCMA,
            marker: false,
            sequence: 65_530,
            timestamp: u32::MAX - 1000,
            ssrc: 0x1234_5678,
        };
        Self { socket, header }
    }

    pub fn port(&self) -> u16 {
        self.socket.local_addr().unwrap().port()
    }

    /// The description of this line; `direction` as in `sendrecv`.
    pub fn sdp(&self, direction: &str) -> String {
        format!(
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n\
             m=audio {} RTP/AVP 8 96\r\na=rtpmap:8 PCMA/8000\r\n\
             a=rtpmap:96 telephone-event/8000\r\na={direction}\r\n",
            self.port()
        )
    }

    /// Plays `hz` to `to` (or only listens) for so long.
    pub async fn talk(&mut self, to: Option<(SocketAddr, f32)>, ms: u64) -> Heard {
        let mut sine = Sine::new(to.map_or(440.0, |(_, hz)| hz), 8000, 0.3);
        let mut ears = Detector::new(&LISTENS_FOR, 8000);
        let mut digits = dtmf::Receiver::default();
        let mut heard = Heard {
            packets: 0,
            digits: String::new(),
            tones_ms: Vec::new(),
        };
        let mut ticker = interval(Duration::from_millis(20));
        let start = Instant::now();
        let mut datagram = [0; 2048];
        while start.elapsed() < Duration::from_millis(ms) {
            tokio::select! {
                _ = ticker.tick() => if let Some((to, _)) = to {
                    let mut samples = [0; 160];
                    sine.fill(&mut samples);
                    let mut payload = Vec::new();
                    g711::encode(g711::PCMA, &samples, &mut payload);
                    self.send(to, &payload).await;
                },
                received = self.socket.recv(&mut datagram) => {
                    let packet = Packet::parse(&datagram[..received.unwrap()]).unwrap();
                    heard.packets += 1;
                    let mut samples = [0; 2048];
                    if let Some(len) = g711::decode(packet.payload_type, packet.payload, &mut samples) {
                        ears.push(&samples[..len]);
                    } else {
                        let now = start.elapsed().as_micros() as u64;
                        heard.digits.extend(digits.push(now, packet.timestamp, packet.payload));
                    }
                }
            }
        }
        heard.tones_ms = ears.report().iter().map(|tone| tone.heard_ms).collect();
        heard
    }

    /// Sends one packet of 20 ms.
    pub async fn send(&mut self, to: SocketAddr, payload: &[u8]) {
        let mut packet = Vec::new();
        self.header.encode(payload, &mut packet);
        self.socket.send_to(&packet, to).await.unwrap();
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(160);
    }

    /// Presses a key for 100 ms (payload type 96).
    pub async fn press(&mut self, to: SocketAddr, digit: char) {
        let mut ticker = interval(Duration::from_millis(20));
        for event in dtmf::Sender::new(digit, self.header.timestamp, 8000, 100).unwrap() {
            ticker.tick().await;
            let mut packet = Vec::new();
            let header = Header {
                payload_type: 96,
                timestamp: event.timestamp,
                ..self.header
            };
            header.encode(&event.payload, &mut packet);
            self.socket.send_to(&packet, to).await.unwrap();
            self.header.sequence = self.header.sequence.wrapping_add(1);
        }
        self.header.timestamp = self.header.timestamp.wrapping_add(160 * 10);
    }

    /// True when no packet comes for 300 ms, after what was on its way.
    pub async fn falls_silent(&self) -> bool {
        let mut datagram = [0; 2048];
        let quiet = Duration::from_millis(300);
        for _ in 0..20 {
            if timeout(quiet, self.socket.recv(&mut datagram))
                .await
                .is_err()
            {
                return true;
            }
        }
        false
    }
}
