//! A series of slots: as text, merged, summed up.

use api_types::{DirectionFigures, QualitySlot, QualityTotal};

/// Slots kept of one leg: six hours of ten seconds.
pub(super) const MOST: usize = 2160;
/// Two slots that begin closer than this, in milliseconds, are the same one.
const SAME_MS: i64 = 5_000;

/// As it is stored: the time since the slot before, then the figures, `-` for what is absent.
pub(super) fn write(slots: &[QualitySlot]) -> String {
    let mut text = String::with_capacity(slots.len() * 32);
    let mut before = 0;
    for slot in slots {
        let mut fields = vec![(slot.at - before).to_string(), slot.secs.to_string()];
        for way in [slot.heard, slot.said] {
            fields.extend(write_way(way));
        }
        fields.push(written(slot.round_trip_ms));
        text.push_str(&fields.join(","));
        text.push(';');
        before = slot.at;
    }
    text
}

fn write_way(way: Option<DirectionFigures>) -> [String; 4] {
    [
        written(way.map(|way| way.loss_permille)),
        written(way.map(|way| way.jitter_ms)),
        written(way.map(|way| way.mos_tenths)),
        written(way.and_then(|way| way.level_permille)),
    ]
}

fn written(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// What was stored; what cannot be read ends it.
pub(super) fn read(text: &str) -> Vec<QualitySlot> {
    let mut before = 0;
    text.split_terminator(';')
        .map_while(|slot| {
            let slot = read_slot(slot, before)?;
            before = slot.at;
            Some(slot)
        })
        .collect()
}

fn read_slot(text: &str, before: i64) -> Option<QualitySlot> {
    let mut fields = text.split(',');
    let at = before + fields.next()?.parse::<i64>().ok()?;
    let secs = fields.next()?.parse().ok()?;
    let heard = read_way(&mut fields)?;
    let said = read_way(&mut fields)?;
    Some(QualitySlot {
        at,
        secs,
        heard,
        said,
        round_trip_ms: fields.next()?.parse().ok(),
    })
}

fn read_way<'a>(fields: &mut impl Iterator<Item = &'a str>) -> Option<Option<DirectionFigures>> {
    let [loss, jitter, mos, level] = [
        fields.next()?,
        fields.next()?,
        fields.next()?,
        fields.next()?,
    ];
    let (Ok(loss_permille), Ok(jitter_ms), Ok(mos_tenths)) =
        (loss.parse(), jitter.parse(), mos.parse())
    else {
        return Some(None);
    };
    Some(Some(DirectionFigures {
        loss_permille,
        jitter_ms,
        mos_tenths,
        level_permille: level.parse().ok(),
    }))
}

/// Takes new slots in. Of two that are the same the longer one stays, so that what is sent again, or
/// begun by a page and ended by the next, counts once.
pub(super) fn merge(slots: &mut Vec<QualitySlot>, new: impl IntoIterator<Item = QualitySlot>) {
    for slot in new {
        let has_room = slots.len() < MOST;
        let same = slots
            .iter_mut()
            .rev()
            .find(|known| (known.at - slot.at).abs() < SAME_MS);
        match same {
            Some(known) if known.secs < slot.secs => *known = slot,
            Some(_) => {}
            None if has_room => slots.push(slot),
            None => {}
        }
    }
    slots.sort_by_key(|slot| slot.at);
}

/// All of them as one: means weighted by their lengths.
pub(super) fn total(slots: &[QualitySlot]) -> Option<QualityTotal> {
    let secs: u32 = slots.iter().map(|slot| u32::from(slot.secs)).sum();
    (secs > 0).then(|| QualityTotal {
        secs,
        heard: mean_way(slots, |slot| slot.heard),
        said: mean_way(slots, |slot| slot.said),
        round_trip_ms: mean(slots, |slot| slot.round_trip_ms.map(u64::from)),
    })
}

fn mean_way(
    slots: &[QualitySlot],
    of: impl Fn(&QualitySlot) -> Option<DirectionFigures>,
) -> Option<DirectionFigures> {
    let part = |read: fn(DirectionFigures) -> u64| mean(slots, |slot| of(slot).map(read));
    Some(DirectionFigures {
        loss_permille: part(|way| way.loss_permille.into())?,
        jitter_ms: part(|way| way.jitter_ms.into())?,
        mos_tenths: u8::try_from(part(|way| way.mos_tenths.into())?).ok()?,
        level_permille: mean(slots, |slot| {
            of(slot).and_then(|way| way.level_permille).map(u64::from)
        }),
    })
}

fn mean(slots: &[QualitySlot], of: impl Fn(&QualitySlot) -> Option<u64>) -> Option<u16> {
    let known = slots
        .iter()
        .filter_map(|slot| Some((of(slot)?, u64::from(slot.secs))));
    let (sum, secs) = known.fold((0, 0), |(sum, all), (value, secs)| {
        (sum + value * secs, all + secs)
    });
    let rounded = (sum + secs / 2).checked_div(secs)?;
    u16::try_from(rounded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(at: i64, secs: u8, loss_permille: u16) -> QualitySlot {
        let way = DirectionFigures {
            loss_permille,
            jitter_ms: 4,
            mos_tenths: 44,
            level_permille: Some(70),
        };
        QualitySlot {
            at,
            secs,
            heard: Some(way),
            said: None,
            round_trip_ms: Some(30),
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let mut other = slot(1_700_000_010_000, 7, 31);
        other.said = other.heard.take();
        other.round_trip_ms = None;
        let slots = vec![slot(1_700_000_000_000, 10, 0), other];
        let text = write(&slots);
        assert!(text.len() < 80, "{text}");
        assert_eq!(read(&text), slots);
        assert_eq!(read(""), []);
        assert_eq!(read("nonsense;1,2"), []);
    }

    #[test]
    fn what_is_sent_again_counts_once_and_the_longer_of_two_stays() {
        let mut slots = vec![slot(10_000, 10, 0), slot(20_000, 4, 0)];
        let before = slots.clone();
        merge(&mut slots, before.clone());
        assert_eq!(slots, before);
        // The page came back within the slot, its clock a little off.
        merge(&mut slots, [slot(20_900, 6, 50), slot(30_000, 10, 10)]);
        assert_eq!(
            slots,
            [
                slot(10_000, 10, 0),
                slot(20_900, 6, 50),
                slot(30_000, 10, 10)
            ]
        );
        merge(&mut slots, [slot(20_000, 4, 0), slot(0, 10, 0)]);
        let at: Vec<_> = slots.iter().map(|slot| slot.at).collect();
        assert_eq!(at, [0, 10_000, 20_900, 30_000]);
    }

    #[test]
    fn a_series_does_not_grow_without_bounds() {
        let mut slots = Vec::new();
        merge(&mut slots, (0..3000).map(|n| slot(n * 10_000, 10, 0)));
        assert_eq!(slots.len(), MOST);
    }

    #[test]
    fn the_total_is_weighted_by_time_and_knows_only_what_was_measured() {
        let sum = total(&[slot(0, 10, 0), slot(10_000, 5, 60)]).unwrap();
        assert_eq!(sum.secs, 15);
        assert_eq!(sum.heard.unwrap().loss_permille, 20);
        assert_eq!((sum.said, sum.round_trip_ms), (None, Some(30)));
        assert_eq!(sum.worst(), Some(44));
        assert_eq!(total(&[]), None);
    }
}
