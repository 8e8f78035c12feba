//! From figures to a word and advice that do not flicker.

use super::{Figures, WayFigures};

/// How good it sounds, by the worse direction. The bounds are those of ITU-T G.107 Annex B: satisfied,
/// some dissatisfied, many dissatisfied, nearly all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Grade {
    /// MOS below 3.1.
    Bad,
    /// Below 3.6.
    Poor,
    /// Below 4.0.
    Fair,
    /// 4.0 and above.
    #[default]
    Good,
}

impl Grade {
    /// Of tenths of MOS.
    #[must_use]
    pub fn of(mos_tenths: u8) -> Self {
        match mos_tenths {
            40.. => Self::Good,
            36.. => Self::Fair,
            31.. => Self::Poor,
            _ => Self::Bad,
        }
    }
}

/// What is wrong, with its figure: the one thing that matters most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Nothing comes from the microphone.
    SilentMicrophone,
    /// The network between this browser and the gateway loses packets: so many in a thousand.
    OwnLoss(u16),
    /// The other side's network does, or the provider's.
    FarLoss(u16),
    /// What is said is heard late: milliseconds one way.
    Late(u16),
    /// Packets come unevenly: milliseconds.
    Uneven(u16),
}

impl Advice {
    /// Whether it says the same, perhaps with another figure.
    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }
}

/// What the card shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QualityView {
    /// The word.
    pub grade: Grade,
    /// The advice.
    pub advice: Option<Advice>,
    /// Tenths of MOS of the worse direction.
    pub mos_tenths: u8,
    /// The greater loss, in a thousand.
    pub loss_permille: u16,
    /// The greater jitter, milliseconds.
    pub jitter_ms: u16,
    /// There and back to the gateway, milliseconds.
    pub round_trip_ms: Option<u16>,
}

/// What the gateway measured on the far end's leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FarFigures {
    /// Packets lost in a thousand from the far end to the gateway.
    pub heard_loss: u16,
    /// And from the gateway to the far end.
    pub said_loss: u16,
    /// The larger jitter, milliseconds.
    pub jitter_ms: u16,
}

/// What figures must be seen with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Circumstances {
    /// The microphone is meant to be heard: neither muted nor on hold.
    pub(crate) speaks: bool,
}

/// Looks for which a lower grade, or new advice, must last.
const WORSE_AFTER: u8 = 3;
/// Looks for which a better grade, or no advice, must last.
const BETTER_AFTER: u8 = 6;
/// Looks for which loss that only we see must last before our network is blamed: by then the gateway
/// has told of the far end's.
const BLAME_AFTER: u8 = 9;
/// Looks after which what the gateway told of the far end is old.
const FAR_IS_OLD: u8 = 15;
/// Looks without any sound from the microphone before that is said.
const SILENT_AFTER: u8 = 10;
/// Millionths of full scale: −94 dB. A microphone that is on is louder in any room.
const SILENCE_PPM: u32 = 20;
/// From these on there is advice; below half of them it goes.
const LOSS: u16 = 30;
const LATE_MS: u16 = 250;
const UNEVEN_MS: u16 = 60;

/// Something that must last before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Lasting<T> {
    what: T,
    looks: u8,
}

/// Follows the figures, a look a second.
#[derive(Debug, Default)]
pub(super) struct Watch {
    shown: Option<QualityView>,
    next_grade: Option<Lasting<Grade>>,
    next_advice: Option<Lasting<Option<Advice>>>,
    silent: u8,
    far: FarFigures,
    far_age: u8,
}

impl Watch {
    pub(super) fn view(&self) -> Option<QualityView> {
        self.shown
    }

    pub(super) fn far_measured(&mut self, far: FarFigures) {
        self.far = far;
        self.far_age = 0;
    }

    pub(super) fn take(&mut self, now: &Figures, circumstances: Circumstances) {
        self.listen(now, circumstances);
        self.far_age = self.far_age.saturating_add(1);
        if self.far_age > FAR_IS_OLD {
            self.far = FarFigures::default();
        }
        let both = || [now.heard, now.said].into_iter().flatten();
        let Some(mos_tenths) = both().map(|way| way.mos_tenths).min() else {
            return;
        };
        let most = |of: fn(WayFigures) -> u16| both().map(of).max().unwrap_or(0);
        let known = self.shown;
        let (grade, advice) = known.map_or((Grade::Good, None), |view| (view.grade, view.advice));
        let wanted = self.wanted(now, advice);
        self.shown = Some(QualityView {
            grade: self.next_grade(grade, Grade::of(mos_tenths)),
            advice: self.next_advice(advice, wanted),
            mos_tenths,
            loss_permille: most(|way| way.loss_permille),
            jitter_ms: most(|way| way.jitter_ms),
            round_trip_ms: now.round_trip_ms,
        });
    }

