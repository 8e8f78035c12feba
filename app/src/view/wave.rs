//! The picture of a recording: both sides' loudness as bars, agent up, client down.

/// Width of the drawing in its own units; the page stretches it.
pub const WIDTH: u32 = 4200;
/// Height of the drawing in its own units.
pub const HEIGHT: u32 = 920;
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
    let step = WIDTH / COLUMNS as u32;
    let middle = HEIGHT / 2;
    let mut path = String::new();
    for (column, peak) in (0..).zip(columns(peaks, COLUMNS)) {
        if peak < 5 {
            continue;
        }
        let x = step * column + step / 2;
        let length = u32::from(peak) * (middle - 60) / 255 + 10;
        let (from, to) = match half {
            Half::Upper => (middle - 25, middle - 25 - length),
            Half::Lower => (middle + 25, middle + 25 + length),
        };
        path.push_str(&format!("M{x} {from}V{to}"));
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
        assert!(
            path.split('V')
                .skip(1)
                .all(|rest| { rest.split('M').next().unwrap().parse::<u32>().unwrap() <= HEIGHT })
        );
    }
}
