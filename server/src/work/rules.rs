//! The rules of business: what happens by itself after a call was answered or has ended. Pure: facts
//! and settings in, actions out.

use api_types::{Direction, NoticeKind, Told, WorkRules};
use uuid::Uuid;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// People began to talk.
    Answered,
    /// It is over.
    Ended,
}

/// What is known of the call and the client at that moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Facts {
    /// Direction.
    pub direction: Direction,
    /// Whether people talk or talked.
    pub is_answered: bool,
    /// The house refused the caller (blocked, number hidden).
    pub is_refused: bool,
    /// Whether the other side's number is known.
    pub has_number: bool,
    /// Who talked, or called.
    pub employee: Option<Uuid>,
    /// The client.
    pub contact: Option<Uuid>,
    /// Who is responsible for him.
    pub responsible: Option<Uuid>,
    /// His open deal and who owns it.
    pub deal: Option<(Uuid, Option<Uuid>)>,
    /// The deal the call is said to be about already.
    pub said_deal: Option<Uuid>,
    /// Missed calls of his that nobody returned, and how often that was tried.
    pub missed: Vec<(Uuid, i32)>,
}

/// What a notice or an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The deal that is made now.
    NewDeal,
    /// A deal there was.
    Deal(Uuid),
    /// The entry of Unsorted that is made now.
    Entry,
    /// Only the call.
    Call,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Make a contact of the number.
    MakeContact,
    /// Make a deal of this owner and link the call to it.
    MakeDeal(Option<Uuid>),
    /// Link the call to a deal.
    Link(Uuid),
    /// Put an entry into Unsorted, for this one.
    Unsorted(Option<Uuid>),
    /// Tell people.
    Notice {
        /// Why.
        kind: NoticeKind,
        /// Whom.
        to: Told,
        /// The owner meant by `to`.
        owner: Option<Uuid>,
        /// About what.
        about: About,
    },
    /// These missed calls were returned in this call; by its employee, unless the client called.
    Returned {
        /// Which.
        calls: Vec<Uuid>,
        /// Whether the employee called.
        by_employee: bool,
    },
    /// This missed call was tried to be returned so often by now.
    Tried(Uuid, i32),
}

/// What happens by itself.
pub(crate) fn after(moment: Moment, facts: &Facts, rules: &WorkRules) -> Vec<Action> {
    if facts.direction == Direction::Internal {
        return Vec::new();
    }
    match (moment, facts.is_answered) {
        (Moment::Answered, _) => answered(facts, rules),
        (Moment::Ended, true) => Vec::new(),
        (Moment::Ended, false) if facts.direction == Direction::Outgoing => tried(facts),
        (Moment::Ended, false) => missed(facts, rules),
    }
}

fn answered(facts: &Facts, rules: &WorkRules) -> Vec<Action> {
    let is_outgoing = facts.direction == Direction::Outgoing;
    let mut actions = Vec::new();
    if rules.contact_on_answered && facts.contact.is_none() && facts.has_number && !is_outgoing {
        actions.push(Action::MakeContact);
    }
    actions.extend(deal(facts, rules, is_outgoing));
    if rules.close_returned && !facts.missed.is_empty() {
        actions.push(Action::Returned {
            calls: facts.missed.iter().map(|(call, _)| *call).collect(),
            by_employee: is_outgoing,
        });
    }
    actions
}

fn deal(facts: &Facts, rules: &WorkRules, is_outgoing: bool) -> Vec<Action> {
    let makes = match is_outgoing {
        true => rules.deal_on_outgoing,
        false => rules.deal_on_answered,
    };
    let there_is = facts.said_deal.or(facts.deal.map(|(deal, _)| deal));
    let (action, kind, about) = match there_is {
        Some(deal) => (Action::Link(deal), NoticeKind::DealOpen, About::Deal(deal)),
        None if makes => (
            Action::MakeDeal(facts.employee),
            NoticeKind::DealMade,
            About::NewDeal,
        ),
        None => return Vec::new(),
    };
    let notice = Action::Notice {
        kind,
        to: Told::Owner,
        owner: facts.employee,
        about,
    };
    let is_told = rules.notice_on_deal && facts.employee.is_some();
    std::iter::once(action)
        .chain(is_told.then_some(notice))
        .collect()
}

/// Nobody answered the client.
fn missed(facts: &Facts, rules: &WorkRules) -> Vec<Action> {
    if facts.is_refused {
        return Vec::new();
    }
    let notice = |to: &Told, owner, about| Action::Notice {
        kind: NoticeKind::MissedCall,
        to: to.clone(),
        owner,
        about,
    };
    if let Some((deal, owner)) = facts.deal {
        let owner = owner.or(facts.responsible);
        return vec![
            Action::Link(deal),
            notice(&rules.missed_deal_told, owner, About::Deal(deal)),
        ];
    }
    if !rules.missed_to_unsorted {
        return vec![notice(&rules.missed_told, facts.responsible, About::Call)];
    }
    vec![
        Action::Unsorted(facts.responsible),
        notice(&rules.missed_told, facts.responsible, About::Entry),
    ]
}

/// The client was called in vain.
fn tried(facts: &Facts) -> Vec<Action> {
    let missed = facts.missed.iter();
    missed
        .map(|(call, tries)| Action::Tried(*call, tries.saturating_add(1)))
        .collect()
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
