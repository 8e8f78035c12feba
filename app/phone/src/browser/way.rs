//! The selected pair of candidates in a statistics report.

use wasm_bindgen::{JsCast, JsValue};

use super::stats::{get, number, text};
use crate::MediaWay;

/// Which way the audio of a connection goes, from its `getStats()`. `None`: no pair is selected yet.
///
/// Chromium names the pair in `RTCTransportStats`, Firefox marks it `selected`.
#[must_use]
pub fn media_way(report: &JsValue) -> Option<MediaWay> {
    let report: &js_sys::Map = report.unchecked_ref();
    let mut named = None;
    let mut marked = None;
    report.for_each(&mut |stats, id| match text(&stats, "type").as_str() {
        "transport" => named = non_empty(text(&stats, "selectedCandidatePairId")),
        "candidate-pair" if is_true(&stats, "selected") => marked = id.as_string(),
        _ => {}
    });
    let pair = report.get(&named.or(marked)?.into());
    let local = report.get(&text(&pair, "localCandidateId").into());
    let [kind, protocol, relay] =
        ["candidateType", "protocol", "relayProtocol"].map(|name| text(&local, name));
    MediaWay::of(&kind, &protocol, &relay)
}

/// `bytesReceived` of all pairs: audio and reports, but no connectivity checks.
pub(super) fn octets_in(report: &JsValue) -> u64 {
    let mut octets = 0.0;
    let report: &js_sys::Map = report.unchecked_ref();
    report.for_each(&mut |stats, _| {
        if text(&stats, "type") == "candidate-pair" {
            octets += number(&stats, "bytesReceived").unwrap_or_default();
        }
    });
    octets as u64
}

fn is_true(stats: &JsValue, name: &str) -> bool {
    get(stats, name).as_bool().unwrap_or_default()
}

fn non_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}
