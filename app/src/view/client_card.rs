//! What a card says of the client, in the order in which it is wanted.

use api_types::{CallBrief, ClientCard, ItemBrief};

phrases! {
    /// Label of a field of the card.
    pub enum FieldWords {
        /// Where a person works.
        Company => client.company,
        /// Of the house's list.
        Status => client.status,
        /// The first.
        Email => client.email,
        /// Who is responsible.
        Manager => client.manager,
        /// What as.
        Position => client.position,
        /// The first.
        Address => client.address,
    }
}

impl FieldWords {
    /// Of a field's key; `None`: a custom field, which has a label of its own.
    pub fn of(key: &str) -> Option<Self> {
        Some(match key {
            "company" => Self::Company,
            "status" => Self::Status,
            "email" => Self::Email,
            "manager" => Self::Manager,
            "position" => Self::Position,
            "address" => Self::Address,
            _ => return None,
        })
    }
}

/// One line below the fields and the deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Glance {
    /// What was said last.
    Said(ItemBrief),
    /// What is to be done.
    Task(ItemBrief),
    /// What he complained of.
    Request(ItemBrief),
    /// What he ordered.
    Order(ItemBrief),
    /// An earlier call.
    Call(CallBrief),
}

impl Glance {
    /// Name of its icon.
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Said(_) => "history",
            Self::Task(_) => "list-checks",
            Self::Request(_) => "life-buoy",
            Self::Order(_) => "receipt",
            Self::Call(call) => {
                super::outcome::DirectionSign::of(call.direction, call.status).icon()
            }
        }
    }
}

/// How many lines a card that rings has room for.
const AT_THE_RING: usize = 4;

/// While it rings the newest of each kind, in talk all that came with the call.
pub fn glances(card: &ClientCard, ringing: bool) -> Vec<Glance> {
    let of_each = if ringing { 1 } else { usize::MAX };
    let said = card.interactions.iter().cloned().map(Glance::Said);
    let tasks = card.tasks.iter().cloned().map(Glance::Task);
    let requests = card.requests.iter().cloned().map(Glance::Request);
    let orders = card.orders.iter().cloned().map(Glance::Order);
    let mut lines: Vec<Glance> = said.take(of_each).collect();
    lines.extend(tasks.take(of_each));
    lines.extend(requests.take(of_each));
    lines.extend(orders.take(of_each));
    if lines.is_empty() || !ringing {
        lines.extend(card.calls.iter().take(of_each).cloned().map(Glance::Call));
    }
    if ringing {
        lines.truncate(AT_THE_RING);
    }
    lines
}

/// Deals shown: while it rings one, with how many more there are.
pub fn deals(card: &ClientCard, ringing: bool) -> (&[api_types::DealBrief], usize) {
    let shown = if ringing { 1 } else { card.deals.len() };
    let shown = shown.min(card.deals.len());
    (&card.deals[..shown], card.deals.len() - shown)
}

/// Colleagues who talk with him, in one text; empty: nobody.
pub fn talking(card: &ClientCard, own: Option<&str>) -> String {
    let others = card
        .talking
        .iter()
        .filter(|one| Some(one.extension.as_str()) != own);
    let names: Vec<&str> = others.map(|one| one.name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
pub(crate) mod samples {
    use api_types::{CallStatus, Direction};

    use super::*;

    pub fn item(number: i64, title: &str) -> ItemBrief {
        ItemBrief {
            id: number.to_string(),
            number,
            title: title.into(),
            state: "open".into(),
            at: 0,
            owner: None,
        }
    }

    pub fn call() -> CallBrief {
        CallBrief {
            id: "c".into(),
            direction: Direction::Incoming,
            status: CallStatus::Answered,
            started_at: 0,
            talk_ms: 1000,
            employee: None,
            result: None,
            has_recording: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use api_types::{DealBrief, EmployeeRef};

    use super::{samples::*, *};

    fn full() -> ClientCard {
        ClientCard {
            tasks: vec![item(1, "send"), item(2, "ask")],
            requests: vec![item(3, "grinder")],
            interactions: vec![item(4, "agreed")],
            calls: vec![call(), call()],
            ..ClientCard::default()
        }
    }

    #[test]
    fn a_ringing_card_shows_the_newest_of_each_kind_and_an_old_call_only_for_want_of_others() {
        let icons = |card: &ClientCard, ringing| {
            let lines = glances(card, ringing);
            lines.iter().map(Glance::icon).collect::<Vec<_>>()
        };
        assert_eq!(
            icons(&full(), true),
            ["history", "list-checks", "life-buoy"]
        );
        let bare = ClientCard {
            calls: vec![call(), call()],
            ..ClientCard::default()
        };
        assert_eq!(icons(&bare, true), ["phone-incoming"]);
        assert_eq!(icons(&full(), false).len(), 6);
    }

    #[test]
    fn a_ringing_card_shows_one_deal_and_how_many_more_there_are() {
        let deal = |id: &str| DealBrief {
            id: id.into(),
            title: "Coffee".into(),
            stage: "in_progress".into(),
            stage_name: String::new(),
            step: 1,
            steps: 1,
            amount: None,
            currency: String::new(),
            script: String::new(),
        };
        let card = ClientCard {
            deals: vec![deal("a"), deal("b"), deal("c")],
            ..ClientCard::default()
        };
        assert_eq!(deals(&card, true).1, 2);
        assert_eq!(deals(&card, false).0.len(), 3);
        assert_eq!(deals(&ClientCard::default(), true), (&[][..], 0));
    }

    #[test]
    fn whoever_looks_is_not_told_of_himself() {
        let who = |extension: &str, name: &str| EmployeeRef {
            extension: extension.into(),
            name: name.into(),
        };
        let card = ClientCard {
            talking: vec![who("101", "Anna"), who("205", "Boris")],
            ..ClientCard::default()
        };
        assert_eq!(talking(&card, Some("101")), "Boris");
        assert_eq!(talking(&card, None), "Anna, Boris");
    }
}
