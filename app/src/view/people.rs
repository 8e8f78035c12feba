//! Colleagues in words and signs.

use api_types::{Availability, Colleague, Presence};

phrases! {
    /// What a colleague is doing.
    pub enum Doing {
        /// Free.
        Available => presence.available,
        /// Talks or dials.
        OnCall => presence.on_call,
        /// No page, no desk phone answers.
        NotReachable => presence.not_reachable,
        /// Not at the desk.
        Away => presence.away,
        /// Eats.
        Lunch => presence.lunch,
        /// Sits with others.
        Meeting => presence.meeting,
        /// Writes down what the call before was about.
        WrapUp => presence.wrap_up,
        /// Wants quiet.
        DoNotDisturb => presence.do_not_disturb,
    }
}

impl Doing {
    /// Of a colleague: a call first, then what he said, then what his telephone does.
    pub fn of(colleague: &Colleague) -> Self {
        match Self::said(colleague.presence.availability) {
            _ if colleague.on_call => Self::OnCall,
            Self::Available if !colleague.reachable => Self::NotReachable,
            said => said,
        }
    }

    /// Of what somebody said.
    pub fn said(availability: Availability) -> Self {
        match availability {
            Availability::Available => Self::Available,
            Availability::Away => Self::Away,
            Availability::Lunch => Self::Lunch,
            Availability::Meeting => Self::Meeting,
            Availability::WrapUp => Self::WrapUp,
            Availability::DoNotDisturb => Self::DoNotDisturb,
        }
    }

    /// Class of the dot; its shape differs too.
    pub fn dot(self) -> &'static str {
        match self {
            Self::Available => "dot dot--go",
            Self::OnCall => "dot dot--acc",
            Self::DoNotDisturb => "dot dot--dnd",
            Self::NotReachable | Self::Away | Self::Lunch | Self::Meeting | Self::WrapUp => {
                "dot dot--off"
            }
        }
    }
}

/// What one can say, as the menu lists it.
pub const CHOICES: [Availability; 5] = [
    Availability::Available,
    Availability::Away,
    Availability::Lunch,
    Availability::Meeting,
    Availability::DoNotDisturb,
];

/// What is shown of what somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// In the house's own words, if that is how he said it.
    pub reason: Option<String>,
    /// Since when, ms since 1970.
    pub since: i64,
    /// When he said to be back, ms since 1970.
    pub until: Option<i64>,
}

/// What somebody said, if it is that, and not a call or his telephone, which keeps him.
pub fn said(doing: Doing, presence: &Presence) -> Option<Said> {
    let says = presence.availability != Availability::Available
        && doing == Doing::said(presence.availability);
    says.then(|| Said {
        reason: presence.reason.as_ref().map(|reason| reason.name.clone()),
        since: presence.since,
        until: presence.until,
    })
}

/// How many of them can be called now.
pub fn available(all: &[Colleague]) -> usize {
    let free = all.iter().filter(|one| Doing::of(one) == Doing::Available);
    free.count()
}

/// Takes what changed into the list, which is kept by extension.
pub fn take_in(all: &mut Vec<Colleague>, changed: Colleague) {
    match all.iter_mut().find(|one| one.id == changed.id) {
        Some(known) => *known = changed,
        None => {
            let key = |one: &Colleague| (one.extension.len(), one.extension.clone());
            let at = all.partition_point(|one| key(one) < key(&changed));
            all.insert(at, changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colleague(extension: &str, availability: Availability) -> Colleague {
        Colleague {
            id: extension.into(),
            name: "Anna".into(),
            extension: extension.into(),
            presence: Presence {
                availability,
                since: 4,
                until: Some(9),
                ..Presence::default()
            },
            reachable: true,
            on_call: false,
        }
    }

    #[test]
    fn a_call_counts_before_words_and_words_before_the_telephone() {
        let mut anna = colleague("205", Availability::Available);
        assert_eq!(Doing::of(&anna), Doing::Available);
        anna.reachable = false;
        assert_eq!(Doing::of(&anna), Doing::NotReachable);
        anna.presence.availability = Availability::Lunch;
        assert_eq!(Doing::of(&anna), Doing::Lunch);
        let lunch = said(Doing::Lunch, &anna.presence).unwrap();
        assert_eq!((lunch.reason, lunch.since, lunch.until), (None, 4, Some(9)));
        anna.on_call = true;
        assert_eq!(Doing::of(&anna), Doing::OnCall);
        assert_eq!(said(Doing::OnCall, &anna.presence), None);
    }

    #[test]
    fn a_reason_of_the_house_is_said_in_its_own_words() {
        let mut anna = colleague("205", Availability::DoNotDisturb);
        anna.presence.reason = Some(api_types::SaidReason {
            id: "1".into(),
            name: "Stock-taking".into(),
            takes_calls: false,
        });
        let words = said(Doing::of(&anna), &anna.presence).unwrap();
        assert_eq!(words.reason.as_deref(), Some("Stock-taking"));
    }

    #[test]
    fn who_is_new_stands_by_extension_and_who_changed_stays_in_place() {
        let mut all = vec![colleague("205", Availability::Available)];
        take_in(&mut all, colleague("1001", Availability::Available));
        take_in(&mut all, colleague("101", Availability::Available));
        take_in(&mut all, colleague("205", Availability::Away));
        let order: Vec<&str> = all.iter().map(|one| one.extension.as_str()).collect();
        assert_eq!(order, ["101", "205", "1001"]);
        assert_eq!(available(&all), 2);
    }
}
