//! From two looks to figures.

use media_core::emodel;

use super::{Loudness, Snapshot};

/// What a packet and its coding take, milliseconds.
const PACKET_MS: u32 = 20;

/// One direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WayFigures {
    /// Packets lost in a thousand.
    pub loss_permille: u16,
    /// Interarrival jitter, milliseconds.
    pub jitter_ms: u16,
    /// Tenths of MOS, 10 to 45.
    pub mos_tenths: u8,
    /// Loudness, thousandths of full scale; `None`: the browser does not tell.
    pub level_permille: Option<u16>,
}

/// Between two looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Figures {
    /// In; `None`: nothing was to come.
    pub heard: Option<WayFigures>,
    /// Out; `None`: the gateway has not reported meanwhile.
    pub said: Option<WayFigures>,
    /// How loud the microphone is, millionths of full scale, which tell a whisper from nothing.
    pub microphone_ppm: Option<u32>,
    /// There and back to the gateway, milliseconds.
    pub round_trip_ms: Option<u16>,
    /// How late what comes in is heard: half the round trip and the wait in the buffer, milliseconds.
    pub late_ms: u16,
}

/// What happened between two looks.
#[must_use]
pub fn figures(before: &Snapshot, after: &Snapshot) -> Figures {
    let trip = u32::from(after.round_trip_ms.unwrap_or(0)) / 2 + PACKET_MS;
    let microphone = loudness(before.said.loudness, after.said.loudness);
    Figures {
        heard: heard(before, after, trip),
        said: said(before, after, trip, microphone.map(thousandths)),
        microphone_ppm: microphone,
        round_trip_ms: after.round_trip_ms,
        late_ms: u16::try_from(trip - PACKET_MS + buffer_ms(before, after)).unwrap_or(u16::MAX),
    }
}

/// How long what was played had waited.
fn buffer_ms(before: &Snapshot, after: &Snapshot) -> u32 {
    let (old, new) = (before.heard, after.heard);
    let played = new.played.saturating_sub(old.played);
    let waited = new.buffered_ms.saturating_sub(old.buffered_ms);
    let mean = waited.checked_div(played).unwrap_or(0);
    u32::try_from(mean.min(10_000)).unwrap_or(0)
}

fn heard(before: &Snapshot, after: &Snapshot, trip: u32) -> Option<WayFigures> {
    let (old, new) = (before.heard, after.heard);
    let came = new.packets.saturating_sub(old.packets);
    let lost = u64::try_from(new.lost.saturating_sub(old.lost)).unwrap_or(0);
    let loss_permille = permille(lost, came + lost)?;
    let one_way = trip + buffer_ms(before, after);
    Some(WayFigures {
        loss_permille,
        jitter_ms: new.jitter_ms,
        mos_tenths: emodel::tenths(emodel::CONCEALED, loss_permille, one_way),
        level_permille: loudness(old.loudness, new.loudness).map(thousandths),
    })
}

/// What was sent between two reports of the gateway, and how much of that it missed.
fn said(before: &Snapshot, after: &Snapshot, trip: u32, level: Option<u16>) -> Option<WayFigures> {
    let new = after.said.report?;
    let old = before.said.report.unwrap_or_default();
    let sent = new.sent.saturating_sub(old.sent);
    let lost = u64::try_from(new.lost.saturating_sub(old.lost)).unwrap_or(0);
    let loss_permille = permille(lost.min(sent), sent)?;
    // Whoever hears us evens the jitter out.
    let one_way = trip + PACKET_MS + 2 * u32::from(new.jitter_ms);
    Some(WayFigures {
        loss_permille,
        jitter_ms: new.jitter_ms,
        mos_tenths: emodel::tenths(emodel::CONCEALED, loss_permille, one_way),
        level_permille: level,
    })
}

fn permille(part: u64, whole: u64) -> Option<u16> {
    let share = (part * 1000 + whole / 2).checked_div(whole)?;
    u16::try_from(share).ok()
}

/// Root mean square between two looks, millionths of full scale (webrtc-stats, `totalAudioEnergy`).
fn loudness(before: Option<Loudness>, after: Option<Loudness>) -> Option<u32> {
    let after = after?;
    let before = before.unwrap_or_default();
    let ms = after.ms.saturating_sub(before.ms);
    let energy = after.energy.saturating_sub(before.energy);
    if ms == 0 {
        return None;
    }
    // Energy is in 1e-9 s, time in 1e-3 s: their ratio in 1e-6, its root in 1e-3.
    let power = energy as f64 / ms as f64;
    Some((power.sqrt() * 1000.0) as u32)
}

