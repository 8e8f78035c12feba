//! The rules of business, line by line.

use super::*;

const ANNA: Uuid = Uuid::from_u128(1);
const BORIS: Uuid = Uuid::from_u128(2);
const CLIENT: Uuid = Uuid::from_u128(3);
const DEAL: Uuid = Uuid::from_u128(4);
const OTHER: Uuid = Uuid::from_u128(5);
const MISSED: Uuid = Uuid::from_u128(6);

/// Somebody nobody knows calls.
fn stranger() -> Facts {
    Facts {
        direction: Direction::Incoming,
        is_answered: false,
        is_refused: false,
        has_number: true,
        employee: None,
        contact: None,
        responsible: None,
        deal: None,
        said_deal: None,
        missed: Vec::new(),
    }
}

/// A client of Boris calls.
fn client() -> Facts {
    Facts {
        contact: Some(CLIENT),
        responsible: Some(BORIS),
        ..stranger()
    }
}

fn with_deal(facts: Facts) -> Facts {
    Facts {
        deal: Some((DEAL, Some(BORIS))),
        ..facts
    }
}

/// Anna talks.
fn by_anna(facts: Facts) -> Facts {
    Facts {
        is_answered: true,
        employee: Some(ANNA),
        ..facts
    }
}

fn outgoing(facts: Facts) -> Facts {
    Facts {
        direction: Direction::Outgoing,
        employee: Some(ANNA),
        ..facts
    }
}

fn told(kind: NoticeKind, to: Told, owner: Option<Uuid>, about: About) -> Action {
    Action::Notice {
        kind,
        to,
        owner,
        about,
    }
}

fn tell_anna(kind: NoticeKind, about: About) -> Action {
    told(kind, Told::Owner, Some(ANNA), about)
}

fn made() -> Vec<Action> {
    vec![
        Action::MakeDeal(Some(ANNA)),
        tell_anna(NoticeKind::DealMade, About::NewDeal),
    ]
}

fn linked(deal: Uuid) -> Vec<Action> {
    vec![
        Action::Link(deal),
        tell_anna(NoticeKind::DealOpen, About::Deal(deal)),
    ]
}

#[test]
fn an_answered_call_makes_a_deal_or_is_linked_to_the_one_there_is() {
    let said = Facts {
        said_deal: Some(OTHER),
        ..with_deal(by_anna(client()))
    };
    for (facts, expected) in [
        (by_anna(stranger()), made()),
        (by_anna(client()), made()),
        (outgoing(by_anna(stranger())), made()),
        (outgoing(by_anna(client())), made()),
        (with_deal(by_anna(client())), linked(DEAL)),
        (outgoing(with_deal(by_anna(client()))), linked(DEAL)),
        (said, linked(OTHER)),
    ] {
        let actions = after(Moment::Answered, &facts, &WorkRules::default());
        assert_eq!(actions, expected, "{facts:?}");
        // Its end adds nothing.
        assert_eq!(after(Moment::Ended, &facts, &WorkRules::default()), []);
    }
}

#[test]
fn each_rule_of_an_answered_call_can_be_switched_off() {
    let all = WorkRules::default();
    let no_incoming = WorkRules {
        deal_on_answered: false,
        ..all.clone()
    };
    let no_outgoing = WorkRules {
        deal_on_outgoing: false,
        ..all.clone()
    };
    let no_notice = WorkRules {
        notice_on_deal: false,
        ..all
    };
    let incoming = by_anna(stranger());
    let called = outgoing(incoming.clone());
    for (facts, rules, expected) in [
        (&incoming, &no_incoming, vec![]),
        (&called, &no_incoming, made()),
        (&incoming, &no_outgoing, made()),
        (&called, &no_outgoing, vec![]),
        (&incoming, &no_notice, vec![Action::MakeDeal(Some(ANNA))]),
        (
            &with_deal(by_anna(client())),
            &no_notice,
            vec![Action::Link(DEAL)],
        ),
        (&with_deal(by_anna(client())), &no_incoming, linked(DEAL)),
    ] {
        assert_eq!(
            after(Moment::Answered, facts, rules),
            expected,
            "{facts:?} {rules:?}"
        );
    }
}

