//! Clients handed over to another employee, with what is open.

use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use uuid::Uuid;

use crate::{
    Author, Store, StoreError,
    entity::{contact, item},
    merge::ids,
    parts::{self, AT_ONCE, Link, Linked, Part},
};

/// Which clients are handed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandedOver {
    /// These.
    Contacts(Vec<Uuid>),
    /// All of an employee, and what is open of his without a client.
    AllOf(Uuid),
}

/// What was handed over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOver {
    /// The operation.
    pub operation: Uuid,
    /// Contacts.
    pub contacts: u64,
    /// Deals, tasks, meetings and entries of Unsorted.
    pub items: u64,
}

/// What goes along while it is open.
const KINDS: [&str; 5] = ["deal", "task", "meeting", "request", "unsorted"];

impl Store {
    /// Makes `to` responsible for clients, and owner of what is open with them and was their former
    /// employee's (or nobody's). What is closed stays as it is.
    ///
    /// # Errors
    /// When the database fails; what was handed over until then can be taken back.
    pub async fn hand_over(
        &self,
        which: &HandedOver,
        to: Uuid,
        now: i64,
        by: &Author,
    ) -> Result<HandOver, StoreError> {
        let mut done = HandOver {
            operation: Uuid::now_v7(),
            ..HandOver::default()
        };
        let change = self.begin().await?;
        parts::begin(&change, done.operation, ("hand_over", false), now, by).await?;
        change.commit().await?;
        match which {
            HandedOver::Contacts(ids) => {
                for ids in ids.chunks(AT_ONCE) {
                    self.hand_over_some(ids, to, &mut done, (now, by)).await?;
                }
            }
            HandedOver::AllOf(from) => {
                while let ids = self.some_of(*from).await?
                    && !ids.is_empty()
                {
                    self.hand_over_some(&ids, to, &mut done, (now, by)).await?;
                }
                self.rest_of(*from, to, &mut done, (now, by)).await?;
            }
        }
        Ok(done)
    }

    async fn some_of(&self, from: Uuid) -> Result<Vec<Uuid>, StoreError> {
        let some = contact::Entity::find()
            .select_only()
            .column(contact::Column::Id)
            .filter(contact::Column::ResponsibleId.eq(from))
            .filter(contact::Column::DeletedAt.is_null())
            .order_by_asc(contact::Column::Id)
            .limit(AT_ONCE as u64);
        Ok(some.into_tuple().all(&self.readers).await?)
    }

    async fn hand_over_some(
        &self,
        ids: &[Uuid],
        to: Uuid,
        done: &mut HandOver,
        (now, by): (i64, &Author),
    ) -> Result<(), StoreError> {
        let change = self.begin().await?;
        let rows: Vec<(Uuid, Option<Uuid>)> = contact::Entity::find()
            .select_only()
            .column(contact::Column::Id)
            .column(contact::Column::ResponsibleId)
            .filter(contact::Column::Id.is_in(ids.iter().copied()))
            .filter(contact::Column::DeletedAt.is_null())
            .into_tuple()
            .all(&change)
            .await?;
        let mut part = Part::default();
        for (former, clients) in by_former(rows, to) {
            let of = Condition::all().add(item::Column::ContactId.is_in(clients.iter().copied()));
            let owned = |owner| of.clone().add(owner);
            for (owner, which) in [
                (
                    former,
                    former.map(|former| item::Column::OwnerId.eq(former)),
                ),
                (None, Some(item::Column::OwnerId.is_null())),
            ] {
                if let Some(which) = which {
                    done.items +=
                        give(&change, owned(which), owner, to, &mut part, (now, by)).await?;
                }
            }
            done.contacts +=
                parts::point(&change, Linked::Responsible, &clients, former, Some(to)).await?;
            parts::tell(
                &change,
                &clients,
                "handed_over",
                &[("responsible", former, Some(to))],
                now,
                by,
            )
            .await?;
            part.links.push(Link {
                of: Linked::Responsible,
                rows: clients,
                before: former,
                after: Some(to),
            });
        }
        parts::add(&change, done.operation, &part, None, now, by).await?;
        Ok(change.commit().await?)
    }

    /// What is open of an employee beside his clients.
    async fn rest_of(
        &self,
        from: Uuid,
        to: Uuid,
        done: &mut HandOver,
        (now, by): (i64, &Author),
    ) -> Result<(), StoreError> {
        let change = self.begin().await?;
        let mut part = Part::default();
        let his = Condition::all()
            .add(item::Column::OwnerId.eq(from))
            .add(item::Column::ContactId.is_null());
        done.items += give(&change, his, Some(from), to, &mut part, (now, by)).await?;
        parts::add(&change, done.operation, &part, None, now, by).await?;
        Ok(change.commit().await?)
    }
}

/// Clients by who was responsible; those of `to` already are left out.
fn by_former(rows: Vec<(Uuid, Option<Uuid>)>, to: Uuid) -> Vec<(Option<Uuid>, Vec<Uuid>)> {
    let mut groups: Vec<(Option<Uuid>, Vec<Uuid>)> = Vec::new();
    for (id, former) in rows.into_iter().filter(|(_, former)| *former != Some(to)) {
        match groups.iter_mut().find(|(known, _)| *known == former) {
            Some((_, clients)) => clients.push(id),
            None => groups.push((former, vec![id])),
        }
    }
    groups
}

/// Open items of `owner` become those of `to`.
async fn give(
    change: &DatabaseTransaction,
    which: Condition,
    owner: Option<Uuid>,
    to: Uuid,
    part: &mut Part,
    (now, by): (i64, &Author),
) -> Result<u64, StoreError> {
    let open = which
        .add(item::Column::Kind.is_in(KINDS))
        .add(item::Column::IsOpen.eq(true))
        .add(item::Column::DeletedAt.is_null());
    let rows = ids::<item::Entity>(change, item::Column::Id, open).await?;
    let count = parts::point(change, Linked::ItemOwner, &rows, owner, Some(to)).await?;
    parts::tell(
        change,
        &rows,
        "handed_over",
        &[("owner", owner, Some(to))],
        now,
        by,
    )
    .await?;
    if !rows.is_empty() {
        part.links.push(Link {
            of: Linked::ItemOwner,
            rows,
            before: owner,
            after: Some(to),
        });
    }
    Ok(count)
}
