//! How good a call sounds, out of what its packets met: the E-model of ITU-T G.107, simplified.
//!
//! `R = 93.2 − Id − Ie,eff`: everything that is not the network has the default of G.107 table 2.
//! - `Ie,eff = Ie + (95 − Ie) · Ppl / (Ppl / BurstR + Bpl)` (G.107 §7.5), with random loss (`BurstR` 1).
//! - `Id` is the usual fit of the delay impairment without echo: `0.024 d`, and `0.11` for each
//!   millisecond beyond 177.3 (Cole and Rosenbluth, "Voice over IP performance monitoring", 2001).
//! - MOS out of R: G.107 Annex B.
//!
//! `Ie` and `Bpl` are those of G.113 Appendix I: G.711 with concealment 0 and 25.1, without 0 and 4.3.
//! Appendix I knows neither Opus nor G.722 on this scale. Every end of ours conceals, so both are taken
//! like G.711 with concealment, which is careful for Opus.

/// What `R` is before anything is taken off (G.107 table 2).
const BEST: f64 = 93.2;
/// Delay up to which nobody minds, milliseconds.
const NOTICED_MS: f64 = 177.3;

/// How a codec bears loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Robustness {
    /// Equipment impairment factor without loss.
    pub ie: f64,
    /// Packet-loss robustness factor.
    pub bpl: f64,
}

/// G.711 whose gaps are concealed (G.113 Appendix I), and whatever a browser or our recorder plays.
pub const CONCEALED: Robustness = Robustness { ie: 0.0, bpl: 25.1 };
/// G.711 whose gaps are heard.
pub const PLAIN: Robustness = Robustness { ie: 0.0, bpl: 4.3 };

/// The transmission rating `R`, 0 to 93.2.
#[must_use]
pub fn rating(codec: Robustness, loss_percent: f64, one_way_ms: f64) -> f64 {
    let loss = loss_percent.clamp(0.0, 100.0);
    let lossy = codec.ie + (95.0 - codec.ie) * loss / (loss + codec.bpl);
    let late = 0.024 * one_way_ms + 0.11 * (one_way_ms - NOTICED_MS).max(0.0);
    (BEST - late - lossy).max(0.0)
}

/// Mean opinion score, 1 to 4.5.
#[must_use]
pub fn mos(rating: f64) -> f64 {
    if rating <= 0.0 {
        return 1.0;
    }
    let r = rating.min(100.0);
    // The polynomial dips below 1 near 0.
    (1.0 + 0.035 * r + r * (r - 60.0) * (100.0 - r) * 7e-6).max(1.0)
}

/// Tenths of MOS, 10 to 45, of what somebody hears over a path that loses so many packets in a
/// thousand and takes so many milliseconds, buffers included.
#[must_use]
pub fn tenths(codec: Robustness, loss_permille: u16, one_way_ms: u32) -> u8 {
    let rating = rating(
        codec,
        f64::from(loss_permille) / 10.0,
        f64::from(one_way_ms),
    );
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "10 to 45"
    )]
    let tenths = (mos(rating) * 10.0 + 0.5) as u8;
    tenths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 0.06, "{a} is not {b}");
    }

    /// G.107 Annex B, table B.1.
    #[test]
    fn mos_follows_the_table_of_annex_b() {
        for (r, wanted) in [
            (90.0, 4.34),
            (80.0, 4.03),
            (70.0, 3.60),
            (60.0, 3.10),
            (50.0, 2.58),
        ] {
            near(mos(r), wanted);
        }
        near(mos(0.0), 1.0);
        near(mos(3.0), 1.0);
    }

    #[test]
    fn a_path_without_loss_or_delay_is_as_good_as_it_gets() {
        near(rating(CONCEALED, 0.0, 0.0), 93.2);
        assert_eq!(tenths(CONCEALED, 0, 20), 44);
    }

    /// Ie,eff of G.711 by the formula with the factors of G.113.
    #[test]
    fn loss_costs_what_the_formula_says() {
        for (permille, concealed, plain) in [
            (10, 93.2 - 3.64, 93.2 - 17.92),
            (30, 93.2 - 10.14, 93.2 - 39.04),
            (50, 93.2 - 15.78, 93.2 - 51.08),
            (100, 93.2 - 27.07, 93.2 - 66.43),
        ] {
            let percent = f64::from(permille) / 10.0;
            near(rating(CONCEALED, percent, 0.0), concealed);
            near(rating(PLAIN, percent, 0.0), plain);
        }
    }

    #[test]
    fn delay_hurts_little_at_first_and_much_after_177_ms() {
        near(rating(CONCEALED, 0.0, 100.0), 90.8);
        near(rating(CONCEALED, 0.0, 150.0), 89.6);
        near(rating(CONCEALED, 0.0, 300.0), 93.2 - 7.2 - 13.497);
        assert!(tenths(CONCEALED, 0, 400) < 36, "many are dissatisfied");
    }

    #[test]
    fn more_loss_or_delay_is_never_better() {
        for loss in 0..50_u16 {
            for delay in 0..50_u16 {
                let here = tenths(CONCEALED, loss * 10, u32::from(delay) * 20);
                assert!(tenths(CONCEALED, loss * 10 + 10, u32::from(delay) * 20) <= here);
                assert!(tenths(CONCEALED, loss * 10, u32::from(delay) * 20 + 20) <= here);
                assert!((10..=45).contains(&here));
            }
        }
    }
}
