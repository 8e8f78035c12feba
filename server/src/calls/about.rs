//! Whom and what a call is about.

use std::time::{Duration, Instant};

use api_types::{ClientCard, ContactRef, ItemRef, RowRef};
use store::{Callers, Store, StoreError, entity::call};
use uuid::Uuid;

use crate::{
    routing::Office,
    work::{Work, card},
};

/// How long a card may take before the ring is shown without it; it follows then.
const PATIENCE: Duration = Duration::from_millis(50);

/// Whom and what a call is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct About {
    pub contact: Option<ContactRef>,
    pub row: Option<RowRef>,
    pub deal: Option<ItemRef>,
    /// What is shown of the client while the call goes on.
    pub card: Option<Box<ClientCard>>,
    /// The client and his company.
    pub who: (Option<Uuid>, Option<Uuid>),
}

impl About {
    /// Of a call that goes on: with the card, or `None` when that took too long.
    pub(super) async fn ringing(
        store: &Store,
        work: &Work,
        office: &Office,
        row: &call::Model,
    ) -> Option<Result<Self, StoreError>> {
        let begun = Instant::now();
        let read = tokio::time::timeout(PATIENCE, Self::live(store, work, office, row)).await;
        let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        tracing::debug!(call.id = %row.id, took_us, "a card was read");
        read.ok()
    }

    /// Of a call that goes on.
    pub(super) async fn live(
        store: &Store,
        work: &Work,
        office: &Office,
        row: &call::Model,
    ) -> Result<Self, StoreError> {
        if row.direction == "internal" {
            return Self::stored(store, work, row).await;
        }
        let client = card::of(store, &work.now(), office, row).await?;
        Ok(Self {
            contact: client.card.contacts.first().cloned(),
            row: client.row,
            deal: deal(store, row).await?,
            card: Some(Box::new(client.card)),
            who: (client.id, client.company),
        })
    }

    /// Of a call that is over.
    pub(super) async fn stored(
        store: &Store,
        work: &Work,
        row: &call::Model,
    ) -> Result<Self, StoreError> {
        let named = match row.contact_id {
            Some(id) => store
                .contact_names(&[id])
                .await?
                .remove(&id)
                .map(|name| (id, name)),
            None => None,
        };
        let callers = match (&named, &row.number_e164) {
            (None, Some(number)) => store.callers(&work.places(), number).await?,
            _ => Callers::default(),
        };
        let named = named.map(|(id, name)| ContactRef {
            id: id.to_string(),
            name,
        });
        let contact = named.or_else(|| callers.contacts.first().map(card::named));
        let of_table = callers.rows.first().map(card::row_of);
        Ok(Self {
            row: of_table.filter(|_| contact.is_none()),
            contact,
            deal: deal(store, row).await?,
            ..Self::default()
        })
    }
}

async fn deal(store: &Store, row: &call::Model) -> Result<Option<ItemRef>, StoreError> {
    let Some(id) = row.deal_id else {
        return Ok(None);
    };
    let title = store.item_titles(vec![id]).await?.remove(&id);
    Ok(title.map(|title| ItemRef {
        id: id.to_string(),
        title,
    }))
}
