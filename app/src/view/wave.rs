//! The picture of a recording: both sides' loudness as bars, agent up, client down.

/// Width of the drawing in its own units; the page stretches it.
pub const WIDTH: u32 = 420;
/// Height of the drawing in its own units.
pub const HEIGHT: u32 = 92;
/// Bars across the width.
pub const COLUMNS: usize = 140;

/// Which half of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The agent's, above the middle.
    Upper,
    /// The client's, below it.
    Lower,
}

/// The loudest step of each column; 0 where there is no sound or nothing recorded.
pub fn columns(peaks: &[u8], columns: usize) -> Vec<u8> {
    (0..columns)
        .map(|column| {
            let from = column * peaks.len() / columns;
            let to = ((column + 1) * peaks.len() / columns).max(from + 1);
            peaks
                .get(from..to.min(peaks.len()))
                .and_then(|part| part.iter().max())
                .copied()
                .unwrap_or(0)
        })
        .collect()
}

/// The bars of one half as an SVG path. Silence (below 1/50) draws nothing.
pub fn path(peaks: &[u8], half: Half) -> String {
    let step = f64::from(WIDTH) / COLUMNS as f64;
    let middle = f64::from(HEIGHT) / 2.0;
    let mut path = String::new();
    for (column, peak) in columns(peaks, COLUMNS).into_iter().enumerate() {
        if peak < 5 {
            continue;
        }
        let x = step * (column as f64 + 0.5);
        let length = f64::from(peak) / 255.0 * (middle - 6.0) + 1.0;
        let (from, to) = match half {
            Half::Upper => (middle - 2.5, middle - 2.5 - length),
            Half::Lower => (middle + 2.5, middle + 2.5 + length),
        };
        path.push_str(&format!("M{x:.1} {from:.1}V{to:.1}"));
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_its_loudest_step() {
        assert_eq!(columns(&[1, 9, 3, 4], 2), [9, 4]);
        assert_eq!(columns(&[7], 3), [7, 7, 7]);
        assert_eq!(columns(&[], 2), [0, 0]);
    }

    #[test]
    fn silence_draws_nothing_and_sound_stays_inside() {
        assert_eq!(path(&[0; 500], Half::Upper), "");
        let path = path(&[255; 500], Half::Lower);
        assert_eq!(path.matches('M').count(), COLUMNS);
        assert!(path.split('V').skip(1).all(|rest| {
            rest.split('M').next().unwrap().parse::<f64>().unwrap() <= f64::from(HEIGHT)
        }));
    }
}
