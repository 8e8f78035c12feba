//! How a call sounds, in words.

use phone::{Advice, Grade};

phrases! {
    /// The word beside the bars.
    pub enum GradeWords {
        /// Satisfied.
        Good => quality.good,
        /// Some dissatisfied.
        Fair => quality.fair,
        /// Many.
        Poor => quality.poor,
        /// Nearly all.
        Bad => quality.bad,
    }
}

impl GradeWords {
    /// Of a grade.
    pub fn of(grade: Grade) -> Self {
        match grade {
            Grade::Good => Self::Good,
            Grade::Fair => Self::Fair,
            Grade::Poor => Self::Poor,
            Grade::Bad => Self::Bad,
        }
    }
}

phrases! {
    /// What is wrong and what to do; `{value}` stands in most.
    pub enum AdviceWords {
        /// Nothing comes from it.
        SilentMicrophone => quality.silent_microphone,
        /// Loss between here and the server.
        OwnLoss => quality.own_loss,
        /// Loss beyond the server.
        FarLoss => quality.far_loss,
        /// A long way.
        Late => quality.late,
        /// Jitter.
        Uneven => quality.uneven,
        /// Nothing to do.
        Fine => quality.fine,
        /// It is not good, and no one thing is to blame.
        Unclear => quality.unclear,
    }
}

impl AdviceWords {
    /// Of advice, with the value that stands in it. `comma`: as decimals are written in this language.
    pub fn of(grade: Grade, advice: Option<Advice>, comma: bool) -> (Self, String) {
        match advice {
            None if grade == Grade::Good => (Self::Fine, String::new()),
            None => (Self::Unclear, String::new()),
            Some(Advice::SilentMicrophone) => (Self::SilentMicrophone, String::new()),
            Some(Advice::OwnLoss(permille)) => (Self::OwnLoss, percent(permille, comma)),
            Some(Advice::FarLoss(permille)) => (Self::FarLoss, percent(permille, comma)),
            Some(Advice::Late(ms)) => (Self::Late, ms.to_string()),
            Some(Advice::Uneven(ms)) => (Self::Uneven, ms.to_string()),
        }
    }
}

/// How many of the four bars are on.
pub fn bars(grade: Grade) -> usize {
    match grade {
        Grade::Good => 4,
        Grade::Fair => 3,
        Grade::Poor => 2,
        Grade::Bad => 1,
    }
}

/// Thousandths as per cent: `4.2`, whole from ten on.
pub fn percent(permille: u16, comma: bool) -> String {
    if permille >= 100 {
        return ((permille + 5) / 10).to_string();
    }
    tenths(permille, comma)
}

/// Tenths as a decimal fraction: `4.3`, `4,3`.
pub fn tenths(value: u16, comma: bool) -> String {
    let point = if comma { ',' } else { '.' };
    format!("{}{point}{}", value / 10, value % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_the_language_has_them() {
        assert_eq!(percent(0, false), "0.0");
        assert_eq!(percent(42, true), "4,2");
        assert_eq!(percent(99, false), "9.9");
        assert_eq!(percent(126, false), "13");
        assert_eq!(percent(1000, false), "100");
        assert_eq!(tenths(43, false), "4.3");
    }

    #[test]
    fn advice_names_its_figure_and_no_advice_praises_only_what_is_good() {
        let said = |advice| AdviceWords::of(Grade::Fair, Some(advice), false);
        let of = (AdviceWords::OwnLoss, "4.0".to_owned());
        assert_eq!(said(Advice::OwnLoss(40)), of);
        assert_eq!(
            said(Advice::Late(420)),
            (AdviceWords::Late, "420".to_owned())
        );
        let none = |grade| AdviceWords::of(grade, None, true).0;
        assert_eq!(none(Grade::Good), AdviceWords::Fine);
        assert_eq!(none(Grade::Bad), AdviceWords::Unclear);
    }
}
