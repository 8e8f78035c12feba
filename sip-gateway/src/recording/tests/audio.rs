//! Two sides that speak in tones, and ears for mp3 files.

use std::{
    fs::File,
    path::Path,
    time::{Duration, Instant},
};

use media_core::{
    g711, rtp,
    tone::{Detector, Sine, ToneReport},
};
use symphonia::core::{
    codecs::audio::AudioDecoderOptions,
    formats::{FormatOptions, TrackType, probe::Hint},
    io::MediaSourceStream,
    meta::MetadataOptions,
};
use uuid::Uuid;

use crate::{
    media::Channel,
    recording::{
        Mark, Sink,
        journal::{self, Header},
    },
};

/// The agent's tone.
pub const LEFT_HZ: f32 = 440.0;
/// The client's tone.
pub const RIGHT_HZ: f32 = 1000.0;

/// A packet on its way: owned.
#[derive(Clone)]
pub struct Sent {
    pub channel: Channel,
    pub at_us: u64,
    pub header: rtp::Header,
    pub payload: Vec<u8>,
}

impl Sent {
    pub fn packet(&self) -> rtp::Packet<'_> {
        let rtp::Header {
            payload_type,
            marker,
            sequence,
            timestamp,
            ssrc,
        } = self.header;
        let payload = &self.payload;
        rtp::Packet {
            payload_type,
            marker,
            sequence,
            timestamp,
            ssrc,
            payload,
            header_len: 12,
        }
    }
}

/// One side: A-law to the left, µ-law to the right.
pub struct Speaker {
    channel: Channel,
    payload_type: u8,
    tone: Sine,
    count: u64,
}

impl Speaker {
    pub fn new(channel: Channel) -> Self {
        let (payload_type, frequency) = match channel {
            Channel::Left => (g711::PCMA, LEFT_HZ),
            Channel::Right => (g711::PCMU, RIGHT_HZ),
        };
        Self {
            channel,
            payload_type,
            tone: Sine::new(frequency, 8000, 0.4),
            count: 0,
        }
    }

    pub fn channel(&self) -> Channel {
        self.channel
    }

    pub fn speak(&mut self) -> Sent {
        let mut samples = [0; 160];
        self.tone.fill(&mut samples);
        let mut payload = Vec::new();
        assert!(g711::encode(self.payload_type, &samples, &mut payload));
        let count = self.count;
        self.count += 1;
        let header = rtp::Header {
            payload_type: self.payload_type,
            marker: count == 0,
            sequence: (count + 65_000) as u16,
            timestamp: (count * 160 + 4_294_960_000) as u32,
            ssrc: u32::from(self.payload_type) + 1,
        };
        Sent {
            channel: self.channel,
            at_us: count * 20_000,
            header,
            payload,
        }
    }
}

/// Both sides talking at once, in the order of arrival.
pub fn conversation(ms: u64) -> Vec<Sent> {
    let mut sides = [Speaker::new(Channel::Left), Speaker::new(Channel::Right)];
    (0..ms / 20)
        .flat_map(|_| sides.each_mut().map(|side| side.speak()))
        .collect()
}

/// Loses one packet in twenty and delays the others by up to 70 ms, from a seed.
pub fn through_bad_network(packets: Vec<Sent>, seed: u64) -> Vec<Sent> {
    let mut state = seed;
    let mut random = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut arrived: Vec<Sent> = packets
        .into_iter()
        .filter(|_| !random().is_multiple_of(20))
        .collect();
    arrived
        .iter_mut()
        .for_each(|sent| sent.at_us += random() % 70_000);
    arrived.sort_by_key(|sent| sent.at_us);
    arrived
}

/// A journal as the writer would have left it.
pub fn journal_of(call: Uuid, packets: &[Sent], end_us: Option<u64>) -> Vec<u8> {
    let header = Header {
        call,
        start_unix_us: 1_700_000_000_000_000,
    };
    let mut out = header.encode().to_vec();
    for sent in packets {
        assert!(journal::write_packet(
            sent.channel,
            sent.at_us,
            &sent.packet(),
            &mut out
        ));
    }
    if let Some(at_us) = end_us {
        journal::write_mark(Mark::End, at_us, &mut out);
    }
    out
}

/// Hands packets to a sink as if they had arrived at their times after `begun`.
pub fn record(sink: &Sink, begun: Instant, packets: &[Sent]) {
    for sent in packets {
        sink.packet(
            sent.channel,
            begun + Duration::from_micros(sent.at_us),
            &sent.packet(),
        );
    }
}

/// The samples of an mp3, left and right, at 16 kHz.
pub fn decode(mp3: &Path) -> [Vec<i16>; 2] {
    let source = MediaSourceStream::new(Box::new(File::open(mp3).unwrap()), Default::default());
    let (hint, format, meta) = (
        Hint::new(),
        FormatOptions::default(),
        MetadataOptions::default(),
    );
    let mut format = symphonia::default::get_probe()
        .probe(&hint, source, format, meta)
        .unwrap();
    let track = format.default_track(TrackType::Audio).unwrap();
    let parameters = track.codec_params.as_ref().unwrap().audio().unwrap();
    let mut decoder = symphonia::default::get_codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .unwrap();
    let mut sides = [Vec::new(), Vec::new()];
    let mut samples: Vec<i16> = Vec::new();
    while let Some(packet) = format.next_packet().unwrap() {
        let audio = decoder.decode(&packet).unwrap();
        assert_eq!((audio.spec().rate(), audio.num_planes()), (16_000, 2));
        audio.copy_to_vec_interleaved(&mut samples);
        for pair in samples.chunks_exact(2) {
            sides[0].push(pair[0]);
            sides[1].push(pair[1]);
        }
    }
    sides
}

/// What is heard of both tones in 16 kHz audio: the left side's, the right side's.
pub fn hear(samples: &[i16]) -> [ToneReport; 2] {
    let mut detector = Detector::new(&[LEFT_HZ, RIGHT_HZ], 16_000);
    detector.push(samples);
    let report = detector.report();
    [report[0], report[1]]
}

/// Asserts that each side holds its own tone for at least `ms` and nothing of the other's.
pub fn assert_each_side_holds_its_own_tone(mp3: &Path, ms: u32) {
    let [left, right] = decode(mp3).map(|samples| hear(&samples));
    for (own, other, side) in [(left[0], left[1], "left"), (right[1], right[0], "right")] {
        assert!(own.share > 0.85 && own.heard_ms >= ms, "{side}: {own:?}");
        assert!(
            other.heard_ms == 0 && other.share < 0.005,
            "{side}: {other:?}"
        );
    }
}
