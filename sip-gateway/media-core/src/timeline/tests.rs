use super::*;
use crate::tone::{Detector, Sine};

const FRAME: usize = 160;

/// A source of a 440 Hz tone whose packets can be bent before they are pushed.
struct Source {
    tone: Sine,
    sequence: u16,
    timestamp: u32,
    ssrc: u32,
}

impl Source {
    fn new() -> Self {
        Self {
            tone: Sine::new(440.0, 8000, 0.5),
            sequence: 65_530,
            timestamp: u32::MAX - 999,
            ssrc: 1,
        }
    }

    fn next(&mut self, arrival_us: u64) -> (Place, [i16; FRAME]) {
        let mut samples = [0; FRAME];
        self.tone.fill(&mut samples);
        let place = Place {
            arrival_us,
            sequence: self.sequence,
            timestamp: self.timestamp,
            ssrc: self.ssrc,
        };
        self.sequence = self.sequence.wrapping_add(1);
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        (place, samples)
    }
}

/// Pushes packets in the order of arrival, draining as the recorder does.
fn play(mut packets: Vec<(Place, [i16; FRAME])>, length_ms: u64) -> (Vec<i16>, Timeline) {
    packets.sort_by_key(|(place, _)| place.arrival_us);
    let (mut timeline, mut out) = (Timeline::new(8000), Vec::new());
    for (place, samples) in &packets {
        timeline.drain(place.arrival_us.saturating_sub(WINDOW_MS * 1000), &mut out);
        timeline.push(*place, samples);
    }
    timeline.drain(length_ms * 1000, &mut out);
    assert_eq!(
        out.len() as u64,
        length_ms * 8,
        "as long as the time that passed"
    );
    (out, timeline)
}

fn tone_share(samples: &[i16]) -> f32 {
    let mut detector = Detector::new(&[440.0], 8000);
    detector.push(samples);
    detector.report()[0].share
}

fn steady(count: u64) -> Vec<(Place, [i16; FRAME])> {
    let mut source = Source::new();
    (0..count).map(|at| source.next(at * 20_000)).collect()
}

fn seeded(mut seed: u64) -> impl FnMut() -> u64 {
    move || {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        seed >> 33
    }
}

#[test]
fn a_steady_source_comes_out_sample_by_sample_across_wraps() {
    let packets = steady(100);
    let expected: Vec<i16> = packets.iter().flat_map(|(_, samples)| *samples).collect();
    let (out, timeline) = play(packets, 2000);
    assert_eq!(out, expected);
    assert_eq!(
        (
            timeline.counts().placed,
            timeline.counts().concealed_samples
        ),
        (100, 0)
    );
}

#[test]
fn jitter_reordering_and_duplicates_leave_no_trace() {
    let mut random = seeded(1);
    let mut packets = steady(500);
    let expected: Vec<i16> = packets.iter().flat_map(|(_, samples)| *samples).collect();
    for (place, _) in &mut packets[1..] {
        place.arrival_us += random() % 60_000;
    }
    let again: Vec<_> = packets.iter().step_by(7).copied().collect();
    packets.extend(again);
    let (out, timeline) = play(packets, 10_000);
    assert_eq!(out, expected);
    assert_eq!(timeline.counts().placed, 500);
}

#[test]
fn five_per_cent_of_loss_is_concealed() {
    let mut random = seeded(2);
    let packets = steady(500)
        .into_iter()
        .filter(|_| !random().is_multiple_of(20))
        .collect();
    let (out, timeline) = play(packets, 10_000);
    assert!(timeline.counts().concealed_samples > 2000);
    assert!(tone_share(&out) > 0.9, "{}", tone_share(&out));
}

#[test]
fn a_long_gap_is_silence_and_speech_returns_in_its_place() {
    let mut packets = steady(500);
    packets.drain(100..300);
    let (out, _) = play(packets, 10_000);
    assert!(
        out[(2060 * 8)..(6000 * 8)]
            .iter()
            .all(|sample| *sample == 0)
    );
    assert!(tone_share(&out[..2000 * 8]) > 0.99 && tone_share(&out[6000 * 8..]) > 0.99);
}

#[test]
fn a_burst_after_a_stall_keeps_its_place() {
    let mut packets = steady(300);
    let expected: Vec<i16> = packets.iter().flat_map(|(_, samples)| *samples).collect();
    for (at, (place, _)) in packets[100..150].iter_mut().enumerate() {
        place.arrival_us = 3_000_000 + at as u64;
    }
    assert_eq!(play(packets, 6000).0, expected);
}

#[test]
fn a_timestamp_jump_costs_no_time() {
    for jump in [80_000_000u32, 8000, 8000u32.wrapping_neg(), 3_000_000_000] {
        let mut packets = steady(300);
        for (place, _) in &mut packets[150..] {
            place.timestamp = place.timestamp.wrapping_add(jump);
        }
        let (out, timeline) = play(packets, 6000);
        assert!(tone_share(&out) > 0.98, "{jump}: {}", tone_share(&out));
        assert_eq!(timeline.counts().relinked, 2, "{jump}");
    }
}

