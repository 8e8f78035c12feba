//! A look at `getStats()` (W3C webrtc-stats). What a browser does not tell stays at nothing.

use wasm_bindgen::{JsCast, JsValue};

use super::stats::{number, text};
use crate::quality::{Codec, Heard, Loudness, ReceiverReport, Said, Snapshot};

/// Reads a report; `at_ms` on the page's own clock.
#[must_use]
pub fn look(report: &JsValue, at_ms: u64) -> Snapshot {
    let mut look = Snapshot {
        at_ms,
        ..Snapshot::default()
    };
    let report: &js_sys::Map = report.unchecked_ref();
    let mut microphone = None;
    report.for_each(&mut |stats, _| match text(&stats, "type").as_str() {
        "inbound-rtp" => {
            look.heard = heard(&stats);
            let codec = report.get(&text(&stats, "codecId").into());
            if codec.is_object() {
                look.codec = Codec::of(&text(&codec, "mimeType"));
            }
        }
        "outbound-rtp" => look.said.packets = count(&stats, "packetsSent"),
        "remote-inbound-rtp" => {
            look.said.report = Some(reported(&stats));
            look.round_trip_ms = milliseconds(&stats, "roundTripTime").or(look.round_trip_ms);
        }
        "media-source" => microphone = loudness(&stats),
        "candidate-pair" if look.round_trip_ms.is_none() && is_in_use(&stats) => {
            look.round_trip_ms = milliseconds(&stats, "currentRoundTripTime");
        }
        _ => {}
    });
    look.said = Said {
        loudness: microphone,
        ..look.said
    };
    look
}

fn heard(stats: &JsValue) -> Heard {
    Heard {
        packets: count(stats, "packetsReceived"),
        lost: number(stats, "packetsLost").unwrap_or_default() as i64,
        jitter_ms: milliseconds(stats, "jitter").unwrap_or(0),
        buffered_ms: scaled(stats, "jitterBufferDelay", 1_000.0),
        played: count(stats, "jitterBufferEmittedCount"),
        loudness: loudness(stats),
    }
}

fn reported(stats: &JsValue) -> ReceiverReport {
    ReceiverReport {
        at_ms: count(stats, "timestamp"),
        lost: number(stats, "packetsLost").unwrap_or_default() as i64,
        jitter_ms: milliseconds(stats, "jitter").unwrap_or(0),
        sent: 0,
    }
}

fn loudness(stats: &JsValue) -> Option<Loudness> {
    number(stats, "totalAudioEnergy")?;
    Some(Loudness {
        energy: scaled(stats, "totalAudioEnergy", 1e9),
        ms: scaled(stats, "totalSamplesDuration", 1_000.0),
    })
}

/// Chromium nominates one pair, Firefox selects it.
fn is_in_use(stats: &JsValue) -> bool {
    text(stats, "state") == "succeeded"
}

fn count(stats: &JsValue, name: &str) -> u64 {
    scaled(stats, name, 1.0)
}

fn scaled(stats: &JsValue, name: &str, by: f64) -> u64 {
    (number(stats, name).unwrap_or_default() * by) as u64
}

/// Out of seconds.
fn milliseconds(stats: &JsValue, name: &str) -> Option<u16> {
    number(stats, name).map(|seconds| (seconds * 1000.0 + 0.5) as u16)
}