fn thousandths(millionths: u32) -> u16 {
    u16::try_from(millionths.div_ceil(1000))
        .unwrap_or(1000)
        .min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quality::{Heard, ReceiverReport, Said};

    fn look(packets: u64, lost: i64) -> Snapshot {
        Snapshot {
            at_ms: packets * 20,
            heard: Heard {
                packets,
                lost,
                jitter_ms: 3,
                ..Heard::default()
            },
            ..Snapshot::default()
        }
    }

    #[test]
    fn loss_is_counted_between_the_two_looks_only() {
        // Before: packets, lost; after: packets, lost; loss in a thousand, tenths of MOS.
        for (p0, l0, p1, l1, loss, mos) in [
            (0, 0, 500, 0, 0, 44),
            (500, 100, 1000, 100, 0, 44),
            (500, 0, 975, 25, 50, 39),
            (500, 0, 950, 50, 100, 34),
            (500, 10, 505, 505, 990, 12),
            (500, 10, 510, 5, 0, 44),
        ] {
            let way = figures(&look(p0, l0), &look(p1, l1)).heard.unwrap();
            assert_eq!((way.loss_permille, way.mos_tenths), (loss, mos), "{way:?}");
        }
        assert_eq!(figures(&look(7, 1), &look(7, 1)).heard, None);
    }

    #[test]
    fn the_buffer_and_the_round_trip_make_it_late() {
        let mut after = look(500, 0);
        after.round_trip_ms = Some(400);
        after.heard.buffered_ms = 500 * 120;
        after.heard.played = 500;
        let now = figures(&look(0, 0), &after);
        // 200 ms there, 120 ms in the buffer, 20 ms of packet.
        assert_eq!(now.heard.unwrap().mos_tenths, 35);
        assert_eq!((now.round_trip_ms, now.late_ms), (Some(400), 320));
    }

    #[test]
    fn what_we_say_is_known_by_reports_and_only_by_new_ones() {
        let report = |at_ms, lost, sent| Snapshot {
            said: Said {
                packets: sent + 30,
                report: Some(ReceiverReport {
                    at_ms,
                    lost,
                    jitter_ms: 10,
                    sent,
                }),
                ..Said::default()
            },
            ..Snapshot::default()
        };
        let said = figures(&report(1, 10, 1000), &report(4, 35, 1500)).said;
        assert_eq!(said.unwrap().loss_permille, 50);
        let same = figures(&report(1, 10, 1000), &report(1, 10, 1000)).said;
        assert_eq!(same, None, "no report came meanwhile");
        let first = figures(&Snapshot::default(), &report(1, 20, 200)).said;
        assert_eq!(first.unwrap().loss_permille, 100);
        assert_eq!(figures(&look(0, 0), &look(9, 0)).said, None);
    }

    #[test]
    fn a_report_counts_the_packets_that_were_sent_when_it_came() {
        let with = |at_ms: u64, packets: u64| Snapshot {
            said: Said {
                packets,
                report: Some(ReceiverReport {
                    at_ms,
                    ..ReceiverReport::default()
                }),
                ..Said::default()
            },
            ..Snapshot::default()
        };
        let sent = |look: &Snapshot| look.said.report.unwrap().sent;
        let mut first = with(7, 100);
        first.follow(&Snapshot::default());
        let mut second = with(7, 150);
        second.follow(&first);
        let mut third = with(9, 200);
        third.follow(&second);
        assert_eq!([sent(&first), sent(&second), sent(&third)], [100, 100, 200]);
    }

    #[test]
    fn loudness_is_the_root_of_mean_energy() {
        let loud = |energy, ms| Some(Loudness { energy, ms });
        // Half of full scale for two seconds: 0.25 · 2 s.
        assert_eq!(
            loudness(loud(0, 0), loud(500_000_000, 2_000)),
            Some(500_000)
        );
        assert_eq!(loudness(loud(9, 10), loud(9, 1_010)), Some(0));
        assert_eq!(loudness(loud(9, 10), loud(9, 10)), None);
        assert_eq!(loudness(None, None), None);
        assert_eq!(thousandths(1), 1, "a whisper is not nothing");
    }
}
