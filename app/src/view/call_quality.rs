//! How a call sounded, as rows and a line through time.

use api_types::{
    CallQuality, DirectionFigures, Incident, LegQuality, QualitySlot, QualityTotal, Witness,
};
use phone::Grade;

phrases! {
    /// Whose leg, measured by whom; `{who}` stands in two.
    pub enum LegWords {
        /// An employee's browser.
        Browser => sound.leg_browser,
        /// The same leg at our end, or a telephone's.
        Gateway => sound.leg_gateway,
        /// The provider's.
        Line => sound.leg_line,
    }
}

impl LegWords {
    /// Of a leg.
    pub fn of(leg: &LegQuality) -> Self {
        match (leg.witness, &leg.extension) {
            (_, None) => Self::Line,
            (Witness::Browser, Some(_)) => Self::Browser,
            (Witness::Gateway, Some(_)) => Self::Gateway,
        }
    }
}

/// Who a leg is of.
pub fn owner(leg: &LegQuality) -> String {
    let name = leg.name.clone().or_else(|| leg.extension.clone());
    name.unwrap_or_default()
}

/// The figures that stand for the whole call: those of the employee's browser, else of our end of that
/// leg, else of the line.
pub fn headline(quality: &CallQuality) -> Option<(&LegQuality, QualityTotal)> {
    let measured = quality
        .legs
        .iter()
        .filter_map(|leg| Some((leg, leg.total?)));
    measured.min_by_key(|(leg, _)| match LegWords::of(leg) {
        LegWords::Browser => 0,
        LegWords::Gateway => 1,
        LegWords::Line => 2,
    })
}

/// The worse of both directions, figure by figure.
pub fn worse(total: &QualityTotal) -> DirectionFigures {
    let both = || [total.heard, total.said].into_iter().flatten();
    DirectionFigures {
        loss_permille: both().map(|way| way.loss_permille).max().unwrap_or(0),
        jitter_ms: both().map(|way| way.jitter_ms).max().unwrap_or(0),
        mos_tenths: total.worst().unwrap_or(0),
        level_permille: None,
    }
}

/// The grade of a whole leg.
pub fn grade(total: &QualityTotal) -> Grade {
    Grade::of(total.worst().unwrap_or(0))
}

/// What browsers met, each with the name of its employee.
pub fn incidents(quality: &CallQuality) -> Vec<(String, Incident)> {
    let legs = quality.legs.iter();
    legs.flat_map(|leg| {
        let of = move |incident: &Incident| (owner(leg), incident.clone());
        leg.incidents.iter().map(of)
    })
    .collect()
}

/// MOS of the worse direction of a slot.
fn worst(slot: &QualitySlot) -> Option<u8> {
    let both = [slot.heard, slot.said].into_iter().flatten();
    both.map(|way| way.mos_tenths).min()
}

/// MOS through time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// The `d` of an SVG path, in a box of [`WIDTH`] by [`HEIGHT`].
    pub path: String,
    /// Tenths of MOS: the least and the most.
    pub between: (u8, u8),
}

/// Of the box.
pub const WIDTH: i64 = 96;
/// Of the box; 1.0 is at the bottom, 4.5 at the top.
pub const HEIGHT: i64 = 30;

/// The curve of a leg; `None`: a single slot is no curve.
pub fn curve(slots: &[QualitySlot]) -> Option<Curve> {
    let points: Vec<(i64, u8)> = slots
        .iter()
        .filter_map(|slot| Some((slot.at, worst(slot)?)))
        .collect();
    let (first, last) = (points.first()?.0, points.last()?.0);
    if last <= first {
        return None;
    }
    let mut path = String::new();
    for (at, mos) in &points {
        let x = (at - first) * WIDTH / (last - first);
        let y = HEIGHT - 1 - (i64::from(*mos) - 10) * (HEIGHT - 2) / 35;
        let step = if path.is_empty() { 'M' } else { 'L' };
        path.push_str(&format!("{step}{x} {y}"));
    }
    let mos = || points.iter().map(|(_, mos)| *mos);
    Some(Curve {
        path,
        between: (mos().min()?, mos().max()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(mos_tenths: u8, loss_permille: u16) -> Option<DirectionFigures> {
        Some(DirectionFigures {
            loss_permille,
            jitter_ms: 5,
            mos_tenths,
            level_permille: None,
        })
    }

    fn slot(at: i64, mos: u8) -> QualitySlot {
        QualitySlot {
            at,
            secs: 10,
            heard: way(44, 0),
            said: way(mos, 0),
            round_trip_ms: None,
        }
    }

    fn leg(extension: Option<&str>, witness: Witness, total: Option<QualityTotal>) -> LegQuality {
        LegQuality {
            extension: extension.map(str::to_owned),
            name: None,
            witness,
            codec: String::new(),
            way: String::new(),
            total,
            slots: Vec::new(),
            incidents: Vec::new(),
        }
    }

    #[test]
    fn the_browser_speaks_for_the_call_if_it_measured_anything() {
        let total = QualityTotal {
            secs: 10,
            heard: way(40, 12),
            said: way(33, 3),
            round_trip_ms: Some(9),
        };
        let line = leg(None, Witness::Gateway, Some(total));
        let end = leg(Some("205"), Witness::Gateway, Some(total));
        let mut quality = CallQuality {
            legs: vec![end, leg(Some("205"), Witness::Browser, None), line],
        };
        let words = |quality: &CallQuality| headline(quality).map(|(leg, _)| LegWords::of(leg));
        assert_eq!(words(&quality), Some(LegWords::Gateway));
        quality.legs[1].total = Some(total);
        assert_eq!(words(&quality), Some(LegWords::Browser));
        let worse = worse(&headline(&quality).unwrap().1);
        assert_eq!((worse.mos_tenths, worse.loss_permille), (33, 12));
        assert_eq!(grade(&total), Grade::Poor);
        assert_eq!(headline(&CallQuality::default()), None);
    }

    #[test]
    fn the_curve_spans_the_call_and_falls_with_mos() {
        let slots = [slot(0, 45), slot(10_000, 10), slot(20_000, 45)];
        let curve = curve(&slots).unwrap();
        assert_eq!(curve.path, "M0 2L48 29L96 2", "{curve:?}");
        assert_eq!(curve.between, (10, 44));
        assert_eq!(super::curve(&slots[..1]), None);
    }
}