#[test]
fn an_unknown_caller_becomes_a_contact_where_that_is_set_and_his_number_is_known() {
    let rules = WorkRules {
        contact_on_answered: true,
        deal_on_answered: false,
        deal_on_outgoing: false,
        ..WorkRules::default()
    };
    let withheld = Facts {
        has_number: false,
        ..by_anna(stranger())
    };
    for (facts, expected) in [
        (by_anna(stranger()), vec![Action::MakeContact]),
        (by_anna(client()), vec![]),
        (withheld, vec![]),
        (outgoing(by_anna(stranger())), vec![]),
    ] {
        assert_eq!(
            after(Moment::Answered, &facts, &rules),
            expected,
            "{facts:?}"
        );
    }
}

#[test]
fn a_missed_call_goes_to_unsorted_unless_there_is_an_open_deal_and_people_are_told() {
    let users = Told::Users(vec![ANNA.to_string()]);
    let narrow = WorkRules {
        missed_told: users.clone(),
        missed_deal_told: Told::OwnerGroups,
        ..WorkRules::default()
    };
    let off = WorkRules {
        missed_to_unsorted: false,
        ..WorkRules::default()
    };
    let tell = |to, owner, about| told(NoticeKind::MissedCall, to, owner, about);
    let ownerless = Facts {
        deal: Some((DEAL, None)),
        ..client()
    };
    for (facts, rules, expected) in [
        (
            stranger(),
            WorkRules::default(),
            vec![
                Action::Unsorted(None),
                tell(Told::Everyone, None, About::Entry),
            ],
        ),
        (
            client(),
            narrow.clone(),
            vec![
                Action::Unsorted(Some(BORIS)),
                tell(users, Some(BORIS), About::Entry),
            ],
        ),
        (
            with_deal(client()),
            WorkRules::default(),
            vec![
                Action::Link(DEAL),
                tell(Told::Everyone, Some(BORIS), About::Deal(DEAL)),
            ],
        ),
        (
            ownerless,
            narrow,
            vec![
                Action::Link(DEAL),
                tell(Told::OwnerGroups, Some(BORIS), About::Deal(DEAL)),
            ],
        ),
        (
            stranger(),
            off,
            vec![tell(Told::Everyone, None, About::Call)],
        ),
    ] {
        assert_eq!(after(Moment::Ended, &facts, &rules), expected, "{facts:?}");
    }
}

#[test]
fn colleagues_and_refused_callers_are_nobodys_business() {
    let internal = Facts {
        direction: Direction::Internal,
        missed: vec![(MISSED, 0)],
        ..stranger()
    };
    let refused = Facts {
        is_refused: true,
        ..stranger()
    };
    for facts in [internal.clone(), by_anna(internal), refused] {
        for moment in [Moment::Answered, Moment::Ended] {
            if moment == Moment::Answered && facts.is_refused {
                continue;
            }
            assert_eq!(after(moment, &facts, &WorkRules::default()), []);
        }
    }
}

#[test]
fn a_missed_call_is_returned_by_whoever_reaches_the_client_or_by_his_next_call() {
    let missed = |facts| Facts {
        missed: vec![(MISSED, 1), (OTHER, 0)],
        ..facts
    };
    let returned = |by_employee| Action::Returned {
        calls: vec![MISSED, OTHER],
        by_employee,
    };
    for (facts, by_employee) in [
        (outgoing(by_anna(client())), true),
        (outgoing(by_anna(stranger())), true),
        (by_anna(client()), false),
    ] {
        let facts = missed(facts);
        let actions = after(Moment::Answered, &facts, &WorkRules::default());
        assert_eq!(actions.last(), Some(&returned(by_employee)), "{facts:?}");
    }
    let off = WorkRules {
        close_returned: false,
        ..WorkRules::default()
    };
    let facts = missed(by_anna(client()));
    assert_eq!(after(Moment::Answered, &facts, &off), made());
}

#[test]
fn an_attempt_in_vain_is_counted_on_the_missed_call_and_a_failed_call_without_one_says_nothing() {
    let facts = Facts {
        missed: vec![(MISSED, 2)],
        ..outgoing(client())
    };
    let rules = WorkRules::default();
    assert_eq!(
        after(Moment::Ended, &facts, &rules),
        [Action::Tried(MISSED, 3)]
    );
    assert_eq!(after(Moment::Ended, &outgoing(client()), &rules), []);
}
