//! One leg of a call as it is stored and shown.

use api_types::{DirectionFigures, Incident, LegQuality, QualitySlot, Witness};
use store::entity::call_quality;
use uuid::Uuid;

use super::series;
use crate::calls::word;

/// Incidents kept of one leg.
const MOST_INCIDENTS: usize = 200;
/// Two of a kind that are closer than this, in milliseconds, are the same one.
const SAME_MS: i64 = 500;

/// What a witness has new of a leg.
#[derive(Clone, Debug, Default)]
pub(crate) struct Measured {
    /// As in [`api_types::QualityReport::codec`].
    pub codec: String,
    /// As in [`api_types::QualityReport::way`].
    pub way: String,
    /// Figures.
    pub slots: Vec<QualitySlot>,
    /// What was met.
    pub incidents: Vec<Incident>,
}

/// The row of a leg with what is new.
pub(crate) fn with(
    (call_id, leg, witness): (Uuid, &str, Witness),
    row: Option<call_quality::Model>,
    new: Measured,
    now: i64,
) -> call_quality::Model {
    let mut row = row.unwrap_or_else(|| call_quality::Model {
        call_id,
        leg: leg.to_owned(),
        witness: word(witness),
        updated_at: now,
        codec: String::new(),
        way: String::new(),
        mos_tenths: None,
        slots: String::new(),
        incidents: String::new(),
    });
    let mut slots = series::read(&row.slots);
    series::merge(&mut slots, new.slots);
    let mut incidents = read_incidents(&row.incidents);
    merge_incidents(&mut incidents, new.incidents);
    row.updated_at = now;
    for (known, new) in [(&mut row.codec, new.codec), (&mut row.way, new.way)] {
        if !new.is_empty() {
            *known = new;
        }
    }
    let worst = series::total(&slots).and_then(|total| total.worst());
    row.mos_tenths = worst.map(i32::from);
    row.slots = series::write(&slots);
    row.incidents = serde_json::to_string(&incidents).unwrap_or_default();
    row
}

/// The row of a leg as people see it.
pub(crate) fn shown(row: &call_quality::Model, name: Option<String>) -> LegQuality {
    let slots = series::read(&row.slots);
    LegQuality {
        extension: Some(row.leg.clone()).filter(|leg| !leg.is_empty()),
        name,
        witness: match row.witness.as_str() {
            "browser" => Witness::Browser,
            _ => Witness::Gateway,
        },
        codec: row.codec.clone(),
        way: row.way.clone(),
        total: series::total(&slots),
        slots,
        incidents: read_incidents(&row.incidents),
    }
}

fn read_incidents(text: &str) -> Vec<Incident> {
    serde_json::from_str(text).unwrap_or_default()
}

fn merge_incidents(known: &mut Vec<Incident>, new: Vec<Incident>) {
    for incident in new {
        let is_same = |other: &Incident| {
            other.kind == incident.kind
                && other.detail == incident.detail
                && (other.at - incident.at).abs() < SAME_MS
        };
        if known.len() < MOST_INCIDENTS && !known.iter().any(is_same) {
            known.push(incident);
        }
    }
    known.sort_by_key(|incident| incident.at);
}

/// Whether figures can be true.
pub(crate) fn is_plausible(way: DirectionFigures) -> bool {
    way.loss_permille <= 1000
        && (10..=45).contains(&way.mos_tenths)
        && way.level_permille.is_none_or(|level| level <= 1000)
}

#[cfg(test)]
mod tests {
    use api_types::IncidentKind;

    use super::*;

    #[test]
    fn a_report_that_comes_twice_leaves_one_series_and_each_incident_once() {
        let key = (Uuid::nil(), "205", Witness::Browser);
        let incident = |at, kind| Incident {
            at,
            kind,
            detail: String::new(),
        };
        let new = Measured {
            codec: "g711".to_owned(),
            way: "udp".to_owned(),
            slots: vec![QualitySlot {
                at: 10_000,
                secs: 10,
                heard: None,
                said: None,
                round_trip_ms: Some(20),
            }],
            incidents: vec![incident(12_000, IncidentKind::PageBack)],
        };
        let first = with(key, None, new.clone(), 1);
        let again = with(key, Some(first.clone()), new, 1);
        assert_eq!(again, first);
        let later = Measured {
            incidents: vec![
                incident(12_200, IncidentKind::PageBack),
                incident(12_200, IncidentKind::PathRenewed),
            ],
            ..Measured::default()
        };
        let leg = shown(&with(key, Some(again), later, 2), None);
        assert_eq!(leg.slots.len(), 1);
        let kinds: Vec<_> = leg.incidents.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [IncidentKind::PageBack, IncidentKind::PathRenewed]);
        assert_eq!((leg.codec.as_str(), leg.way.as_str()), ("g711", "udp"));
    }
}
