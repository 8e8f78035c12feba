//! Whether the card of a ringing call opens by itself, and how far from the window's corner the
//! phone stands, so that another telephone's window is not covered.

/// Farthest from an edge, in pixels.
const FARTHEST: u16 = 2_000;

/// As one person has set it in one browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PopUp {
    /// False: a call that rings says so in one line, and the card comes when it is wanted.
    pub opens: bool,
    /// From the right edge, in pixels.
    pub right: u16,
    /// From the lower edge, in pixels.
    pub bottom: u16,
}

impl Default for PopUp {
    fn default() -> Self {
        Self {
            opens: true,
            right: 16,
            bottom: 16,
        }
    }
}

impl PopUp {
    /// As it was kept; what cannot be read is as if nothing had been set.
    pub fn read(kept: &str) -> Self {
        let mut parts = kept.split(' ');
        let opens = parts.next().map(|part| part != "0");
        let mut offset = || parts.next().and_then(offset);
        match (opens, offset(), offset()) {
            (Some(opens), Some(right), Some(bottom)) => Self {
                opens,
                right,
                bottom,
            },
            _ => Self::default(),
        }
    }

    /// As it is kept: `1 16 16`.
    pub fn write(self) -> String {
        let Self {
            opens,
            right,
            bottom,
        } = self;
        format!("{} {right} {bottom}", u8::from(opens))
    }
}

/// An offset as it is typed; `None`: it is none.
pub fn offset(typed: &str) -> Option<u16> {
    let pixels = typed.trim().parse().ok()?;
    (pixels <= FARTHEST).then_some(pixels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_was() {
        let set = PopUp {
            opens: false,
            right: 420,
            bottom: 0,
        };
        assert_eq!(PopUp::read(&set.write()), set);
        assert_eq!(PopUp::read(&PopUp::default().write()), PopUp::default());
    }

    #[test]
    fn what_cannot_be_read_is_as_if_nothing_had_been_set() {
        for kept in ["", "0", "0 16", "0 -5 16", "1 16 99999", "true 1 x"] {
            assert_eq!(PopUp::read(kept), PopUp::default(), "{kept}");
        }
    }

    #[test]
    fn an_offset_is_a_number_of_pixels_that_leaves_the_card_on_a_screen() {
        for (typed, is) in [
            ("0", Some(0)),
            (" 420 ", Some(420)),
            ("2000", Some(2000)),
            ("2001", None),
            ("-1", None),
            ("16px", None),
            ("", None),
        ] {
            assert_eq!(offset(typed), is, "{typed}");
        }
    }
}
