//! Which cards stand on the screen and in which order.
//!
//! A card appears on whichever comes first of the phone's call and the server's record of it, and
//! keeps its identity when the other arrives. Cards never change places: the oldest is at the
//! bottom, a new one is added above, so no button slides under the pointer.

use api_types::{CallRecord, CallStatus, Direction};
use phone::{CallKey, CallView};

/// Names a card. Never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardId(pub u64);

/// A card's two sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Names it.
    pub id: CardId,
    /// The phone's call, once there.
    pub key: Option<CallKey>,
    /// The conversation, once known; in the form of `same_id`.
    pub call_id: Option<String>,
}

/// The cards, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    cards: Vec<Card>,
    next: u64,
}

impl Stack {
    /// Newest first.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// Takes in what the phone and the server know. `records` holds the calls that run;
    /// `extension` is ours.
    pub fn sync<'a>(
        &mut self,
        calls: &[CallView],
        records: impl Iterator<Item = &'a CallRecord>,
        extension: Option<&str>,
    ) {
        let ringing: Vec<String> = records
            .filter(|record| rings_here(record, extension))
            .map(|record| plain_id(&record.id))
            .collect();
        self.cards.retain(|card| match card.key {
            Some(key) => calls.iter().any(|call| call.key == key),
            None => card.call_id.as_ref().is_some_and(|id| ringing.contains(id)),
        });
        for call in calls {
            self.join(call);
        }
        for id in ringing {
            if !self
                .cards
                .iter()
                .any(|card| card.call_id.as_deref() == Some(&id))
            {
                self.add(None, Some(id));
            }
        }
    }

    fn join(&mut self, call: &CallView) {
        let call_id = call.call_id.as_deref().map(plain_id);
        let known = self.cards.iter_mut().find(|card| {
            card.key == Some(call.key)
                || (card.key.is_none() && card.call_id.is_some() && card.call_id == call_id)
        });
        match known {
            Some(card) => {
                card.key = Some(call.key);
                card.call_id = call_id.or(card.call_id.take());
            }
            None => self.add(Some(call.key), call_id),
        }
    }

    fn add(&mut self, key: Option<CallKey>, call_id: Option<String>) {
        self.next += 1;
        self.cards.insert(
            0,
            Card {
                id: CardId(self.next),
                key,
                call_id,
            },
        );
    }
}

/// Whether the server says that this call rings at our extension.
fn rings_here(record: &CallRecord, extension: Option<&str>) -> bool {
    record.direction != Direction::Outgoing
        && record.status == CallStatus::Ringing
        && extension.is_some_and(|extension| record.rung.iter().any(|rung| rung == extension))
}

/// An id without hyphens and in lower case: UUIDs come with hyphens, Session-ID (RFC 7989) without.
pub fn plain_id(id: &str) -> String {
    id.chars()
        .filter(|symbol| *symbol != '-')
        .map(|symbol| symbol.to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::card::samples::{call, record};

    #[test]
    fn the_record_that_comes_first_paints_a_card_which_the_call_joins() {
        let mut stack = Stack::default();
        let ringing = record("11111111-2222-3333-4444-555555555555", CallStatus::Ringing);
        stack.sync(&[], [&ringing].into_iter(), Some("101"));
        let painted = stack.cards()[0].clone();
        assert_eq!(painted.key, None);

        let mut incoming = call(7);
        incoming.call_id = Some("11111111222233334444555555555555".into());
        stack.sync(&[incoming], [&ringing].into_iter(), Some("101"));
        assert_eq!(stack.cards().len(), 1);
        assert_eq!(stack.cards()[0].id, painted.id);
        assert_eq!(stack.cards()[0].key, Some(CallKey(7)));
    }

    #[test]
    fn a_call_that_learns_its_id_later_keeps_its_card() {
        let mut stack = Stack::default();
        stack.sync(&[call(1)], std::iter::empty(), Some("101"));
        let id = stack.cards()[0].id;
        let mut known = call(1);
        known.call_id = Some("AA-BB".into());
        stack.sync(&[known], std::iter::empty(), Some("101"));
        assert_eq!(
            (stack.cards()[0].id, stack.cards()[0].call_id.as_deref()),
            (id, Some("aabb"))
        );
    }

    #[test]
    fn a_new_card_stands_above_and_the_old_one_does_not_move() {
        let mut stack = Stack::default();
        stack.sync(&[call(1)], std::iter::empty(), Some("101"));
        stack.sync(&[call(1), call(2)], std::iter::empty(), Some("101"));
        let keys: Vec<_> = stack.cards().iter().filter_map(|card| card.key).collect();
        assert_eq!(keys, [CallKey(2), CallKey(1)]);
    }

    #[test]
    fn a_call_that_rings_somebody_else_shows_no_card() {
        let mut stack = Stack::default();
        let mut ringing = record("a", CallStatus::Ringing);
        ringing.rung = vec!["102".into()];
        stack.sync(&[], [&ringing].into_iter(), Some("101"));
        assert!(stack.cards().is_empty());
    }

    #[test]
    fn a_card_without_a_call_goes_when_the_ringing_stops() {
        let mut stack = Stack::default();
        stack.sync(
            &[],
            [&record("a", CallStatus::Ringing)].into_iter(),
            Some("101"),
        );
        stack.sync(
            &[],
            [&record("a", CallStatus::Cancelled)].into_iter(),
            Some("101"),
        );
        assert!(stack.cards().is_empty());
    }
}