#[test]
fn a_new_source_follows_the_old_one() {
    let mut packets = steady(300);
    for (at, (place, _)) in packets[150..].iter_mut().enumerate() {
        place.ssrc = 77;
        place.sequence = 9 + at as u16;
        place.timestamp = 5 + at as u32 * FRAME as u32;
    }
    assert!(tone_share(&play(packets, 6000).0) > 0.98);
}

#[test]
fn a_pause_that_timestamps_did_not_count_is_kept() {
    // Hold in a telephone that stops its clock: ten seconds, then one second.
    for (pause_ms, settle_ms) in [(10_000u64, 0), (1000, 2500)] {
        let mut packets = steady(500);
        for (place, _) in &mut packets[100..] {
            place.arrival_us += pause_ms * 1000;
        }
        let (out, _) = play(packets, 10_000 + pause_ms);
        let end = out.len();
        assert!(
            out[end - 800..].iter().any(|sample| sample.abs() > 10_000),
            "{pause_ms}: talks at its end"
        );
        let settled = (2000 + pause_ms + settle_ms) as usize * 8;
        assert!(tone_share(&out[settled..]) > 0.97, "{pause_ms}");
    }
}

#[test]
fn an_hour_of_drift_stays_aligned() {
    // 200 parts in a million fast and slow: 0.72 s in an hour when left alone.
    for drift_per_packet_us in [-4i64, 4] {
        let (mut source, mut random) = (Source::new(), seeded(3));
        let (mut timeline, mut out) = (Timeline::new(8000), Vec::new());
        let mut worst_ms = 0;
        for at in 0..180_000u64 {
            let sent = (at as i64 * (20_000 + drift_per_packet_us)) as u64;
            let (mut place, samples) = source.next(sent + random() % 30_000);
            place.arrival_us = place.arrival_us.max(sent);
            timeline.drain(sent.saturating_sub(WINDOW_MS * 1000), &mut out);
            timeline.push(place, &samples);
            if at % 5000 == 4999 {
                let stream = timeline.stream.as_ref().expect("a stream");
                let position = stream.newest.timestamp as i64 + stream.offset;
                worst_ms = worst_ms.max((position / 8 - sent as i64 / 1000).abs());
            }
            out.truncate(0);
        }
        assert!(worst_ms <= 20, "{drift_per_packet_us}: {worst_ms} ms off");
        assert_eq!(timeline.counts().relinked, 1);
        assert!(
            timeline.counts().concealed_samples < 8000,
            "{:?}",
            timeline.counts()
        );
    }
}

#[test]
fn drift_correction_cannot_be_heard() {
    let mut source = Source::new();
    let packets: Vec<_> = (0..1000).map(|at| source.next(at * 20_010)).collect();
    let (out, _) = play(packets, 20_010);
    assert!(tone_share(&out) > 0.97, "{}", tone_share(&out));
}

#[test]
fn a_late_first_packet_does_not_shift_the_call() {
    let mut packets = steady(1000);
    packets[0].0.arrival_us += 120_000;
    packets.rotate_left(0);
    let (out, timeline) = play(packets, 20_000);
    let stream = timeline.stream.as_ref().expect("a stream");
    let position = stream.newest.timestamp as i64 + stream.offset;
    assert!((position - 999 * 160).abs() <= 40, "{position}");
    assert!(tone_share(&out[8000..]) > 0.95);
}

#[test]
fn nothing_at_all_is_silence() {
    let (mut timeline, mut out) = (Timeline::new(8000), Vec::new());
    timeline.drain(10_000_000, &mut out);
    assert_eq!(out.len(), 80_000);
    assert!(out.iter().all(|sample| *sample == 0));
    assert_eq!(timeline.drained(), 80_000);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(64))]
    #[test]
    fn any_packets_give_audio_of_the_right_length(
        packets in proptest::collection::vec((0u64..8_000_000, proptest::prelude::any::<(u16, u32, u8)>(), 1usize..400), 0..60),
    ) {
        let (mut timeline, mut out) = (Timeline::new(8000), Vec::new());
        let mut packets = packets;
        packets.sort_by_key(|packet| packet.0);
        for (arrival_us, (sequence, timestamp, ssrc), len) in packets {
            timeline.drain(arrival_us.saturating_sub(WINDOW_MS * 1000), &mut out);
            let ssrc = u32::from(ssrc % 2);
            timeline.push(Place { arrival_us, sequence, timestamp, ssrc }, &vec![100; len]);
        }
        timeline.drain(8_000_000, &mut out);
        proptest::prop_assert_eq!(out.len(), 64_000);
    }
}
