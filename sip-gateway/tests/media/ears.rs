//! What a peer heard: packets, and the tones in them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use media_core::{
    dtmf::{self, in_band::Hearing},
    tone::Detector,
};

use super::{AGENT_HZ, CLIENT_HZ, PATIENCE, voice::Understanding};

/// A packet that arrived.
#[derive(Clone, Debug)]
pub struct Heard {
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
    pub payload: Vec<u8>,
}

/// All packets that arrived at a peer.
#[derive(Clone, Default)]
pub struct Ears(Arc<Mutex<Vec<Heard>>>);

impl Ears {
    pub fn push(&self, heard: Heard) {
        self.0.lock().unwrap().push(heard);
    }

    pub fn all(&self) -> Vec<Heard> {
        self.0.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.0.lock().unwrap().clear();
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    /// Milliseconds of the agent's and the client's tone heard since the last [`Self::forget`].
    pub fn tones(&self) -> (u32, u32) {
        let mut detector = Detector::new(&[AGENT_HZ, CLIENT_HZ], 8000);
        self.samples(|samples| detector.push(samples));
        let report = detector.report();
        (report[0].heard_ms, report[1].heard_ms)
    }

    /// Milliseconds of each tone heard since the last [`Self::forget`].
    pub fn heard_ms(&self, tones: &[f32]) -> Vec<u32> {
        let mut detector = Detector::new(tones, 8000);
        self.samples(|samples| detector.push(samples));
        let report = detector.report();
        report.iter().map(|tone| tone.heard_ms).collect()
    }

    /// Goes through all audio heard.
    fn samples(&self, mut take: impl FnMut(&[i16])) {
        let mut understanding = Understanding::new();
        let mut samples = [0; 2048];
        for heard in self.all() {
            let len = understanding.decode(heard.payload_type, &heard.payload, &mut samples);
            if let Some(len) = len {
                take(&samples[..len]);
            }
        }
    }

    /// Keys heard as tones.
    pub fn key_tones(&self) -> String {
        let (mut hearing, mut keys) = (Hearing::default(), String::new());
        self.samples(|samples| hearing.push(samples, |key| keys.push(key)));
        keys
    }

    pub async fn expect_key_tones(&self, wanted: &str) {
        let fits = || self.key_tones() == wanted;
        wait(wanted, fits, || self.key_tones()).await;
    }

    /// Waits until half a second of a tone was heard, and nothing of the other.
    pub async fn expect(&self, wanted: f32) {
        let fits = || {
            let (agent, client) = self.tones();
            let (right, wrong) = if (wanted - AGENT_HZ).abs() < 1.0 {
                (agent, client)
            } else {
                (client, agent)
            };
            right >= 500 && wrong == 0
        };
        wait(&format!("{wanted} Hz"), fits, || {
            format!("{:?} ms", self.tones())
        })
        .await;
    }

    /// The digits of the event packets heard.
    pub fn digits(&self, payload_type: u8) -> String {
        let mut receiver = dtmf::Receiver::default();
        let all = self.all();
        let events = all
            .iter()
            .filter(|heard| heard.payload_type == payload_type);
        events
            .flat_map(|heard| receiver.push(0, heard.timestamp, &heard.payload))
            .collect()
    }

    pub async fn expect_digits(&self, payload_type: u8, wanted: &str) {
        let fits = || self.digits(payload_type) == wanted;
        wait(wanted, fits, || self.digits(payload_type)).await;
    }
}

/// Waits until something holds.
pub async fn wait(what: &str, fits: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    while !fits() {
        assert!(
            tokio::time::Instant::now() < deadline,
            "no {what}: {}",
            otherwise()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
