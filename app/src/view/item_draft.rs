//! An item being typed.

use api_types::{ContactRef, Item, ItemDraft, ItemKind, ItemRef};

/// The draft an item's form begins with.
pub fn of(item: &Item) -> ItemDraft {
    let item = item.clone();
    ItemDraft {
        kind: item.kind,
        table: item.table,
        title: item.title,
        text: item.text,
        state: item.state,
        pipeline: item.pipeline,
        sort: item.sort,
        contact: item.contact.map(|contact| contact.id),
        deal: item.deal.map(|deal| deal.id),
        parent: item.parent.map(|parent| parent.id),
        call: item.call,
        owner: item.owner,
        amount: item.amount,
        currency: item.currency,
        due_at: item.due_at,
        ends_at: item.ends_at,
        place: item.place,
        participants: item.participants,
        moment_ms: item.moment_ms,
        fields: item.fields,
        tags: item.tags,
        version: Some(item.version),
    }
}

/// A new one, for a client and a deal where there are any.
pub fn new(kind: ItemKind, contact: Option<&ContactRef>, deal: Option<&ItemRef>) -> ItemDraft {
    ItemDraft {
        kind,
        contact: contact.map(|contact| contact.id.clone()),
        deal: deal.map(|deal| deal.id.clone()),
        ..ItemDraft::default()
    }
}

/// Whether a kind is dealt with by one click, and the states before and after it.
pub fn done_states(kind: ItemKind) -> Option<(&'static str, &'static str)> {
    match kind {
        ItemKind::Task | ItemKind::Meeting => Some(("open", "done")),
        ItemKind::Invoice => Some(("open", "paid")),
        ItemKind::Request => Some(("open", "closed")),
        _ => None,
    }
}

/// Where a task stands in time: of `due`, seen at `now`, on a day that ends at `tonight`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It should have been done.
    Late,
    /// Until midnight.
    Today,
    /// After that.
    Later,
    /// Nobody said when.
    Someday,
}

/// Times in milliseconds.
pub fn when(due: Option<i64>, now: i64, tonight: i64) -> When {
    match due {
        None => When::Someday,
        Some(due) if due < now => When::Late,
        Some(due) if due < tonight => When::Today,
        Some(_) => When::Later,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_gives_back_what_it_was_given() {
        let item = Item {
            id: "i".into(),
            kind: ItemKind::Order,
            title: "30418".into(),
            amount: Some(5_840_000),
            contact: Some(ContactRef {
                id: "c".into(),
                name: "Anna".into(),
            }),
            version: 2,
            ..Item::default()
        };
        let draft = of(&item);
        assert_eq!(
            (draft.contact.as_deref(), draft.version, draft.amount),
            (Some("c"), Some(2), item.amount)
        );
        assert_eq!(
            new(ItemKind::Deal, item.contact.as_ref(), None)
                .contact
                .as_deref(),
            Some("c")
        );
    }

    #[test]
    fn a_task_is_late_from_its_minute_on() {
        for (due, expected) in [
            (Some(99), When::Late),
            (Some(100), When::Today),
            (Some(199), When::Today),
            (Some(200), When::Later),
            (None, When::Someday),
        ] {
            assert_eq!(when(due, 100, 200), expected, "{due:?}");
        }
    }
}