    fn listen(&mut self, now: &Figures, circumstances: Circumstances) {
        let is_silent = now.microphone_ppm.is_some_and(|level| level < SILENCE_PPM);
        self.silent = if is_silent && circumstances.speaks {
            self.silent.saturating_add(1)
        } else {
            0
        };
    }

    /// What there is to say of these figures, the worst first. What is being said already goes on until
    /// its figure is half of what it began with.
    fn wanted(&self, now: &Figures, shown: Option<Advice>) -> Option<Advice> {
        let is_said = |advice: Advice| shown.is_some_and(|shown| shown.is_like(advice));
        let reached = |advice: Advice, value: u16, bound: u16| {
            let bound = if is_said(advice) { bound / 2 } else { bound };
            (value >= bound).then_some(advice)
        };
        // The window of the figures is as long as this takes.
        if self.silent >= 1 && (self.silent >= SILENT_AFTER || is_said(Advice::SilentMicrophone)) {
            return Some(Advice::SilentMicrophone);
        }
        let heard = now.heard.map_or(0, |way| way.loss_permille);
        let said = now.said.map_or(0, |way| way.loss_permille);
        let own = said.max(heard.saturating_sub(self.far.heard_loss));
        let far = self.far.heard_loss.max(self.far.said_loss);
        let jitter = [now.heard, now.said].into_iter().flatten();
        let jitter = jitter.map(|way| way.jitter_ms).max().unwrap_or(0);
        reached(Advice::OwnLoss(own), own, LOSS)
            .or_else(|| reached(Advice::FarLoss(far), far, LOSS))
            .or_else(|| reached(Advice::Late(now.late_ms), now.late_ms, LATE_MS))
            .or_else(|| reached(Advice::Uneven(jitter), jitter, UNEVEN_MS))
    }

    fn next_grade(&mut self, shown: Grade, measured: Grade) -> Grade {
        if measured == shown {
            self.next_grade = None;
            return shown;
        }
        let is_worse = measured < shown;
        // A grade further down or up still is worse or better.
        let looks = match self.next_grade {
            Some(next) if (next.what < shown) == is_worse => next.looks.saturating_add(1),
            _ => 1,
        };
        let needed = if is_worse { WORSE_AFTER } else { BETTER_AFTER };
        if looks < needed {
            let what = measured;
            self.next_grade = Some(Lasting { what, looks });
            return shown;
        }
        self.next_grade = None;
        measured
    }

    fn next_advice(&mut self, shown: Option<Advice>, wanted: Option<Advice>) -> Option<Advice> {
        let alike = |a: Option<Advice>, b: Option<Advice>| match (a, b) {
            (Some(a), Some(b)) => a.is_like(b),
            (a, b) => a.is_none() && b.is_none(),
        };
        if alike(shown, wanted) {
            self.next_advice = None;
            return wanted;
        }
        let looks = match self.next_advice {
            Some(next) if alike(next.what, wanted) => next.looks.saturating_add(1),
            _ => 1,
        };
        let needed = match wanted {
            None => BETTER_AFTER,
            Some(Advice::OwnLoss(_)) => BLAME_AFTER,
            Some(_) => WORSE_AFTER,
        };
        if looks < needed {
            let what = wanted;
            self.next_advice = Some(Lasting { what, looks });
            return shown;
        }
        self.next_advice = None;
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEAKS: Circumstances = Circumstances { speaks: true };

    fn way(loss_permille: u16, mos_tenths: u8) -> Option<WayFigures> {
        Some(WayFigures {
            loss_permille,
            jitter_ms: 3,
            mos_tenths,
            level_permille: Some(50),
        })
    }

    fn lossy(heard: u16, said: u16) -> Figures {
        let mos = |loss: u16| 44 - u8::try_from(loss / 10).unwrap();
        Figures {
            heard: way(heard, mos(heard)),
            said: way(said, mos(said)),
            microphone_ppm: Some(50_000),
            round_trip_ms: Some(20),
            late_ms: 60,
        }
    }

    fn after(watch: &mut Watch, figures: Figures, looks: usize) -> QualityView {
        (0..looks).for_each(|_| watch.take(&figures, SPEAKS));
        watch.view().unwrap()
    }

    #[test]
    fn grades_have_the_bounds_of_annex_b() {
        let grades = [44, 40, 39, 36, 35, 31, 30, 10].map(Grade::of);
        use Grade::{Bad, Fair, Good, Poor};
        assert_eq!(grades, [Good, Good, Fair, Fair, Poor, Poor, Bad, Bad]);
    }

    #[test]
    fn a_grade_falls_after_three_looks_rises_after_six_and_does_not_flicker() {
        let mut watch = Watch::default();
        assert_eq!(after(&mut watch, lossy(0, 0), 1).grade, Grade::Good);
        assert_eq!(after(&mut watch, lossy(80, 0), 2).grade, Grade::Good);
        assert_eq!(after(&mut watch, lossy(0, 0), 1).grade, Grade::Good);
        assert_eq!(after(&mut watch, lossy(80, 0), 2).grade, Grade::Good);
        assert_eq!(after(&mut watch, lossy(60, 0), 1).grade, Grade::Fair);
        assert_eq!(after(&mut watch, lossy(0, 0), 5).grade, Grade::Fair);
        assert_eq!(after(&mut watch, lossy(0, 0), 1).grade, Grade::Good);
    }

    #[test]
    fn our_network_is_blamed_for_loss_that_lasts_and_its_figure_follows() {
        let mut watch = Watch::default();
        assert_eq!(after(&mut watch, lossy(50, 0), 8).advice, None);
        let own = |loss| Some(Advice::OwnLoss(loss));
        assert_eq!(after(&mut watch, lossy(50, 0), 1).advice, own(50));
        assert_eq!(after(&mut watch, lossy(0, 42), 1).advice, own(42));
        // Half of what it takes to begin is enough to go on.
        assert_eq!(after(&mut watch, lossy(16, 0), 20).advice, own(16));
        assert_eq!(after(&mut watch, lossy(9, 0), 5).advice, own(16));
        assert_eq!(after(&mut watch, lossy(9, 0), 1).advice, None);
        assert_eq!(after(&mut watch, lossy(16, 0), 20).advice, None);
    }

    #[test]
    fn loss_of_the_far_end_is_not_ours() {
        let mut watch = Watch::default();
        after(&mut watch, lossy(100, 0), 5);
        let far = FarFigures {
            heard_loss: 95,
            ..FarFigures::default()
        };
        watch.far_measured(far);
        let view = after(&mut watch, lossy(100, 0), 3);
        assert_eq!(view.advice, Some(Advice::FarLoss(95)));
        // What it does not hear of us is told too, though nothing of it is seen here.
        let mut watch = Watch::default();
        watch.far_measured(FarFigures {
            said_loss: 60,
            ..FarFigures::default()
        });
        let view = after(&mut watch, lossy(0, 0), 3);
        assert_eq!(view.advice, Some(Advice::FarLoss(60)));
        assert_eq!(after(&mut watch, lossy(0, 0), 25).advice, None, "it is old");
    }

    #[test]
    fn a_silent_microphone_is_named_unless_it_is_meant_to_be_silent() {
        let silent = Figures {
            microphone_ppm: Some(0),
            ..lossy(0, 0)
        };
        let mut watch = Watch::default();
        for _ in 0..40 {
            watch.take(&silent, Circumstances { speaks: false });
        }
        assert_eq!(watch.view().unwrap().advice, None);
        assert_eq!(after(&mut watch, silent, 11).advice, None);
        let named = after(&mut watch, silent, 1).advice;
        assert_eq!(named, Some(Advice::SilentMicrophone));
        assert_eq!(after(&mut watch, lossy(0, 0), 6).advice, None);
        let unknown = Figures {
            microphone_ppm: None,
            ..silent
        };
        assert_eq!(after(&mut watch, unknown, 60).advice, None);
    }

    #[test]
    fn delay_and_jitter_are_told_of_when_nothing_is_worse() {
        let mut watch = Watch::default();
        let late = Figures {
            late_ms: 260,
            ..lossy(0, 0)
        };
        assert_eq!(after(&mut watch, late, 3).advice, Some(Advice::Late(260)));
        let mut uneven = lossy(0, 0);
        uneven.heard = uneven.heard.map(|way| WayFigures {
            jitter_ms: 90,
            ..way
        });
        assert_eq!(
            after(&mut watch, uneven, 3).advice,
            Some(Advice::Uneven(90))
        );
    }
}
